"""Every operation on a token issue in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import ddt

from tests import factories
from tests.states.base import DAY, NOW, WalkCase, find_targets, list_pairs
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.models import Redemption, TokenIssue, TokenOrder, TokenSettings
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.states import ISSUE_TRANSITIONS, IssueState

PAIRS = list_pairs(IssueState.values, ISSUE_TRANSITIONS)
#: When each operation is tried: the issue's life is from NOW to NOW + 2 days.
TIMES = {"upcoming": NOW - DAY, "over": NOW + 2 * DAY, "expired": NOW + 2 * DAY}


@ddt.ddt
class IssueWalk(WalkCase):
    """An order's issue of ten tokens, of which somebody once spent two."""

    def setUp(self) -> None:
        super().setUp()
        order = factories.make_wallet_order(
            self.account, self.gold, buyer=self.buyer, now=NOW, redeem_by=NOW + 2 * DAY
        )
        self.order: TokenOrder = order_operations.start_processing(order.pk, **self.by())
        self.other = factories.make_account("Other")
        self.paid = factories.pay(self.ben, self.item, self.wallet, now=NOW)

    @ddt.data(*((*pair, part) for pair in PAIRS for part in ("some", "all")))
    @ddt.unpack
    def test_an_issue(self, state: str, operation: str, part: str) -> None:
        now = TIMES.get(state, NOW + DAY)
        if state == "used_up":
            self.change(-8, now=NOW)
        if state == "expired":
            wallet_operations.expire_all_issues(now=now)
        if operation == "spend" and part == "all" and state == "usable":
            self.change(-6, now=NOW)
        assert self.compute_state(now) == state
        operate = self.find_operation(operation, now, 2 if part == "some" else self.remaining())
        targets = find_targets(ISSUE_TRANSITIONS, operation, state)
        if not targets:
            self.refuse(operate, nothing=[wallet_operations.Expired()])
            return
        operate()
        assert self.compute_state(now) == (targets[0] if part == "some" else targets[-1])

    @ddt.data("over", "expired")
    def test_grace_gives_back_in_an_issue_of_its_own(self, state: str) -> None:
        TokenSettings.objects.create(refund_grace_days=7)
        now = TIMES[state]
        if state == "expired":
            wallet_operations.expire_all_issues(now=now)
        self.find_operation("give_back", now, 2)()
        assert self.compute_state(now) == state
        fresh = TokenIssue.objects.get(source="refund")
        assert (fresh.remaining, wallet_queries.compute_state(fresh, now)) == (2, "usable")

    @ddt.data(-1, 0, 1)
    def test_the_state_is_what_can_be_spent(self, ticks: int) -> None:
        """To the microsecond, at either end of its life, with tokens and without."""
        for edge in (NOW, NOW + 2 * DAY):
            for quantity in (0, -8):
                if quantity:
                    self.change(quantity, now=NOW + DAY)
                now = edge + ticks * datetime.resolution
                is_usable = TokenIssue.objects.filter(wallet_queries.is_usable(now)).exists()
                assert (self.compute_state(now) == "usable") == is_usable

    def find_operation(self, operation: str, now: datetime, tokens: int) -> Callable[[], Any]:
        by = {"actor": self.buyer, "reason": "walk", "idempotency_key": "walk", "now": now}
        issue, order = self.order.issue_id, self.order.pk
        cancel = self.refund(quantity=max(tokens, 1)) | {"now": now}
        return {
            "spend": lambda: factories.pay(self.amara, self.item, self.wallet, now=now),
            "give_back": lambda: self.give_back(now),
            "adjust_up": lambda: wallet_operations.adjust_issue(issue, 2, **by),
            "adjust_down": lambda: wallet_operations.adjust_issue(issue, -max(tokens, 1), **by),
            "extend": lambda: wallet_operations.extend_expiry(issue, NOW + 9 * DAY, **by),
            "cancel": lambda: assignment_operations.cancel_unused(order, **cancel),
            "transfer": lambda: wallet_operations.transfer_tokens(self.want(max(tokens, 1)), **by),
            "use_last": lambda: wallet_operations.set_use_last(issue, True, **by),
            "record_expiry": lambda: wallet_operations.expire_all_issues(now=now),
        }[operation]

    def want(self, tokens: int) -> wallet_operations.WantedTransfer:
        """To transfer so many of this very issue."""
        return wallet_operations.WantedTransfer(
            self.wallet, self.other, tokens, issue_id=self.order.issue_id
        )

    def give_back(self, now: datetime) -> Redemption:
        return checkout_operations.reverse(self.paid.pk, actor=self.buyer, reason="walk", now=now)

    def change(self, tokens: int, *, now: datetime) -> None:
        wallet_operations.adjust_issue(
            self.order.issue_id, tokens, reason="", **self.by(idempotency_key=f"{tokens}")
        )

    def remaining(self) -> int:
        return TokenIssue.objects.get(pk=self.order.issue_id).remaining

    def compute_state(self, now: datetime) -> str:
        return wallet_queries.compute_state(TokenIssue.objects.get(pk=self.order.issue_id), now)
