"""Every operation on an order of either kind in every state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ddt

from tests import factories
from tests.states.base import NOW, WalkCase, find_targets, list_pairs
from token_payments.assignments import operations as assignment_operations
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders.states import ORDER_TRANSITIONS

#: Doing these again answers with the order, which is where they lead.
AGAIN = {("cancelled", "cancel")}


@ddt.ddt
class OrderWalk(WalkCase):
    @ddt.data(*list_pairs(OrderStatus.values, ORDER_TRANSITIONS))
    @ddt.unpack
    def test_an_order_of_codes(self, state: str, operation: str) -> None:
        order = factories.make_order(self.item, buyer=self.buyer, quantity=2, now=NOW)
        self.bring(order, state)
        self.walk(order, state, operation)

    @ddt.data(
        *(
            pair
            for pair in list_pairs(OrderStatus.values, ORDER_TRANSITIONS)
            if pair[0] != "processing"  # its tokens are issued in the transaction that begins it
        )
    )
    @ddt.unpack
    def test_an_order_of_wallet_tokens(self, state: str, operation: str) -> None:
        order = factories.make_wallet_order(
            self.account, self.gold, buyer=self.buyer, quantity=2, now=NOW
        )
        self.bring(order, state)
        self.walk(order, state, operation)

    def bring(self, order: TokenOrder, state: str) -> None:
        """By the operations that lead there."""
        if state in ("processing", "processed"):
            order_operations.start_processing(order.pk, **self.by())
        if state == "processed":
            order_operations.generate(order.pk, clock=lambda: NOW)
        if state == "cancelled":
            order_operations.cancel_order(order.pk, **self.by())
        order.refresh_from_db()
        assert order.status == state

    def walk(self, order: TokenOrder, state: str, operation: str) -> None:
        operate = self.find_operation(order, operation)
        targets = find_targets(ORDER_TRANSITIONS, operation, state)
        if order.is_for_wallet and operation == "start_processing" and targets:
            targets = find_targets(ORDER_TRANSITIONS, "complete_processing", *targets)
        if not targets:
            # a worker finds nothing to make
            nothing = [0] if operation == "complete_processing" else []
            self.refuse(operate, nothing=[order] if (state, operation) in AGAIN else nothing)
            return
        operate()
        order.refresh_from_db()
        assert (order.status,) == targets

    def find_operation(self, order: TokenOrder, operation: str) -> Callable[[], Any]:
        return {
            "change": lambda: self.change(order),
            "start_processing": lambda: order_operations.start_processing(order.pk, **self.by()),
            "complete_processing": lambda: order_operations.generate(order.pk, clock=lambda: NOW),
            "cancel": lambda: order_operations.cancel_order(order.pk, reason="walk", **self.by()),
            "decline": lambda: order_operations.decline_order(order.pk, reason="walk", **self.by()),
            "withdraw": lambda: order_operations.withdraw_order(order.pk, **self.by()),
            "cancel_unused": lambda: assignment_operations.cancel_unused(
                order.pk, quantity=1, **self.refund()
            ),
        }[operation]

    def change(self, order: TokenOrder) -> None:
        stale = TokenOrder.objects.get(pk=order.pk)
        stale.note = "other"
        order_operations.change_order(stale, changed=["note"], **self.by())

    def test_withdrawing_again_is_answered_with_the_order(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer, now=NOW)
        withdraw = self.find_operation(order, "withdraw")
        withdraw()
        self.refuse(withdraw, nothing=[order])

    def test_declining_again_is_answered_with_the_order(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer, now=NOW)
        decline = self.find_operation(order, "decline")
        decline()
        self.refuse(decline, nothing=[order])
