"""Checkout with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.browser.steps import tab, tab_to
from tests.browser.stock import PAID, Stock


def test_tab_and_enter_lead_from_the_course_to_the_receipt(
    visit: Visit, stock: Stock, look: Inspection
) -> None:
    page = visit(stock.take_learner())
    page.goto(f"/courses/{PAID}/about")
    tab_to(page, "Enrol")
    page.keyboard.press("Enter")
    expect(steps.heading(page, "How would you like to pay?")).to_be_visible()
    assert tab_to(page, "Next") == ["Token Code", "Back to the course page", "Next"]
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    look(page, "nothing-entered")
    assert tab(page) == "Enter your Token Code."
    page.keyboard.press("Enter")
    expect(steps.code_field(page)).to_be_focused()
    page.keyboard.type(stock.take_code())
    page.keyboard.press("Enter")
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    assert tab_to(page, "Finish") == ["Back", "Finish"]
    look(page, "finish-focused")
    page.keyboard.press("Enter")
    expect(steps.heading(page, "You are enrolled")).to_be_visible()
    assert tab_to(page, "Go to the course") == ["Print this receipt", "Go to the course"]
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("You are enrolled")


def test_the_skip_link_leads_past_the_header(visit: Visit, stock: Stock) -> None:
    page = visit(stock.take_learner())
    page.goto(steps.checkout_path())
    assert tab(page) == "Skip to the content"
    page.keyboard.press("Enter")
    assert tab(page) == "Token Code"


def test_the_change_menu_of_an_order_works_with_the_keyboard(visit: Visit) -> None:
    page = visit("course_admin")
    page.goto(f"{steps.ORDERS}1/change/")
    menu = page.locator(".tp-menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(steps.link(page, "Cancel")).to_be_visible()
    page.keyboard.press("Tab")
    expect(steps.link(page, "Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(steps.link(page, "Cancel")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
