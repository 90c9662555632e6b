"""An order's document in Chromium: on the screen, on paper and as a file, here and in the admin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from pypdf import PdfReader

from scripts.demo import REPOSITORY, Demo
from tests.browser import steps
from tests.browser.conftest import Visit
from tests.browser.inspection import Inspection

SET_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.test_invoice import set_up; set_up()"
)
ORDERS = ("invoice", "wallet", "cancelled", "unpriced", "long")


@pytest.fixture(scope="module")
def orders(demo: Demo) -> dict[str, int]:
    """The ids of a purchaser's orders by what is special about each."""
    return json.loads(demo.manage("shell", "--no-imports", "-c", SET_UP).splitlines()[-1])


def set_up() -> None:
    from datetime import timedelta
    from decimal import Decimal

    from django.utils import timezone

    from tests import factories
    from token_payments.assignments import operations as assignment_operations
    from token_payments.l10n.dates import end_of_day, last_day
    from token_payments.orders import operations as order_operations

    now = timezone.now()
    purchaser = factories.make_user("purchaser", name="Paula Purchaser", password="demo")
    key = "course-v1:Demo+INVOICE1+2026"
    factories.make_course(key, modes={"professional": 90}, display_name="Confined Spaces")
    item = factories.make_item(key, methods=["token_code"], title="Confined Spaces")
    tungsten = factories.make_type("Tungsten", days=365)
    tungsten.description = "Each Tungsten token admits one person to a course of level 3."
    tungsten.save()
    account = factories.make_account("Quay Logistics", managers=[purchaser])
    taxed = {"unit_price": Decimal("149.00"), "currency": "GBP", "tax_rate": Decimal(20)}

    def cancel(order, quantity, refund):
        assignment_operations.cancel_unused(
            order.pk,
            quantity=quantity,
            refund_amount=Decimal(refund),
            actor=purchaser,
            idempotency_key=f"{order.pk}-{quantity}-{order.cancellations.count()}",
            now=now,
        )

    invoice = factories.make_processed_order(
        item,
        buyer=purchaser,
        quantity=20,
        invoice_number="INV-2026-118",
        purchase_order="PO-77120",
        redeem_by=end_of_day(last_day(now) + timedelta(days=180)),
        **taxed,
    )
    cancel(invoice, 3, "536.40")
    wallet = factories.make_wallet_order(account, tungsten, buyer=purchaser, quantity=500, **taxed)
    cancelled = factories.make_processed_order(item, buyer=purchaser, quantity=5, **taxed)
    order_operations.cancel_order(
        cancelled.pk, actor=purchaser, now=now, refund_amount=Decimal(894)
    )
    unpriced = factories.make_wallet_order(account, tungsten, buyer=purchaser, quantity=12)
    lengthy = factories.make_processed_order(
        item,
        buyer=purchaser,
        quantity=100,
        invoice_number="INV-2026-119",
        purchase_order="PO" + "W" * 60,
        billing_name="Quay Logistics and Warehousing of the Northern Isles " * 4,
        **taxed,
    )
    for _ in range(60):
        cancel(lengthy, 1, "178.80")
    made = (invoice, wallet, cancelled, unpriced, lengthy)
    print(json.dumps(dict(zip(ORDERS, (order.pk for order in made), strict=True))))


@pytest.mark.parametrize("name", ORDERS)
def test_the_document_of_every_kind_of_order(
    visit: Visit, look: Inspection, orders: dict[str, int], size: ViewportSize, name: str
) -> None:
    page = open_document(visit("purchaser", size=size), orders[name])
    expect(page.get_by_role("link", name="Download PDF")).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text(f"TO-{orders[name]:06d}")
    look(page, name)


def test_the_buyer_prints_it_and_saves_it(
    visit: Visit, look: Inspection, orders: dict[str, int], tmp_path: Path
) -> None:
    page = open_document(visit("purchaser"), orders["invoice"])
    page.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1; }; }")
    steps.button(page, "Print").click()
    assert page.evaluate("window.printed") == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    assert download.value.suggested_filename == f"order-TO-{orders['invoice']:06d}.pdf"
    saved = tmp_path / "saved.pdf"
    download.value.save_as(saved)
    printed = {size: print_page(page, tmp_path, size) for size in ("A4", "Letter")}
    for said in (read(saved), *printed.values()):
        for text in (
            "due within 30 days",
            "INV-2026-118",
            "PO-77120",
            "£3,576.00",
            "-£536.40",
            "£3,039.60",
        ):
            assert text in said
    for said in printed.values():
        for text in ("Download PDF", "My orders", "Overview", "Sign out", "Skip"):
            assert text not in said


def test_without_scripts_there_is_the_file(
    visit: Visit, look: Inspection, orders: dict[str, int]
) -> None:
    page = open_document(visit("purchaser", scripts=False), orders["wallet"])
    expect(steps.button(page, "Print")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")


def test_the_course_admin_has_the_same(
    visit: Visit, look: Inspection, orders: dict[str, int], size: ViewportSize, tmp_path: Path
) -> None:
    page = visit("course_admin", size=size)
    page.goto(f"/admin/token_payments/tokenorder/{orders['invoice']}/change/")
    page.get_by_role("link", name="Invoice", exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("£3,039.60")
    look(page, "admin")
    said = print_page(page, tmp_path, "A4")
    assert "£3,039.60" in said
    assert "Log out" not in said
    assert "Finish Processing" not in said


def open_document(page: Page, order_id: int) -> Page:
    page.goto(f"/token-payments/tokens/orders/{order_id}/")
    page.get_by_role("link", name="Invoice", exact=True).click()
    return page


def print_page(page: Page, directory: Path, size: str) -> str:
    path = directory / f"{size}.pdf"
    page.pdf(path=path, format=size, print_background=True)
    assert len(PdfReader(path).pages) == 1
    return read(path)


def read(path: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())
