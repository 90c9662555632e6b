"""A buyer names a helper, asks for tokens to be cancelled and withdraws that, in Chromium."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_cancelling import set_up; set_up()"
)


@pytest.fixture(scope="module")
def orders(demo: Demo) -> list[int]:
    """An order for each size, of five codes; two of them are somebody's."""
    return json.loads(demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1])


def set_up() -> None:
    from django.utils import timezone

    from tests import factories
    from token_payments.assignments import operations as assignment_operations

    key = "course-v1:Demo+CRANE9+2026"
    factories.make_course(key, modes={"verified": 90}, display_name="Slinging and Signalling")
    item = factories.make_item(key)
    buyer = factories.make_user("slingbuyer", name="Sue Sling", password="demo")
    factories.make_user("slinghelper", name="Hari Helper", password="demo")
    made = []
    for number in range(2):
        order = factories.make_processed_order(item, buyer=buyer, quantity=5)
        people = [
            assignment_operations.Recipient(f"rigger{number}{each}@example.com") for each in "ab"
        ]
        by = {"actor": buyer, "idempotency_key": f"sling{number}", "now": timezone.now()}
        assignment_operations.assign_codes(order.pk, people, **by)
        made.append(order.pk)
    print(json.dumps(made))


def test_tokens_are_asked_to_be_cancelled_and_that_is_withdrawn(
    visit: Visit, look: Inspection, orders: list[int], size: ViewportSize
) -> None:
    order = orders[0 if size["width"] > 1000 else 1]
    page = visit("slingbuyer", size=size)
    page.goto(f"/token-payments/tokens/orders/{order}/cancel/")
    expect(page.get_by_text("3 unused tokens can be cancelled")).to_be_visible()
    look(page, "form")
    page.get_by_label("Number of tokens").fill("4")
    steps.button(page, "Send request").click()
    expect(page.get_by_role("alert")).to_contain_text("2 more are unused but assigned")
    expect(page.get_by_role("alert")).to_be_focused()
    look(page, "too-many")
    page.get_by_label("Number of tokens").fill("3")
    page.get_by_label("Reason").fill("Three people left")
    steps.button(page, "Send request").dblclick(no_wait_after=True)
    expect(steps.heading(page, "Request to cancel 3 tokens")).to_be_visible()
    look(page, "asked")
    page.get_by_text("Withdraw the request").click()
    steps.button(page, "Yes, withdraw").click()
    expect(page.get_by_role("status")).to_contain_text("The request was withdrawn.")
    expect(page.locator(".tp-table tbody tr")).to_have_count(1)
    look(page, "withdrawn")


def test_a_helper_is_named_sees_the_order_and_is_removed(
    visit: Visit, look: Inspection, orders: list[int], size: ViewportSize
) -> None:
    order = orders[0 if size["width"] > 1000 else 1]
    page, helper = visit("slingbuyer", size=size), visit("slinghelper", size=size)
    address = f"/token-payments/tokens/orders/{order}/"
    page.goto(f"{address}helpers/")
    look(page, "nobody-yet")
    page.get_by_label("E-mail address or user name").fill("nobody@example.com")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody could be added")
    look(page, "unknown")
    page.get_by_label("E-mail address or user name").fill("SLINGHELPER@example.com")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Hari Helper").first).to_be_visible()
    look(page, "named")
    helper.goto(address)
    expect(steps.heading(helper, "Slinging and Signalling")).to_be_visible()
    expect(helper.get_by_role("link", name="Cancel", exact=True)).to_have_count(0)
    page.locator("summary").filter(has_text="Remove").click()
    look(page, "sure")
    steps.button(page, "Yes, remove").click()
    expect(page.get_by_role("status")).to_contain_text("see the order any more")
    answer = helper.goto(address)
    assert answer is not None
    assert answer.status == 404
