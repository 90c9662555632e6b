"""The life cycles of orders and codes, as tables: operation, from where, to where."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from token_payments.errors import InvalidTransition
from token_payments.orders.models import CodeStatus, OrderStatus, TokenCode, TokenOrder

#: operation -> {from: to}
ORDER_TRANSITIONS: dict[str, dict[str, str]] = {
    "change": {OrderStatus.REQUESTED: OrderStatus.REQUESTED},
    "start_processing": {
        OrderStatus.REQUESTED: OrderStatus.PROCESSING,
        # again, when the first worker died: what it made stays
        OrderStatus.PROCESSING: OrderStatus.PROCESSING,
    },
    "complete_processing": {OrderStatus.PROCESSING: OrderStatus.PROCESSED},
    "cancel": {
        OrderStatus.REQUESTED: OrderStatus.CANCELLED,
        OrderStatus.PROCESSING: OrderStatus.CANCELLED,
        OrderStatus.PROCESSED: OrderStatus.CANCELLED,
    },
    "decline": {OrderStatus.REQUESTED: OrderStatus.CANCELLED},
    "withdraw": {OrderStatus.REQUESTED: OrderStatus.CANCELLED},
    "cancel_unused": {OrderStatus.PROCESSED: OrderStatus.PROCESSED},
}

CODE_TRANSITIONS: dict[str, dict[str, str]] = {
    "redeem": {CodeStatus.AVAILABLE: CodeStatus.REDEEMED},
    "cancel": {CodeStatus.AVAILABLE: CodeStatus.CANCELLED},
    # by a new code, when it was assigned to the wrong person
    "replace": {CodeStatus.AVAILABLE: CodeStatus.REPLACED},
    # when the payment is reversed: for the same learner, by a new code, or as its order was
    "give_back": {CodeStatus.REDEEMED: CodeStatus.AVAILABLE},
    "replace_redeemed": {CodeStatus.REDEEMED: CodeStatus.REPLACED},
    "cancel_redeemed": {CodeStatus.REDEEMED: CodeStatus.CANCELLED},
}


def advance(order: TokenOrder, operation: str) -> None:
    """Put the order into the state that the operation leads to. Raises InvalidTransition."""
    steps = ORDER_TRANSITIONS[operation]
    if order.status not in steps:
        raise InvalidTransition(f"Order {order.number}", order.status, operation)
    order.status = steps[order.status]


def advance_codes(codes: QuerySet[TokenCode], operation: str, **changes: Any) -> int:
    """Take those of the codes that can along the operation's one step; returns how many could.

    One conditional UPDATE, which also sets ``changes``: of two that want the same code one gets it.
    """
    ((origin, target),) = CODE_TRANSITIONS[operation].items()
    return codes.filter(status=origin).update(status=target, **changes)


def advance_code(code_id: int, operation: str) -> bool:
    """``advance_codes`` for the one code of a payment, by SQL that isn't made anew each time."""
    ((origin, target),) = CODE_TRANSITIONS[operation].items()
    table = connection.ops.quote_name(TokenCode._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET status = %s WHERE id = %s AND status = %s",  # noqa: S608 (the name is ours)
            [str(target), code_id, str(origin)],
        )
        return bool(cursor.rowcount)
