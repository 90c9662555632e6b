"""The course admin's side of what buyers ask for, on a desktop, on a phone and without scripts."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

NOTE = "Please invoice before the end of March."
ADDRESS = "a.person.with.quite.a.long.address@northgate-homes.example.org"
ASK = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_admin_requests import ask; ask()"
)


@pytest.fixture
def asked(demo: Demo) -> dict[str, int]:
    """The numbers of a requested order, and of one of which three tokens are to be cancelled."""
    numbers: dict[str, int] = json.loads(
        demo.manage("shell", "--no-imports", "-c", ASK).splitlines()[-1]
    )
    return numbers


def ask() -> None:
    """Runs in the demo: what the buyer did."""
    import uuid
    from decimal import Decimal

    from django.utils import timezone

    from tests import factories
    from tests.browser.stock import PAID
    from token_payments.assignments import operations as assignment_operations
    from token_payments.models import CatalogueItem

    now, buyer = timezone.now(), factories.find_user("buyer")
    item = CatalogueItem.objects.get(item_key=PAID)
    requested = factories.make_order(item, buyer=buyer, quantity=20, note=NOTE)
    order = factories.make_processed_order(item, buyer=buyer, quantity=12, tax_rate=Decimal(20))
    who = {"actor": buyer, "now": now}
    people = [
        assignment_operations.Recipient(ADDRESS, ""),
        assignment_operations.Recipient("joe@northgate.example", "Joe Lindqvist"),
    ]
    assignment_operations.assign_codes(order.pk, people, idempotency_key=uuid.uuid4().hex, **who)
    wish = {"quantity": 3, "reason": "Three people left", "idempotency_key": uuid.uuid4().hex}
    assignment_operations.request_cancellation(order.pk, **wish, **who)
    print(json.dumps({"requested": requested.pk, "processed": order.pk}))


def open_order(page: Page, number: int) -> None:
    page.goto(f"{steps.ORDERS}{number}/change/")
    expect(steps.heading(page, f"Token Order TO-{number:06d}")).to_be_visible()


def test_a_request_is_found_and_declined_with_a_reason(
    visit: Visit, asked: dict[str, int], look: Inspection, size: ViewportSize
) -> None:
    number = asked["requested"]
    page = visit("course_admin", size=size)
    page.goto(steps.ORDERS)
    page.locator("#changelist-filter").get_by_role("link", name="Requested (").click()
    row = page.locator("#result_list tr", has_text=f"TO-{number:06d}")
    expect(row).to_contain_text("Note: Please invoice")
    look(page, "requested-orders")
    steps.link(row, f"TO-{number:06d}").click()
    expect(page.get_by_text(NOTE)).to_be_visible()
    look(page, "request")
    page.locator("summary", has_text="Change").click()
    steps.link(page, "Decline").click()
    expect(steps.heading(page, "Decline this Token Order?")).to_be_visible()
    steps.button(page, "Decline order").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    look(page, "reason-missing")
    page.get_by_label("Reason").fill("The course is full until May.")
    steps.button(page, "Decline order").click()
    expect(page.get_by_text("The buyer is told by e-mail.")).to_be_visible()
    expect(page.get_by_text("The course is full until May.")).to_be_visible()
    look(page, "declined")


def test_a_wish_to_cancel_is_granted(
    visit: Visit, asked: dict[str, int], look: Inspection, size: ViewportSize
) -> None:
    page = visit("course_admin", size=size)
    page.goto(f"{steps.ORDERS}?status=cancellation_requested")
    expect(page.locator("#result_list").get_by_text("asks to cancel 3").first).to_be_visible()
    look(page, "wishes")
    open_order(page, asked["processed"])
    steps.open_tab(page, "Tokens")
    expect(page.get_by_text(ADDRESS)).to_be_visible()
    look(page, "whom-tokens-were-given")
    steps.link(page, "Grant").click()
    expect(page.get_by_label("Refund amount")).to_have_value("")
    expect(page.get_by_text("These tokens did cost £536.40.")).to_be_visible()
    look(page, "grant")
    page.get_by_label("Refund amount").fill("536.40")
    steps.button(page, "Grant").click()
    expect(page.get_by_text("3 tokens were cancelled, £536.40 refunded.")).to_be_visible()
    steps.expect_figures(page, available=9, cancelled=3)
    expect(steps.heading(page, "Cancellation requested")).to_have_count(0)
    look(page, "granted")


def test_a_wish_is_declined_and_a_helper_named_without_scripts(
    visit: Visit, asked: dict[str, int], look: Inspection
) -> None:
    page = visit("course_admin", scripts=False)
    page.goto(f"{steps.ORDERS}{asked['processed']}/decline-cancellation/")
    page.get_by_label("Answer").fill("Two weeks too late.")
    steps.button(page, "Decline request").click()
    expect(page.get_by_text("The request is declined.")).to_be_visible()
    expect(page.get_by_text("Two weeks too late.")).to_be_visible()
    look.take_picture(page, "answered")
    page.goto(f"{steps.ORDERS}{asked['processed']}/helpers/")
    page.get_by_label("Person").fill("learner1")
    steps.button(page, "Add").click()
    expect(page.get_by_text("helps with this order now")).to_be_visible()
    look.take_picture(page, "helper")
    steps.button(page, "Remove Amara Singh").click()
    expect(page.get_by_text("Nobody helps with this order yet.")).to_be_visible()


def test_the_price_follows_the_token_type_until_another_is_entered(
    visit: Visit, look: Inspection
) -> None:
    page = visit("operator")
    page.goto("/admin/token_payments/tokentype/1/change/")
    page.get_by_label("Price per token").fill("45.50")
    steps.button(page, "Save Token Type").click()
    expect(page.get_by_text("Enter the currency of the price")).to_be_visible()
    look(page, "currency-missing")
    page.get_by_label("Currency").fill("GBP")
    steps.button(page, "Save Token Type").click()
    page.goto(f"{steps.ORDERS}add/?kind=wallet")
    price = page.get_by_label("Price per token")
    types = page.get_by_label("Token type")
    types.select_option("1")
    expect(price).to_have_value("45.50")
    expect(page.get_by_label("Currency")).to_have_value("GBP")
    types.select_option("")
    expect(price).to_have_value("")
    price.fill("40")
    types.select_option("1")
    expect(price).to_have_value("40")
    look(page, "price")
    page.goto("/admin/token_payments/tokentype/1/change/")  # as other stories know it
    page.get_by_label("Price per token").fill("")
    page.get_by_label("Currency").fill("")
    steps.button(page, "Save Token Type").click()
