"""The life cycles of orders and codes, as tables: operation, from where, to where."""

from __future__ import annotations

from token_payments.errors import InvalidTransition
from token_payments.orders.models import CodeStatus, OrderStatus, TokenOrder

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
    "cancel_codes": {OrderStatus.PROCESSED: OrderStatus.PROCESSED},
}

CODE_TRANSITIONS: dict[str, dict[str, str]] = {
    "redeem": {CodeStatus.AVAILABLE: CodeStatus.REDEEMED},
    "cancel": {CodeStatus.AVAILABLE: CodeStatus.CANCELLED},
}


def may(order: TokenOrder, operation: str) -> bool:
    """Whether the order is in a state from which the operation is possible."""
    return order.status in ORDER_TRANSITIONS[operation]


def advance(order: TokenOrder, operation: str) -> None:
    """Put the order into the state that the operation leads to. Raises InvalidTransition."""
    if not may(order, operation):
        raise InvalidTransition(f"Order {order.number}", order.get_status_display(), operation)
    order.status = ORDER_TRANSITIONS[operation][order.status]
