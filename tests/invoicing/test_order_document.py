"""The facts of documents."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from ddt import data, ddt, unpack
from django.test import override_settings

from tests.invoicing.base import COURSE, NOW, SELLER, DocumentCase, describe, find_order, sold_by
from token_payments.invoicing.order_document import (
    Credit,
    DocumentKind,
    DocumentLine,
    Mark,
    Seller,
    describe_order,
    read_seller,
)
from token_payments.l10n.dates import end_of_day
from token_payments.models import OrderStatus
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries


class KindTest(DocumentCase):
    def test_a_requested_order_is_a_request_even_with_an_invoice_number(self) -> None:
        document = describe(self.order(invoice_number="INV-1"))
        self.assertEqual(document.kind, DocumentKind.REQUEST)
        self.assertEqual(document.issued_on, date(2026, 11, 22))

    def test_a_processed_one_with_an_invoice_number_is_an_invoice_of_that_day(self) -> None:
        order = self.processed(invoice_number="INV-1", purchase_order="PO-7")
        order.log.filter(action="processed").update(created_at=NOW + timedelta(days=2))
        document = describe(order)
        self.assertEqual(document.kind, DocumentKind.INVOICE)
        self.assertEqual(document.invoice_number, "INV-1")
        self.assertEqual(document.purchase_order, "PO-7")
        self.assertEqual(document.ordered_on, date(2026, 11, 22))
        self.assertEqual(document.issued_on, date(2026, 11, 24))

    def test_without_a_number_it_is_a_confirmation(self) -> None:
        self.assertEqual(describe(self.processed()).kind, DocumentKind.CONFIRMATION)

    def test_while_codes_are_made_it_is_a_confirmation(self) -> None:
        order = self.order(invoice_number="INV-1")
        order_operations.start_processing(order.pk, actor=self.buyer, now=NOW)
        self.assertEqual(describe(order).kind, DocumentKind.CONFIRMATION)

    def test_an_invoice_stays_one_when_its_order_is_cancelled(self) -> None:
        order = self.processed(invoice_number="INV-1")
        order_operations.cancel_order(order.pk, actor=self.buyer, now=NOW + timedelta(days=1))
        document = describe(order)
        self.assertEqual((document.kind, document.mark), (DocumentKind.INVOICE, Mark.CANCELLED))
        self.assertEqual(document.status, OrderStatus.CANCELLED)
        self.assertEqual(document.ended_on, date(2026, 11, 23))

    def test_a_withdrawn_request_says_when_it_ended(self) -> None:
        order = self.order()
        order_operations.withdraw_order(order.pk, actor=self.buyer, now=NOW + timedelta(days=1))
        document = describe(order)
        self.assertEqual((document.kind, document.mark), (DocumentKind.REQUEST, Mark.CANCELLED))
        self.assertEqual(document.ended_on, date(2026, 11, 23))

    def test_a_declined_request_is_marked_so_with_or_without_a_reason(self) -> None:
        for reason in ("No budget", ""):
            order = self.order()
            order_operations.decline_order(order.pk, reason=reason, actor=self.buyer, now=NOW)
            document = describe(order)
            self.assertEqual((document.kind, document.mark), (DocumentKind.REQUEST, Mark.DECLINED))

    def test_days_are_those_of_the_sites_zone(self) -> None:
        late = NOW.replace(hour=23, minute=30)
        with override_settings(TOKEN_PAYMENTS={"TIME_ZONE": "Europe/Berlin"}):
            document = describe(self.order(now=late, redeem_by=end_of_day(date(2027, 1, 31))))
        self.assertEqual(document.ordered_on, date(2026, 11, 23))


class LinesTest(DocumentCase):
    def test_codes_are_a_line_with_the_course(self) -> None:
        document = describe(self.processed(redeem_by=end_of_day(date(2027, 1, 31))))
        line = DocumentLine("Fire Safety", "", 20, Decimal(149), Decimal(2980))
        self.assertEqual(document.lines, [line])
        self.assertEqual(document.last_day, date(2027, 1, 31))
        self.assertFalse(document.for_wallet)

    def test_a_course_without_a_title_is_named_by_its_key(self) -> None:
        self.item.title = ""
        self.item.save()
        self.assertEqual(describe(self.order()).lines[0].name, COURSE)

    def test_wallet_tokens_are_a_line_with_the_types_description(self) -> None:
        document = describe(self.wallet_order())
        text = "Any course of level 3\nfor one person"
        line = DocumentLine("Gold", text, 100, Decimal("12.5"), Decimal(1250))
        self.assertEqual(document.lines, [line])
        self.assertEqual((document.account, document.account_reference), ("Acme", "C-1001"))
        self.assertEqual((document.last_day, document.days_of_use), (None, 365))

    def test_issued_tokens_have_the_last_day_of_their_issue(self) -> None:
        order = self.wallet_order(redeem_by=end_of_day(date(2027, 5, 1)))
        self.assertEqual(describe(order).last_day, date(2027, 5, 1))
        order_operations.start_processing(order.pk, actor=self.buyer, now=NOW)
        issue = find_order(order.pk).issue
        issue.expires_at = end_of_day(date(2028, 5, 1))
        issue.save()
        document = describe(order)
        self.assertEqual((document.last_day, document.days_of_use), (date(2028, 5, 1), None))

    def test_the_address_has_no_empty_lines(self) -> None:
        order = self.order(billing_street=" 1 High Street \r\n\r\nFloor 2", billing_region="")
        document = describe(order)
        wanted = ["Acme Ltd", "1 High Street", "Floor 2", "London SW1A 1AA", "United Kingdom"]
        self.assertEqual(document.billed_to, wanted)

    def test_a_street_of_many_lines_is_written_in_one(self) -> None:
        document = describe(self.order(billing_street="\n".join(["x"] * 200)))
        self.assertEqual(len(document.billed_to), 4)
        self.assertEqual(document.billed_to[1].count("x"), 200)


class MoneyTest(DocumentCase):
    def test_tax_comes_on_top(self) -> None:
        document = describe(self.order(3, unit_price=Decimal("9.99"), tax_rate=Decimal("7.7")))
        self.assertEqual(document.net, Decimal("29.97"))
        self.assertEqual(document.tax, Decimal("2.31"))  # 2.30769, half up
        self.assertEqual(document.total, Decimal("32.28"))
        self.assertEqual(document.balance, document.total)

    def test_an_order_without_tax_says_nothing_of_it(self) -> None:
        document = describe(self.order())
        self.assertIsNone(document.tax_rate)
        self.assertEqual((document.net, document.total), (Decimal(2980), Decimal(2980)))

    def test_refunds_are_credits_tax_included(self) -> None:
        order = self.processed(tax_rate=Decimal(20))
        self.cancel(order, 3, Decimal("536.40"))
        self.cancel(order, 1, 0)
        document = describe(order)
        day = date(2026, 11, 22)
        credits_ = [Credit(day, 3, Decimal("-536.40")), Credit(day, 1, Decimal(0))]
        self.assertEqual(document.credits, credits_)
        self.assertFalse(document.credits[1].amount.is_signed())
        self.assertEqual(document.refunded, Decimal("536.40"))
        self.assertEqual(document.balance, Decimal("3039.60"))
        self.assertEqual(document.balance, order_queries.compute_refund_limit(order))

    def test_an_order_cancelled_before_it_was_processed_is_owed_by_nobody(self) -> None:
        order = self.order()
        order_operations.cancel_order(order.pk, actor=self.buyer, now=NOW)
        document = describe(order)
        self.assertEqual(document.voided, Decimal(2980))
        self.assertEqual((document.credits, document.balance), ([], Decimal(0)))

    def test_one_cancelled_afterwards_is_paid_but_for_its_refund(self) -> None:
        order = self.processed()
        order_operations.cancel_order(
            order.pk, actor=self.buyer, now=NOW, refund_amount=Decimal(1000)
        )
        document = describe(order)
        self.assertEqual([credit.quantity for credit in document.credits], [20])
        self.assertEqual((document.voided, document.balance), (Decimal(0), Decimal(1980)))

    def test_an_order_without_a_price_has_no_amounts_but_its_refunds(self) -> None:
        order = self.wallet_order(unit_price=None, currency="", tax_rate=Decimal(20))
        order_operations.start_processing(order.pk, actor=self.buyer, now=NOW)
        self.cancel(order, 40, 99)
        document = describe(order)
        self.assertEqual(document.lines[0].net, None)
        self.assertEqual((document.net, document.total, document.balance), (None, None, None))
        self.assertEqual((document.refunded, document.tax_rate), (Decimal(99), None))

    def test_the_same_queries_however_much_was_cancelled(self) -> None:
        order = self.processed()
        for _ in range(5):
            self.cancel(order, 1, 1)
        found = find_order(order.pk)
        with self.assertNumQueries(2):  # and the issue of a wallet order that isn't at hand
            describe_order(found)


@ddt
class SellerTest(DocumentCase):
    @sold_by(SELLER)
    def test_the_seller_is_that_of_the_settings(self) -> None:
        seller = describe(self.order()).seller
        self.assertEqual((seller.name, seller.tax_number), ("Nordlicht Training", "DE123456789"))
        self.assertEqual((seller.address, seller.bank), (SELLER["address"], SELLER["bank"]))

    @data(
        ({}, Seller(address=[], bank=[])),
        ({"name": None, "address": None}, Seller(address=[], bank=[])),
        ({"address": "A\n\n B "}, Seller(address=["A", "B"], bank=[])),
        ({"phone": 123, "bank": ("x", 7)}, Seller(phone="123", address=[], bank=["x", "7"])),
        ({"unknown": 1}, Seller(address=[], bank=[])),
    )
    @unpack
    def test_settings_are_read_kindly(self, details, seller) -> None:
        self.assertEqual(read_seller(details), seller)
