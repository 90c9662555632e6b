"""Orders of wallet tokens, and cancelling a part of any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.test import TestCase

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.models import TokenIssue, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.wallets.balances import get_balance

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
COURSE = "course-v1:Orders+W1+2026"


class CancelsUnused:
    """For cases with an ``admin``, who cancels a part of an order."""

    admin: Any

    def cancel_part(self, order: TokenOrder, quantity: int, **fields: Any):
        arguments = {
            "refund_amount": Decimal(0),
            "actor": self.admin,
            "idempotency_key": "key",
            "now": NOW,
        } | fields
        return assignment_operations.cancel_unused(order.pk, quantity=quantity, **arguments)


class WalletOrderTestCase(CancelsUnused, TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold = factories.make_type("Gold", days=30)
        cls.item = factories.make_shop(
            COURSE, modes={"verified": 149}, methods=["wallet"], token_prices={cls.gold: 7}
        )
        cls.admin, cls.learner = factories.make_user("admin"), factories.make_user("learner")
        cls.account = factories.make_account(members=[cls.learner])
        cls.wallet = factories.find_wallet(cls.account, cls.gold)

    def request(self, **fields: Any) -> TokenOrder:
        fields = {"now": NOW, "unit_price": Decimal("2.50"), "currency": "GBP", **fields}
        return factories.make_wallet_order(self.account, self.gold, buyer=self.admin, **fields)

    def processed(self, **fields: Any) -> TokenOrder:
        return self.process(self.request(**fields))

    def process(self, order: TokenOrder, now: datetime = NOW) -> TokenOrder:
        return order_operations.start_processing(order.pk, actor=self.admin, now=now)

    def cancel(self, order: TokenOrder, now: datetime = NOW, **fields: Any) -> TokenOrder:
        return order_operations.cancel_order(order.pk, actor=self.admin, now=now, **fields)

    def spend(self, now: datetime = NOW):
        return factories.pay(self.learner, self.item, self.wallet, now=now)

    def count(self, order: TokenOrder, now: datetime = NOW) -> order_queries.OrderCounts:
        return order_queries.count_order(TokenOrder.objects.get(pk=order.pk), now=now)

    def available(self, now: datetime = NOW) -> int:
        return get_balance(self.wallet, now).available

    def actions(self, order: TokenOrder) -> list[str]:
        return list(order.log.order_by("id").values_list("action", flat=True))

    def tearDown(self) -> None:
        """Whatever a test did: for every issue the sum of its entries is what remains."""
        sums = TokenIssue.objects.annotate(total=Sum("entries__amount"))
        assert not sums.exclude(remaining=F("total")).exists()
