"""A buyer requests tokens in Chromium: desktop, phone, keyboard, no scripts; and what follows."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection
from tests.enqueued import unheard

COURSE = "Slate Roofing"
SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_requesting import set_up; set_up()"
)
START = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_requesting import start; start({order_id})"
)
FINISH = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_requesting import finish; finish({order_id})"
)


@pytest.fixture(scope="module")
def names(demo: Demo) -> list[str]:
    """For each test a manager of an account of their own."""
    return json.loads(demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1])


def set_up() -> None:
    """A course for 90 a seat, a type of tokens for 4.50 each, and six accounts."""
    from decimal import Decimal

    from django.contrib.auth.hashers import make_password

    from scripts.browser import PASSWORD
    from tests import factories
    from token_payments.models import TokenType

    key = "course-v1:Demo+SLATE1+2026"
    factories.make_course(key, modes={"professional": 90}, display_name=COURSE)
    factories.make_item(key)
    TokenType.objects.create(name="Cobalt", unit_price=Decimal("4.5"), currency="GBP")
    made = [f"client{number}" for number in range(6)]
    for name in made:
        user = factories.make_user(name, name=f"{name.title()} Kerr", password=None)
        type(user).objects.filter(pk=user.pk).update(password=make_password(PASSWORD))
        factories.make_account(f"Slate & Sons {name}", managers=[user])
    print(json.dumps(made))


def start(order_id: int) -> None:
    """Have the order processed by nobody, so that it stays under way."""
    from django.utils import timezone

    from tests import factories
    from token_payments.orders import operations as order_operations

    unheard(order_operations.start_processing)(
        order_id, actor=factories.find_user("course_admin"), now=timezone.now()
    )


def finish(order_id: int) -> None:
    from django.utils import timezone

    from token_payments.orders import operations as order_operations

    order_operations.generate(order_id, clock=timezone.now)


def test_a_request_from_the_empty_page_to_the_tokens(
    demo: Demo, visit: Visit, look: Inspection, names: list[str], size: ViewportSize
) -> None:
    name = names[0] if size["width"] > 1000 else names[1]
    page = visit(name, size=size)
    open_home(page)
    expect(page.get_by_text("You have no orders yet.")).to_be_visible()
    look(page, "nothing-yet")
    steps.link(page, "Request Token Order").click()
    look(page, "request")
    fill(page, quantity="0")
    steps.button(page, "Next").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    look(page, "errors")
    page.get_by_label("Number Of Tokens").fill("20")
    page.get_by_label("Purchase order number").fill(f"PO-{name}")
    steps.button(page, "Next").click()
    expect(steps.heading(page, "Review your request")).to_be_visible()
    expect(page.locator(".tp-money tfoot")).to_contain_text("£2,160.00")
    look(page, "review")
    steps.button(page, "Save Enrolment Token Order").dblclick(no_wait_after=True)
    expect(page.get_by_role("status")).to_contain_text("Your order is requested.")
    look(page, "requested")
    order_id = int(re.search(r"/orders/(\d+)/", page.url)[1])
    under_way(demo, page, look, order_id)
    open_home(page)
    expect(page.locator(".tp-order")).to_have_count(1)
    expect(page.locator(".tp-order")).to_contain_text("20 available")
    look(page, "home")
    steps.link(page, "All orders").click()
    page.get_by_label("Search for a number").fill(f"po-{name}")
    page.get_by_label("Status").select_option("processed")
    steps.button(page, "Show").click()
    expect(page.get_by_role("status")).to_have_text("1 order found")
    look(page, "found")


def under_way(demo: Demo, page: Page, look: Inspection, order_id: int) -> None:
    """The overview follows the work by itself."""
    demo.manage("shell", "--no-imports", "-c", START.format(order_id=order_id))
    page.goto(f"/token-payments/tokens/orders/{order_id}/")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("Reload this page")).to_be_hidden()
    look(page, "processing")
    demo.manage("shell", "--no-imports", "-c", FINISH.format(order_id=order_id))
    expect(steps.heading(page, "The tokens are ready")).to_be_visible()
    look(page, "processed")


def test_wallet_tokens_without_scripts(visit: Visit, look: Inspection, names: list[str]) -> None:
    page = visit(names[2], scripts=False)
    open_home(page)
    steps.link(page, "Request Token Order").click()
    page.get_by_label("Tokens for an account").check()
    expect(page.get_by_label("Course", exact=True)).to_be_hidden()
    page.get_by_label("Account", exact=True).select_option(label=f"Slate & Sons {names[2]}")
    page.get_by_label("Type of tokens").select_option(label="Cobalt – £4.50 each")
    fill_address(page, quantity="100")
    look.take_picture(page, "request")
    steps.button(page, "Next").click()
    expect(page.locator(".tp-money")).to_contain_text("100 Cobalt × £4.50")
    steps.button(page, "Change").click()
    expect(page.get_by_label("Tokens for an account")).to_be_checked()
    page.get_by_label("Number Of Tokens").fill("200")
    steps.button(page, "Next").click()
    look.take_picture(page, "review")
    steps.button(page, "Save Enrolment Token Order").click()
    expect(page.get_by_role("status")).to_contain_text("Your order is requested.")
    expect(page.get_by_role("main")).to_contain_text("200")
    page.reload()
    open_home(page)
    expect(page.locator(".tp-order")).to_have_count(1)


def test_reloading_a_page_on_the_way_orders_nothing_more(
    visit: Visit, look: Inspection, names: list[str]
) -> None:
    page = visit(names[3])
    page.goto("/token-payments/tokens/orders/request/")
    fill(page, quantity="2")
    steps.button(page, "Next").click()
    expect(steps.heading(page, "Review your request")).to_be_visible()
    page.reload()
    steps.button(page, "Save Enrolment Token Order").click()
    expect(page.get_by_role("status")).to_contain_text("Your order is requested.")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
    page.goto("/token-payments/tokens/orders/")
    expect(page.locator(".tp-order")).to_have_count(1)


def test_with_the_keyboard_alone(visit: Visit, look: Inspection, names: list[str]) -> None:
    page = visit(names[4])
    page.goto("/token-payments/tokens/")
    steps.link(page, "Request Token Order").focus()
    page.keyboard.press("Enter")
    expect(steps.heading(page, "Request Token Order")).to_be_visible()
    fill_address(page, quantity="3")
    steps.button(page, "Next").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Course", exact=True)).to_be_focused()
    page.keyboard.type("Slate")
    steps.button(page, "Next").focus()
    page.keyboard.press("Enter")
    expect(steps.heading(page, "Review your request")).to_be_visible()
    steps.button(page, "Save Enrolment Token Order").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your order is requested.")


def open_home(page: Page) -> None:
    page.goto("/dashboard")
    steps.open_tokens(page)
    expect(steps.heading(page, "Manage My Tokens")).to_be_visible()


def fill(page: Page, *, quantity: str) -> None:
    course = page.get_by_label("Course", exact=True)
    course.select_option(course.locator("option", has_text=COURSE).get_attribute("value"))
    fill_address(page, quantity=quantity)


def fill_address(page: Page, *, quantity: str) -> None:
    page.get_by_label("Number Of Tokens").fill(quantity)
    for label, text in steps.ADDRESS.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Country").select_option("GB")
