"""The orders of an account, as its managers see them."""

from __future__ import annotations

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.portal.tokens.base import TokensCase
from token_payments import api


class OrdersPageTest(TokensCase):
    def order(self, quantity: int = 10, **fields):
        fields = {"unit_price": Decimal("12.50"), "currency": "GBP", **fields}
        return factories.make_wallet_order(
            self.account, self.gold, buyer=self.manager, quantity=quantity, **fields
        )

    def test_a_requested_order_says_that_it_waits(self) -> None:
        order = self.order(invoice_number="INV-1", purchase_order="<PO-7>")
        page = self.get(self.manager, "account_orders")
        for text in (order.number, "10 Gold", "Requested", "waits to be processed", "INV-1"):
            self.assertContains(page, text)
        self.assertContains(page, "£125.00")
        self.assertContains(page, "&lt;PO-7&gt;")
        self.assertNotContains(page, "Can be spent")

    def test_a_processed_one_says_what_is_left_and_what_was_refunded(self) -> None:
        order = factories.process(self.order())
        api.cancel_unused(
            order.pk,
            quantity=4,
            refund_amount=Decimal(50),
            actor=self.manager,
            idempotency_key="part",
            now=timezone.now(),
        )
        page = self.get(self.manager, "account_orders")
        self.assertContains(page, "<dt>Can be spent</dt><dd>6</dd>", html=True)
        self.assertContains(page, "<dt>Cancelled</dt><dd>4</dd>", html=True)
        self.assertContains(page, "<dd>£50.00</dd>", html=True)

    def test_an_account_without_orders_says_how_to_order(self) -> None:
        self.assertContains(self.get(self.manager, "account_orders"), "no orders for this account")

    def test_orders_of_other_accounts_are_not_shown(self) -> None:
        other = factories.make_account("Other")
        factories.make_wallet_order(other, self.gold, buyer=self.manager, quantity=99)
        self.assertNotContains(self.get(self.manager, "account_orders"), "99")

    def test_the_same_queries_for_many_orders(self) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                self.get(self.manager, "account_orders")
            return len(queries)

        factories.process(self.order())
        few = [count(), count()][1]
        for _ in range(6):
            factories.process(self.order())
        self.assertEqual(count(), few)

    def test_my_tokens_leads_managers_there_and_nobody_else(self) -> None:
        url = self.url("account_orders")
        self.client.force_login(self.manager)
        self.assertContains(self.client.get("/token-payments/tokens/"), f'href="{url}"')
        self.client.force_login(self.ann)
        self.assertNotContains(self.client.get("/token-payments/tokens/"), url)
