"""Orders of wallet tokens: issued once, when they are processed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from ddt import data, ddt, unpack
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from tests import factories
from tests.orders.base import DAY, NOW, WalletOrderTestCase
from token_payments.errors import (
    AccountFrozen,
    AdjustmentsNotAllowed,
    ExpiryNotLater,
    InvalidTransition,
    TypeArchived,
)
from token_payments.l10n.dates import end_of_day
from token_payments.models import (
    EntryKind,
    IssueSource,
    LedgerEntry,
    OrderStatus,
    TokenIssue,
    TokenOrder,
    TokenSettings,
)
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.orders.requests import decline_order
from token_payments.orders.states import ORDER_TRANSITIONS
from token_payments.wallets import operations as wallet_operations


class TransferredTest(WalletOrderTestCase):
    def test_what_was_transferred_away_is_told_apart(self) -> None:
        order = self.processed(quantity=25)
        other = factories.make_account("Beta")
        wallet_operations.transfer_tokens(
            wallet_operations.WantedTransfer(self.wallet, other, 4),
            actor=self.admin,
            reason="shared",
            idempotency_key="transfer",
            now=NOW,
        )
        counts = self.count(order)
        assert (counts.available, counts.transferred, counts.total) == (21, 4, 25)


@ddt
class ProcessTest(WalletOrderTestCase):
    def test_a_requested_order_has_issued_nothing(self) -> None:
        order = self.request()
        assert (order.status, order.issue) == (OrderStatus.REQUESTED, None)
        assert self.count(order) == order_queries.OrderCounts()
        assert not TokenIssue.objects.exists()
        assert self.actions(order) == ["requested"]

    def test_processing_issues_what_was_ordered_with_where_it_came_from(self) -> None:
        order = self.processed(quantity=25, invoice_number="INV-1", purchase_order="PO-1")
        issue = TokenOrder.objects.get(pk=order.pk).issue
        assert (issue.wallet, issue.quantity, issue.remaining) == (self.wallet, 25, 25)
        assert (issue.source, issue.reference) == (IssueSource.ORDER, order.number)
        assert (issue.unit_price, issue.currency, issue.issued_at) == (
            Decimal("2.50"),
            "GBP",
            NOW,
        )
        [entry] = issue.entries.all()
        assert (entry.kind, entry.amount, entry.actor) == (EntryKind.ISSUE, 25, self.admin)
        assert order.status == OrderStatus.PROCESSED
        assert self.actions(order) == ["requested", "processing", "processed"]
        assert self.count(order) == order_queries.OrderCounts(available=25)

    def test_tokens_are_issued_once(self) -> None:
        order = self.processed()
        with pytest.raises(InvalidTransition):
            self.process(order)
        assert order_operations.generate(order.pk, clock=lambda: NOW) == 0
        assert self.available() == 10

    def test_ten_million_tokens_and_no_more(self) -> None:
        self.processed(quantity=10_000_000)
        assert self.available() == 10_000_000
        for quantity in (0, 10_000_001):
            with pytest.raises(IntegrityError), transaction.atomic():
                self.request(quantity=quantity)

    def test_the_types_redemption_period_counts_from_the_day_of_processing(self) -> None:
        order = self.request()
        issue = self.process(order, now=NOW + 5 * DAY).issue
        assert issue.expires_at == end_of_day((NOW + 35 * DAY).date())

    def test_redeem_by_overrides_the_types_redemption_period(self) -> None:
        end = end_of_day((NOW + 400 * DAY).date())
        assert self.processed(redeem_by=end).issue.expires_at == end

    @data(NOW, NOW - DAY)
    def test_redeem_by_lies_in_the_future_when_processed(self, redeem_by: datetime) -> None:
        order = self.request(now=NOW - 9 * DAY, redeem_by=redeem_by)
        with pytest.raises(ExpiryNotLater):
            self.process(order)
        self.assert_still_requested(order)

    @data("frozen", "archived")
    def test_what_cannot_be_issued_is_not_ordered_and_not_processed(self, case: str) -> None:
        order = self.request()
        error = AccountFrozen if case == "frozen" else TypeArchived
        if case == "frozen":
            wallet_operations.freeze_account(self.account.pk, actor=self.admin)
        else:
            wallet_operations.archive_type(self.gold.pk, actor=self.admin)
        self.account.refresh_from_db()
        self.gold.refresh_from_db()
        with pytest.raises(error):
            self.request()
        with pytest.raises(error):
            self.process(order)
        self.assert_still_requested(order)
        assert TokenOrder.objects.count() == 1

    def assert_still_requested(self, order: TokenOrder) -> None:
        assert TokenOrder.objects.get(pk=order.pk).status == OrderStatus.REQUESTED
        assert not TokenIssue.objects.exists()
        assert self.actions(order) == ["requested"]

    def test_orders_issue_where_manual_raising_is_off(self) -> None:
        TokenSettings(manual_issues_allowed=False).save()
        self.processed()
        assert self.available() == 10

    def test_without_adjustments_the_order_is_what_takes_tokens_back(self) -> None:
        order = self.processed()
        TokenSettings(adjustments_allowed=False).save()
        with pytest.raises(AdjustmentsNotAllowed):
            wallet_operations.adjust_issue(
                order.issue_id, -1, actor=self.admin, reason="", idempotency_key="a", now=NOW
            )
        self.cancel_part(order, 4)
        assert self.available() == 6

    def test_nothing_that_was_ordered_can_be_deleted(self) -> None:
        order = self.processed()
        for thing in (order, self.account, self.gold, TokenIssue.objects.all()):
            with pytest.raises(ProtectedError):
                thing.delete()


@ddt
class StateTableTest(WalletOrderTestCase):
    """Every state with every operation: it ends where the table says, or nothing changes."""

    @data(*[(state, operation) for state in OrderStatus.values for operation in ORDER_TRANSITIONS])
    @unpack
    def test_walk(self, state: str, operation: str) -> None:
        order = self.reach(state)
        call = {
            "change": lambda: order_operations.change_order(
                order, actor=self.admin, now=NOW, changed=["x"]
            ),
            "start_processing": lambda: self.process(order),
            "complete_processing": lambda: order_operations.generate(order.pk, clock=lambda: NOW),
            "cancel": lambda: self.cancel(order),
            "cancel_unused": lambda: self.cancel_part(order, 1),
            "decline": lambda: decline_order(
                order.pk, reason="no budget", actor=self.admin, now=NOW
            ),
            "withdraw": lambda: order_operations.withdraw_order(
                order.pk, actor=self.admin, now=NOW
            ),
        }[operation]
        expected = ORDER_TRANSITIONS[operation].get(state, state)
        if operation == "start_processing" and state == OrderStatus.REQUESTED:
            expected = OrderStatus.PROCESSED  # there is nothing to wait for
        if operation == "complete_processing":
            expected = state  # codes only: it leaves orders of tokens alone
        quietly = operation == "complete_processing" or (operation, state) == (
            "cancel",
            "cancelled",
        )
        before = list(LedgerEntry.objects.values())
        if state in ORDER_TRANSITIONS[operation] or quietly:
            call()
        else:
            with pytest.raises(InvalidTransition):
                call()
            assert list(LedgerEntry.objects.values()) == before
        assert TokenOrder.objects.get(pk=order.pk).status == expected

    def reach(self, state: str) -> TokenOrder:
        order = self.request(quantity=2)
        if state == OrderStatus.PROCESSING:
            TokenOrder.objects.update(status=state)
        elif state == OrderStatus.PROCESSED:
            self.process(order)
        elif state == OrderStatus.CANCELLED:
            self.cancel(self.process(order))
        return TokenOrder.objects.get(pk=order.pk)


class CountTest(WalletOrderTestCase):
    def test_many_orders_of_both_kinds_at_once(self) -> None:
        factories.make_course("course-v1:Orders+W2+2026", modes={"verified": 149})
        item = factories.make_item("course-v1:Orders+W2+2026")
        codes = factories.make_processed_order(item, buyer=self.admin, quantity=3)
        orders = [self.processed(), self.request(), codes]
        self.spend()
        with self.assertNumQueries(3):
            counts = order_queries.count_orders(orders, now=NOW)
        assert counts == {
            orders[0].pk: order_queries.OrderCounts(available=3, redeemed=7),
            orders[1].pk: order_queries.OrderCounts(),
            codes.pk: order_queries.OrderCounts(available=3),
        }
