"""Pages that no story passes, and the narrowest phones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import NARROW, Inspection
from tests.browser.stock import Stock

ADMIN = "/admin/token_payments/"
SETTINGS = ("enrolmentsettings/", "enrolmentsettings/add/")
ITEMS = ("catalogueitem/", "catalogueitem/add/", "catalogueitem/2/change/")
ORDERS = ("tokenorder/?status=processed", "tokenorder/1/cancel/", "tokenorder/2/tokens/")
REDEMPTIONS = ("redemption/", "redemption/1/change/")
PRIVACY = ("retirement/", "retirement/export/")
ORDER_1 = tuple(
    f"tokenorder/1/{name}/"
    for name in ("change", "tokens", "cancellations", "log", "cancel-tokens", "email-tokens")
)
COURSE = "course-v1:Demo+SAFE201+2026"
OF_COURSE = (
    f"/token-payments/courses/{COURSE}/payments/",
    f"/token-payments/courses/{COURSE}/payments/orders/",
)


@pytest.mark.parametrize(
    "pages",
    [SETTINGS, ITEMS, ORDERS, REDEMPTIONS, PRIVACY],
    ids=["settings", "items", "orders", "redemptions", "privacy"],
)
def test_the_admins_pages_on_a_desktop_and_on_the_narrowest_phone(
    visit: Visit, look: Inspection, pages: tuple[str, ...]
) -> None:
    page = visit("operator")
    for path in pages:
        open_page(page, ADMIN + path)
        look(page, name_of(path))
    page.set_viewport_size(NARROW)
    for path in pages:
        open_page(page, ADMIN + path)
        look.take_picture(page, f"{name_of(path)}-narrow")
        look.check_width(page, path)


def test_an_orders_pages_on_the_narrowest_phone(visit: Visit, look: Inspection) -> None:
    page = visit("course_admin")
    page.set_viewport_size(NARROW)
    for path in (*ORDER_1, "tokenorder/add/", "tokenorder/2/finish-processing/"):
        open_page(page, ADMIN + path)
        look.take_picture(page, name_of(path))
        look.check_width(page, path)


def test_the_pages_of_those_who_run_a_course(visit: Visit, look: Inspection) -> None:
    page = visit("operator")
    page.goto(f"/courses/{COURSE}/instructor")
    page.get_by_role("link", name="All payments of this course").click()
    expect(steps.heading(page, "Token payments")).to_be_visible()
    page.get_by_role("link", name="Token orders for this course").click()
    expect(steps.heading(page, "Token orders")).to_be_visible()
    for path in OF_COURSE:
        open_page(page, path)
        look(page, name_of(path.replace(COURSE, "course")))
    page.set_viewport_size(NARROW)
    for path in OF_COURSE:
        open_page(page, path)
        look.check_width(page, path)


def test_checkout_on_the_narrowest_phone(visit: Visit, stock: Stock, look: Inspection) -> None:
    page = visit(stock.take_learner())
    page.set_viewport_size(NARROW)
    page.goto(steps.checkout_path())
    steps.enter_code(page, "7KQ2-M4ZD")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "typing-error")
    code = stock.take_code()
    steps.code_field(page).fill(code)
    assert steps.code_field(page).evaluate("field => field.scrollWidth <= field.clientWidth")
    look.take_picture(page, "whole-code")
    steps.button(page, "Next").click()
    expect(steps.heading(page, "Review your enrolment")).to_be_visible()
    look(page, "review")
    steps.finish(page)
    look(page, "receipt")


def open_page(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.ok, f"{answer.status} for {path}"
    assert page.url.endswith(path), f"{path} leads to {page.url}"


def name_of(path: str) -> str:
    return path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-")
