"""Orders to write documents of, and what a PDF of one says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.conf import settings
from django.test import TestCase, override_settings
from pypdf import PdfReader

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.invoicing.order_document import OrderDocument, describe_order
from token_payments.models import TokenOrder

COURSE = "course-v1:Acme+Fire+2026"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SELLER = {
    "name": "Nordlicht Training",
    "address": ["Fjordweg 7", "24103 Kiel"],
    "email": "billing@nordlicht.example",
    "phone": "+49 431 123",
    "tax_number": "DE123456789",
    "registration": "HRB 77",
    "bank": ["IBAN DE12 3456"],
    "footer": "Due within 30 days.",
}


def find_order(pk: int) -> TokenOrder:
    """As the pages have it: with all that its document names."""
    related = ("item", "account", "token_type", "issue")
    return TokenOrder.objects.select_related(*related).get(pk=pk)


def describe(order: TokenOrder) -> OrderDocument:
    return describe_order(find_order(order.pk))


def sold_by(details: Mapping[str, Any]) -> Any:
    """With this seller in the settings."""
    return override_settings(TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, "SELLER": details})


def read_pdf(content: bytes) -> str:
    """All its text, with every space and line break as one space."""
    reader = PdfReader(BytesIO(content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


class DocumentCase(TestCase):
    """COURSE costs 149 GBP a code; Acme buys Gold, which has a description."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE, title="Fire Safety")
        cls.buyer = factories.make_user("buyer", name="Bea Buyer")
        cls.gold = factories.make_type("Gold", days=365)
        cls.gold.description = "Any course of level 3\nfor one person"
        cls.gold.save()
        cls.account = factories.make_account("Acme", managers=[cls.buyer])
        cls.account.reference = "C-1001"
        cls.account.save()

    def order(self, quantity: int = 20, **fields: Any) -> TokenOrder:
        fields = {"unit_price": Decimal(149), "currency": "GBP", "now": NOW, **fields}
        return factories.make_order(self.item, buyer=self.buyer, quantity=quantity, **fields)

    def processed(self, quantity: int = 20, **fields: Any) -> TokenOrder:
        return factories.process(self.order(quantity, **fields))

    def wallet_order(self, quantity: int = 100, **fields: Any) -> TokenOrder:
        fields = {"unit_price": Decimal("12.50"), "currency": "GBP", "now": NOW, **fields}
        return factories.make_wallet_order(
            self.account, self.gold, buyer=self.buyer, quantity=quantity, **fields
        )

    def cancel(self, order: TokenOrder, quantity: int, refund: Decimal | int) -> None:
        assignment_operations.cancel_unused(
            order.pk,
            quantity=quantity,
            refund_amount=Decimal(refund),
            actor=self.buyer,
            idempotency_key=f"{order.pk}-{order.cancellations.count()}",
            now=NOW,
        )
