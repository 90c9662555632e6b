"""Reloading, going back, stale tabs and impatient fingers: a code pays once, nobody gets lost."""

from __future__ import annotations

from playwright.sync_api import ViewportSize, expect

from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.browser.stock import Stock


def test_the_review_can_be_reloaded(visit: Visit, stock: Stock) -> None:
    page = visit(stock.take_learner())
    steps.open_review(page, stock.take_code())
    page.reload()
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    steps.finish(page)
    page.reload()
    expect(steps.heading(page, "You are enrolled")).to_be_visible()


def test_back_after_finish_leads_to_the_course_or_the_same_receipt(
    visit: Visit, stock: Stock, look: Inspection, size: ViewportSize
) -> None:
    page = visit(stock.take_learner(), size=size)
    steps.open_review(page, stock.take_code())
    steps.finish(page)
    page.go_back()
    # never stored, so asked for again: the choice is spent, and the learner enrolled
    expect(steps.heading(page, "You are already enrolled")).to_be_visible()
    look(page, "back-after-finish")
    steps.link(page, "Go to the course").click()
    expect(page.get_by_role("main")).to_contain_text("in the mode professional")


def test_a_second_finish_from_a_stale_tab_leads_to_the_same_receipt(
    visit: Visit, stock: Stock
) -> None:
    page = visit(stock.take_learner())
    steps.open_review(page, stock.take_code())
    stale = page.context.new_page()
    stale.goto(page.url)
    expect(steps.heading(stale, "Review your enrolment")).to_be_visible()
    steps.finish(page)
    steps.finish(stale)
    assert stale.url == page.url


def test_going_back_to_payment_keeps_the_choice(visit: Visit, stock: Stock) -> None:
    page = visit(stock.take_learner())
    steps.open_review(page, stock.take_code())
    steps.link(page, "Back").click()
    expect(steps.heading(page, "How would you like to pay?")).to_be_visible()
    steps.link(page, "Continue to the review").click()
    steps.finish(page)


def test_one_code_in_two_browsers_enrols_one_learner(visit: Visit, stock: Stock) -> None:
    """Both are on Review with the same code; the second one's Finish takes nothing."""
    code = stock.take_code()
    first, second = visit(stock.take_learner()), visit(stock.take_learner())
    steps.open_review(first, code)
    steps.open_review(second, code)
    steps.finish(first)
    steps.button(second, "Finish").click()
    expect(second.get_by_role("alert")).to_contain_text("This code can't be used")


def test_an_admin_who_says_yes_twice_processes_once(visit: Visit) -> None:
    page = visit("course_admin")
    page.goto(f"{steps.ORDERS}add/")
    steps.fill_order(page, course="SAFE201", quantity=2)
    steps.save_order(page)
    steps.ask_to_process(page)
    stale = page.context.new_page()
    stale.goto(page.url)
    steps.button(page, "Yes").dblclick(no_wait_after=True)
    expect(page.locator(".tp-badge")).to_have_text("Processed")
    steps.button(stale, "Yes").click()
    expect(stale.get_by_text("This order has been processed already.")).to_be_visible()
    steps.expect_figures(stale, ordered=2, available=2)
