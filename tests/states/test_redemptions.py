"""Every operation on a redemption in every state, by either payment method."""

from __future__ import annotations

from typing import Any
from unittest import mock

import ddt
from django.db import models

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.states.base import COURSE, DAY, NOW, WalkCase, find_targets, list_pairs
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.checkout.states import REDEMPTION_TRANSITIONS
from token_payments.hosts import host
from token_payments.models import Redemption, RedemptionState
from token_payments.orders import queries as order_queries
from token_payments.wallets import queries as wallet_queries

METHODS = ("token_code", "wallet")
PAIRS = list_pairs(RedemptionState.values, REDEMPTION_TRANSITIONS)
ENROL = "token_payments.hosts.edxapp.EdxappHost.enrol"


@ddt.ddt
class RedemptionWalk(WalkCase):
    def setUp(self) -> None:
        super().setUp()
        factories.issue_tokens(self.account, self.gold, 2, now=NOW - DAY)
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=1)

    @ddt.data(*((method, *pair) for method in METHODS for pair in PAIRS))
    @ddt.unpack
    def test_a_redemption(self, method: str, state: str, operation: str) -> None:
        if (state, operation) == ("reserved", "complete"):
            self.walk_to_the_end(method)
            return
        redemption = self.bring(method, state)
        targets = find_targets(REDEMPTION_TRANSITIONS, operation, state)
        if operation == "complete":  # the same request, sent again
            assert not targets
            self.refuse(lambda: self.pay(method), nothing=[redemption])
            return
        if targets:
            self.reverse(redemption)
            redemption.refresh_from_db()
            assert (redemption.state,) == targets
        self.refuse(lambda: self.reverse(redemption), nothing=[redemption])
        CourseEnrollment.unenroll(self.amara, factories.key(COURSE))
        self.refuse(lambda: self.leave(redemption), nothing=[redemption])
        assert self.leave(redemption) == redemption  # an event is answered, whatever it is about

    @ddt.data(*METHODS)
    def test_paid_already_it_is_refused_with_another_key(self, method: str) -> None:
        self.bring(method, "completed")
        self.refuse(lambda: self.pay(method, idempotency_key="other"))

    @ddt.data(*METHODS)
    def test_an_enrolment_that_ends_is_reversed_by_the_rule(self, method: str) -> None:
        redemption = self.bring(method, "completed")
        CourseEnrollment.unenroll(self.amara, factories.key(COURSE))
        assert self.leave(redemption).state == "reversed"
        assert self.balance(method) == (1, 2)

    def bring(self, method: str, state: str) -> Redemption:
        """By the operations that lead there; a row that stays reserved there is by force alone."""
        redemption = self.pay(method)
        if state == "reversed":
            redemption = self.reverse(redemption)
        if state == "reserved":
            rows = models.QuerySet(Redemption).filter(pk=redemption.pk)
            rows.update(state="reserved", completed_at=None)
            redemption.refresh_from_db()
        assert redemption.state == state
        return redemption

    def walk_to_the_end(self, method: str) -> None:
        seen = []

        def enrol(*args: Any, **kwargs: Any) -> None:
            seen.append(Redemption.objects.get().state)
            really_enrol(*args, **kwargs)

        really_enrol = host.enrol
        with mock.patch(ENROL, lambda _host, *args, **kwargs: enrol(*args, **kwargs)):
            redemption = self.pay(method)
        assert seen == ["reserved"]
        assert redemption.state == Redemption.objects.get().state == "completed"

    def pay(self, method: str, idempotency_key: str = "first") -> Redemption:
        reference = {"wallet": str(self.wallet.pk)}
        if method == "token_code":
            reference = dict(checkout_queries.refer_to_code(self.order.codes.get()))
        return checkout_operations.redeem(
            learner=self.amara,
            item_key=COURSE,
            method=method,
            reference=reference,
            idempotency_key=idempotency_key,
            now=NOW,
        )

    def reverse(self, redemption: Redemption) -> Redemption:
        return checkout_operations.reverse(redemption.pk, reason="walk", **self.by())

    def leave(self, redemption: Redemption) -> Redemption:
        return checkout_operations.handle_unenrolment(
            redemption.pk, actor=self.amara, left_at=NOW, now=NOW
        )

    def balance(self, method: str) -> tuple[int, int]:
        """Codes available, tokens usable: one of the two paid."""
        tokens = wallet_queries.get_balance(self.wallet, NOW).available
        return order_queries.count_codes(self.order).available, tokens
