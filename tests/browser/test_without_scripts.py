"""The same pages in a browser that runs no JavaScript."""

from __future__ import annotations

from playwright.sync_api import ViewportSize, expect

from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.browser.stock import COHORTED, PAID, Stock


def test_a_learner_pays_without_scripts(
    visit: Visit, stock: Stock, look: Inspection, size: ViewportSize
) -> None:
    code = stock.take_code()
    page = visit(stock.take_learner(), size=size, scripts=False)
    page.goto(f"/courses/{PAID}/about")
    steps.link(page, "Enrol").click()
    look.take_picture(page, "payment")
    steps.enter_code(page, "nonsense")
    error = page.locator(".tp-error", has_text="typing error")
    expect(error).to_be_visible()
    look.take_picture(page, "typing-error")
    steps.enter_code(page, f" {code.lower()} ")
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    look.take_picture(page, "review")
    steps.finish(page)
    expect(steps.button(page, "Print this receipt")).to_be_hidden()
    look.take_picture(page, "receipt")
    steps.link(page, "Go to the course").click()
    expect(page.get_by_role("main")).to_contain_text("in the mode professional")


def test_a_strangers_link_is_kept_through_sign_in_without_scripts(
    visit: Visit, stock: Stock
) -> None:
    page = visit(scripts=False)
    page.goto(f"{steps.checkout_path()}?code={stock.take_code()}")
    steps.sign_in_here(page, stock.take_learner())
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    steps.finish(page)


def test_an_order_is_made_and_processed_without_scripts(visit: Visit, look: Inspection) -> None:
    """The group is typed: a wrong one is answered with those that there are."""
    page = visit("course_admin", scripts=False)
    page.goto(f"{steps.ORDERS}add/")
    page.get_by_label("Group").fill("Nobody's team")
    steps.fill_order(page, course=COHORTED, quantity=4)
    steps.button(page, "Save Enrolment Token Order").click()
    expect(page.locator(".errorlist")).to_contain_text("Its groups: Evening team, North team")
    look.take_picture(page, "unknown-group")
    page.get_by_label("Group").fill("Evening team")
    steps.save_order(page)
    steps.ask_to_process(page)
    steps.button(page, "Yes").click()
    # while it is processing the page asks for itself again
    expect(page.locator(".tp-badge")).to_have_text("Processed")
    steps.expect_figures(page, ordered=4, available=4)
    look.take_picture(page, "processed")
    steps.link(page, "Cancel Tokens").click()
    page.get_by_label("Number of tokens").fill("1")
    steps.button(page, "Save Token Order Cancellation").click()
    expect(page.locator(".errorlist")).to_contain_text("These tokens did cost £384.00")
    page.get_by_label("Refund amount").fill("384")
    steps.button(page, "Save Token Order Cancellation").click()
    steps.expect_figures(page, available=3, cancelled=1)
