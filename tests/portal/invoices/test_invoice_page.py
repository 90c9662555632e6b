"""The document of an order in the portal: who sees it, what it says, and its file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ddt import data, ddt
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.invoicing.base import SELLER, DocumentCase, read_pdf, sold_by
from token_payments.assignments import operations as assignment_operations
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations

PAGE, FILE = "order_invoice", "order_invoice_pdf"


class InvoiceCase(DocumentCase):
    def get(self, user: Any, order: TokenOrder | int, name: str = PAGE) -> HttpResponse:
        order_id = order if isinstance(order, int) else order.pk
        self.client.force_login(user)
        return self.client.get(reverse(f"token_payments:{name}", kwargs={"order_id": order_id}))


@ddt
class WhoSeesItTest(InvoiceCase):
    @data(PAGE, FILE)
    def test_the_buyer_and_the_managers_of_the_account(self, name: str) -> None:
        manager = factories.make_user("manager")
        account = factories.make_account("Other", managers=[manager])
        order = self.order(account=account)
        for user in (self.buyer, manager):
            self.assertEqual(self.get(user, order, name).status_code, 200)

    @data(PAGE, FILE)
    def test_nobody_else(self, name: str) -> None:
        order = self.order(account=self.account)
        delegate = factories.make_user("delegate")
        assignment_operations.add_delegate(
            order, user=delegate, actor=self.buyer, now=timezone.now()
        )
        member = factories.make_user("member")
        self.account.members.create(user=member, role="member")
        stranger = factories.make_user("stranger")
        superuser = factories.make_user("root", is_superuser=True, is_staff=True)
        for user in (delegate, member, stranger, superuser):
            self.assertEqual(self.get(user, order, name).status_code, 404)
        overview = self.get(delegate, order, "order")
        self.assertNotContains(overview, "/invoice/")

    @data(PAGE, FILE)
    def test_visitors_sign_in_first(self, name: str) -> None:
        url = reverse(f"token_payments:{name}", kwargs={"order_id": self.order().pk})
        self.assertIn("/login", self.client.get(url)["Location"])

    @data(PAGE, FILE)
    def test_an_order_that_is_not_there(self, name: str) -> None:
        for order_id in (10**6, 2**63, 10**30):
            self.assertEqual(self.get(self.buyer, order_id, name).status_code, 404)

    @data(PAGE, FILE)
    def test_it_can_only_be_read(self, name: str) -> None:
        url = reverse(f"token_payments:{name}", kwargs={"order_id": self.order().pk})
        self.client.force_login(self.buyer)
        self.assertEqual(self.client.post(url).status_code, 405)


class PageTest(InvoiceCase):
    @sold_by(SELLER)
    def test_an_invoice_with_a_refund(self) -> None:
        order = self.processed(invoice_number="INV-1", purchase_order="<PO>", tax_rate=Decimal(20))
        self.cancel(order, 3, Decimal("536.40"))
        page = self.get(self.buyer, order)
        self.assertContains(page, "<title>Invoice INV-1</title>", html=True)
        for text in (
            "Nordlicht Training",
            "24103 Kiel",
            "IBAN DE12 3456",
            "Acme Ltd",
            "&lt;PO&gt;",
        ):
            self.assertContains(page, text)
        self.assertContains(page, "<dt>Tax 20%</dt><dd>£596.00</dd>", html=True)
        self.assertContains(page, "<dt>Total</dt><dd>£3,576.00</dd>", html=True)
        self.assertContains(page, "3 tokens cancelled")
        self.assertContains(page, "<dt>Balance</dt><dd>£3,039.60</dd>", html=True)
        self.assertContains(page, f'href="{self.file_url(order)}"')

    def test_an_order_without_a_price_says_as_agreed(self) -> None:
        page = self.get(self.buyer, self.wallet_order(unit_price=None, currency=""))
        self.assertContains(page, "Order request")
        self.assertContains(page, "Price as agreed")
        self.assertContains(page, "Any course of level 3")
        self.assertNotContains(page, "Cancellations and refunds")

    @sold_by(SELLER)
    def test_only_what_is_to_be_paid_says_how(self) -> None:
        order = self.order()
        self.assertNotContains(self.get(self.buyer, order), "IBAN")
        factories.process(order)
        self.assertContains(self.get(self.buyer, order), "IBAN")
        order_operations.cancel_order(order.pk, actor=self.buyer, now=timezone.now())
        self.assertNotContains(self.get(self.buyer, order), "IBAN")

    def test_a_cancelled_order_says_so(self) -> None:
        order = self.processed(3)
        order_operations.cancel_order(order.pk, actor=self.buyer, now=timezone.now())
        page = self.get(self.buyer, order)
        self.assertContains(page, "<strong>Cancelled</strong>", html=True)

    def test_a_type_with_markup_in_its_description_is_escaped(self) -> None:
        self.gold.description = "<script>alert(1)</script>"
        self.gold.save()
        page = self.get(self.buyer, self.wallet_order())
        self.assertContains(page, "&lt;script&gt;alert(1)")
        self.assertNotContains(page, "<script>alert(1)")

    def test_no_code_is_on_it(self) -> None:
        order = self.processed(3)
        page = self.get(self.buyer, order).content.decode()
        for code in factories.list_codes(order):
            self.assertNotIn(code, page)

    def test_in_the_readers_language(self) -> None:
        order = self.order()
        self.client.force_login(self.buyer)
        url = reverse("token_payments:order_invoice", kwargs={"order_id": order.pk})
        page = self.client.get(url, headers={"accept-language": "fr"})
        self.assertContains(page, "2\u202f980,00\xa0£GB")

    def test_the_same_queries_however_much_was_cancelled(self) -> None:
        order = self.processed(invoice_number="INV-1")
        self.get(self.buyer, order)
        for _ in range(2):
            # site, savepoint, session, user, order, steps, refunds, release; the host's header
            for name, most in ((PAGE, 9), (FILE, 8)):
                url = reverse(f"token_payments:{name}", kwargs={"order_id": order.pk})
                with self.assertNumQueries(most):
                    self.client.get(url)
            for _ in range(3):
                self.cancel(order, 1, 1)

    def file_url(self, order: TokenOrder) -> str:
        return reverse(f"token_payments:{FILE}", kwargs={"order_id": order.pk})


class FileTest(InvoiceCase):
    def test_the_pdf_is_downloaded_and_says_the_same(self) -> None:
        order = self.processed(invoice_number="INV-1")
        answer = self.get(self.buyer, order, FILE)
        self.assertEqual(answer["Content-Type"], "application/pdf")
        self.assertIn(f'filename="order-{order.number}.pdf"', answer["Content-Disposition"])
        self.assertTrue(answer["Content-Disposition"].startswith("attachment"))
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        said = read_pdf(answer.content)
        for text in ("Invoice", "INV-1", order.number, "£2,980.00", "Acme Ltd"):
            self.assertIn(text, said)
