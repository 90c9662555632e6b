"""What people do on the pages, each step as one call that ends where the step ends."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.stock import PAID

ORDERS = "/admin/token_payments/tokenorder/"
ADDRESS = {
    "Billed to": "Harbour Logistics Ltd",
    "Street": "14 Quayside",
    "Postcode": "NE1 3DX",
    "Town or city": "Newcastle upon Tyne",
}
OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""
FOCUSED = """() => {
  const element = document.activeElement;
  return (element.labels?.[0]?.innerText || element.innerText || "").trim();
}"""
MAX_TABS = 20


def checkout_path(course: str = PAID) -> str:
    return f"/token-payments/checkout/{course}/"


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)


def open_tokens(page: Page) -> None:
    """By the navigation: the dashboard has a link of its own."""
    main = page.get_by_role("navigation", name="Main")
    main.get_by_role("link", name="Manage My Tokens", exact=True).click()


def heading(page: Page, text: str) -> Locator:
    return page.get_by_role("heading", name=text, exact=True)


def code_field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Token Code")


# --- Learners -------------------------------------------------------------------------------------
def enter_code(page: Page, code: str) -> None:
    """Type a code into the payment page, and select Next."""
    code_field(page).fill(code)
    button(page, "Next").click()


def open_review(page: Page, code: str, course: str = PAID) -> None:
    page.goto(checkout_path(course))
    enter_code(page, code)
    expect(heading(page, "Review your enrolment")).to_be_visible()


def finish(page: Page) -> None:
    """Select Finish, and arrive at the receipt."""
    button(page, "Finish").click()
    expect(heading(page, "You are enrolled")).to_be_visible()


def sign_in_here(page: Page, username: str) -> None:
    """Fill in the sign-in page that the browser was sent to."""
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("demo")
    page.locator("form.lms-form").get_by_role("button", name="Sign in").click()


# --- Course admins --------------------------------------------------------------------------------
def fill_order(page: Page, *, course: str, quantity: int) -> None:
    """A new order for the buyer of the demo, all but the group."""
    page.get_by_label("Buyer").fill("buyer")
    option = page.get_by_label("Course").locator("option", has_text=course)
    page.get_by_label("Course").select_option(option.get_attribute("value"))
    page.get_by_label("Number of tokens").fill(str(quantity))
    for label, text in ADDRESS.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Country").select_option("GB")


def save_order(page: Page) -> None:
    """Save, and arrive at the order's own page."""
    button(page, "Save Enrolment Token Order").click()
    expect(page.get_by_text("is requested. No tokens exist yet")).to_be_visible()


def ask_to_process(page: Page) -> None:
    """Change > Finish Processing, up to the question."""
    page.locator("summary", has_text="Change").click()
    link(page, "Finish Processing").click()
    expect(heading(page, "Approve this Token Order and generate its tokens?")).to_be_visible()


def expect_figures(page: Page, **figures: int) -> None:
    """The numbers in the order's head, by their label in lower case."""
    for name, number in figures.items():
        cell = page.locator(".tp-figures div", has_text=re.compile(f"^{name}", re.IGNORECASE))
        expect(cell.locator("dd")).to_have_text(str(number))


def open_tab(page: Page, name: str) -> None:
    page.locator(".tp-tabs").get_by_role("link", name=name, exact=True).click()
    current = page.locator(".tp-tabs [aria-current]", has_text=name)
    expect(current).to_be_visible()


def tab(page: Page) -> str:
    """Press Tab; what has the focus then, which must be seen."""
    page.keyboard.press("Tab")
    focused = str(page.evaluate(FOCUSED))
    assert page.evaluate(OUTLINE), f"no visible focus on {focused!r}"
    return focused


def tab_to(page: Page, text: str) -> list[str]:
    """Press Tab until ``text`` has the focus; what in the main part had it on the way."""
    passed = []
    for _ in range(MAX_TABS):
        focused = tab(page)
        if page.evaluate("() => !!document.activeElement.closest('main')"):
            passed.append(focused)
        if focused == text:
            return passed
    raise AssertionError(f"Tab never reaches {text!r}, only {passed}")
