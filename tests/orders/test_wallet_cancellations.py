"""Orders of wallet tokens: taken back as far as they are unspent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from ddt import data, ddt

from tests import factories
from tests.orders.base import DAY, NOW, WalletOrderTestCase
from token_payments.errors import (
    InvalidTransition,
    NotEnoughUnused,
    RefundTooHigh,
)
from token_payments.models import EntryKind, LedgerEntry, OrderStatus, TokenIssue, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets.returns import give_back


class CancelTest(WalletOrderTestCase):
    def test_a_requested_order_is_cancelled_without_tokens(self) -> None:
        order = self.cancel(self.request())
        assert order.status == OrderStatus.CANCELLED
        assert not order.cancellations.exists()
        with pytest.raises(InvalidTransition):
            self.process(order)

    def test_an_order_whose_worker_died_is_cancelled(self) -> None:
        order = self.request()
        TokenOrder.objects.update(status=OrderStatus.PROCESSING)
        assert self.cancel(order).status == OrderStatus.CANCELLED
        assert not TokenIssue.objects.exists()

    def test_what_is_unspent_is_taken_back_and_what_is_spent_stays(self) -> None:
        order = self.processed()
        self.spend()
        self.cancel(order, refund_amount=Decimal("7.50"), reason="bankrupt")
        assert self.available() == 0
        assert self.count(order) == order_queries.OrderCounts(redeemed=7, cancelled=3)
        [cancellation] = order.cancellations.all()
        assert (cancellation.quantity, cancellation.refund_amount) == (3, Decimal("7.50"))
        assert (cancellation.reason, cancellation.currency) == ("bankrupt", "GBP")
        entry = LedgerEntry.objects.get(kind=EntryKind.CANCELLATION)
        assert (entry.amount, entry.actor, entry.reason) == (-3, self.admin, "bankrupt")

    def test_other_issues_of_the_wallet_are_not_touched(self) -> None:
        factories.issue_tokens(self.account, self.gold, 5, now=NOW, expires_at=NOW + DAY)
        order = self.processed()
        self.spend()  # 5 of the other issue and 2 of the order's
        self.cancel(order)
        assert self.count(order) == order_queries.OrderCounts(redeemed=2, cancelled=8)
        assert self.available() == 0

    def test_nothing_unspent_is_nothing_cancelled(self) -> None:
        order = self.processed(quantity=7)
        self.spend()
        assert self.cancel(order).status == OrderStatus.CANCELLED
        assert not order.cancellations.exists()

    def test_expired_tokens_are_not_cancelled_swept_or_not(self) -> None:
        for sweep in (False, True):
            order = self.processed(redeem_by=NOW + DAY)
            if sweep:
                wallet_operations.expire_issues(now=NOW + DAY)
            self.cancel(order, now=NOW + DAY)
            assert self.count(order, NOW + DAY) == order_queries.OrderCounts(expired=10)
            assert not order.cancellations.exists()

    def test_of_a_frozen_account_too(self) -> None:
        order = self.processed()
        wallet_operations.freeze_account(self.account.pk, actor=self.admin)
        self.cancel_part(order, 4)
        self.cancel(order)
        assert self.count(order) == order_queries.OrderCounts(cancelled=10)

    def test_cancelling_again_changes_nothing(self) -> None:
        order = self.processed()
        for _ in range(2):
            self.cancel(order, refund_amount=Decimal(25))
        assert order.cancellations.count() == 1
        assert self.actions(order).count("cancelled") == 1

    def test_what_was_spent_and_given_back_later_is_not_cancelled_by_a_retry(self) -> None:
        order = self.processed(quantity=7)
        redemption = self.spend()
        self.cancel(order)
        give_back(redemption, actor=self.admin, reason="left", now=NOW)
        self.cancel(order)
        assert self.available() == 7


@ddt
class CancelPartTest(WalletOrderTestCase):
    def test_so_many_of_the_unspent_with_refund_and_history(self) -> None:
        order = self.processed()
        first = self.cancel_part(order, 4, refund_amount=Decimal(10), reason="too many")
        self.cancel_part(order, 1, refund_amount=Decimal(2), idempotency_key="second")
        assert (first.quantity, first.refund_amount, first.actor) == (4, Decimal(10), self.admin)
        assert self.count(order) == order_queries.OrderCounts(available=5, cancelled=5)
        assert order_queries.sum_refunds(order) == Decimal(12)
        assert order_queries.compute_refund_limit(order) == Decimal(13)
        assert order_queries.suggest_refund(order, 5) == Decimal("12.50")
        assert [row.quantity for row in order.cancellations.all()] == [1, 4]
        assert self.actions(order)[-2:] == ["codes_cancelled"] * 2

    def test_never_more_than_is_unspent(self) -> None:
        order = self.processed()
        self.spend()
        with pytest.raises(NotEnoughUnused) as caught:
            self.cancel_part(order, 4)
        assert (caught.value.wanted, caught.value.available) == (4, 3)
        assert not order.cancellations.exists()
        assert self.available() == 3
        self.cancel_part(order, 3)
        assert self.available() == 0

    def test_a_number_too_large_for_any_column_is_refused_as_well(self) -> None:
        with pytest.raises(NotEnoughUnused) as caught:
            self.cancel_part(self.processed(), 10**20)
        assert caught.value.available == 10

    def test_what_was_added_to_the_issue_can_be_taken_back_too(self) -> None:
        order = self.processed()
        wallet_operations.adjust_issue(
            order.issue_id, 5, actor=self.admin, reason="more", idempotency_key="up", now=NOW
        )
        self.cancel_part(order, 15)
        assert self.available() == 0

    def test_no_more_is_refunded_than_was_paid(self) -> None:
        order = self.processed()
        self.cancel_part(order, 1, refund_amount=Decimal(20))
        with pytest.raises(RefundTooHigh) as caught:
            self.cancel_part(order, 1, refund_amount=Decimal("5.01"), idempotency_key="b")
        assert caught.value.limit == Decimal(5)
        with pytest.raises(RefundTooHigh):
            self.cancel(order, refund_amount=Decimal("5.01"))
        assert self.available() == 9

    @data(0, -1)
    def test_fewer_than_one_is_refused(self, quantity: int) -> None:
        with pytest.raises(ValueError, match="can't be cancelled"):
            self.cancel_part(self.processed(), quantity)
