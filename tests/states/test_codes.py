"""Every operation on a code in every state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import ddt
from django.db import models

from tests import factories
from tests.states.base import COURSE, NOW, WalkCase, find_targets, list_pairs
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.models import CodeAssignment, CodeStatus, Redemption, TokenCode
from token_payments.orders import operations as order_operations
from token_payments.orders.states import CODE_TRANSITIONS

REVERSALS = ("give_back", "replace_redeemed", "cancel_redeemed")


@ddt.ddt
class CodeWalk(WalkCase):
    """One order of one code, which is amara's."""

    def setUp(self) -> None:
        super().setUp()
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=1)
        self.code = self.order.codes.get()

    @ddt.data(*list_pairs(CodeStatus.values, CODE_TRANSITIONS))
    @ddt.unpack
    def test_a_code(self, state: str, operation: str) -> None:
        if operation in ("replace", *REVERSALS):
            self.assign()
        if operation in REVERSALS:
            self.prepare_reversal(state, operation)
        else:
            self.bring(state)
        operate = self.find_operation(operation)
        targets = find_targets(CODE_TRANSITIONS, operation, state)
        if not targets:
            fresh = list(TokenCode.objects.filter(replaces=self.code))
            self.refuse(operate, nothing=fresh if operation == "replace" else [])
            return
        operate()
        self.code.refresh_from_db()
        assert (self.code.status,) == targets

    def assign(self) -> None:
        recipients = [assignment_operations.Recipient(self.amara.email)]
        assignment_operations.assign_codes(
            self.order.pk, recipients, **self.by(idempotency_key="given")
        )

    def bring(self, state: str) -> None:
        """By the operations that lead there."""
        if state == "redeemed":
            self.redeem(self.amara)
        if state == "cancelled":
            order_operations.cancel_order(self.order.pk, **self.by())
        if state == "replaced":  # the new one is somebody's as well, so that nothing is free
            self.assign()
            instead = assignment_operations.Recipient(self.ben.email)
            given = CodeAssignment.objects.get()
            assignment_operations.reassign(given.pk, instead, **self.by(idempotency_key="instead"))
        self.code.refresh_from_db()
        assert self.code.status == state

    def prepare_reversal(self, state: str, operation: str) -> None:
        """A payment that counts; its code in the state, by force where it isn't redeemed."""
        self.redeem(self.amara)
        if operation == "replace_redeemed":
            factories.allow_paid(code_reversal="new_for_buyer")
        if operation == "cancel_redeemed":
            order_operations.cancel_order(self.order.pk, **self.by())
        models.QuerySet(TokenCode).filter(pk=self.code.pk).update(status=state)

    def find_operation(self, operation: str) -> Callable[[], Any]:
        if operation in REVERSALS:
            redemption = Redemption.objects.get()
            return lambda: checkout_operations.reverse(redemption.pk, reason="walk", **self.by())
        return {
            "redeem": lambda: self.redeem(self.ben),
            "cancel": lambda: assignment_operations.cancel_unused(
                self.order.pk, quantity=1, **self.refund()
            ),
            "replace": lambda: assignment_operations.revoke(
                CodeAssignment.objects.earliest("pk").pk, **self.by()
            ),
        }[operation]

    def redeem(self, learner: Any) -> Redemption:
        return checkout_operations.redeem(
            learner=learner,
            item_key=COURSE,
            method="token_code",
            reference=checkout_queries.refer_to_code(self.code),
            idempotency_key=uuid4().hex,
            now=NOW,
        )
