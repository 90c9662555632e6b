"""The order's document on the admin's pages of an order."""

from __future__ import annotations

from decimal import Decimal

from tests import factories
from tests.admin.base import AdminCase
from tests.invoicing.base import read_pdf


class InvoiceTest(AdminCase):
    def test_who_may_see_the_order_sees_its_document_and_the_pdf(self) -> None:
        order = factories.make_processed_order(
            self.item, buyer=self.buyer, quantity=20, invoice_number="INV-1", tax_rate=Decimal(20)
        )
        self.sign_in("view_tokenorder")
        page = self.read(self.order_page(order))
        self.assertIn(self.order_page(order, "invoice"), page)
        page = self.read(self.order_page(order, "invoice"))
        for text in ("INV-1", "£3,576.00", "Acme Ltd", self.order_page(order, "invoice_pdf")):
            self.assertIn(text, page)
        answer = self.client.get(self.order_page(order, "invoice_pdf"))
        self.assertEqual(answer["Content-Type"], "application/pdf")
        self.assertIn("£3,576.00", read_pdf(answer.content))

    def test_others_do_not(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)
        self.sign_in("view_catalogueitem")
        for page in ("invoice", "invoice_pdf"):
            self.assertEqual(self.client.get(self.order_page(order, page)).status_code, 403)
        self.client.force_login(self.buyer)
        for page in ("invoice", "invoice_pdf"):
            self.assertEqual(self.client.get(self.order_page(order, page)).status_code, 302)

    def test_of_an_order_that_is_not_there_is_none(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)
        url = self.order_page(order, "invoice").replace(f"/{order.pk}/", "/999999999/")
        self.assertEqual(self.client.get(url).status_code, 404)
