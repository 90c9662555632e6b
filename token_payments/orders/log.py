"""An order's log: the one place that adds to it."""

from __future__ import annotations

from datetime import datetime

from token_payments.hosts.base import User
from token_payments.orders.models import TokenOrder, TokenOrderAction, TokenOrderLogEntry
from token_payments.outbox.steps import Step, announce

#: What an entry announces, by its action.
STEPS: dict[str, Step] = {
    TokenOrderAction.REQUESTED: Step.ORDER_REQUESTED,
    TokenOrderAction.PROCESSED: Step.ORDER_PROCESSED,
    TokenOrderAction.DECLINED: Step.ORDER_DECLINED,
    TokenOrderAction.WITHDRAWN: Step.ORDER_WITHDRAWN,
    TokenOrderAction.CANCELLED: Step.ORDER_CANCELLED,
    TokenOrderAction.CODES_CANCELLED: Step.CODES_CANCELLED,
    TokenOrderAction.CODES_ASSIGNED: Step.CODES_ASSIGNED,
}


def add_log_entry(
    order: TokenOrder,
    action: TokenOrderAction,
    *,
    actor: User | None,
    now: datetime,
    quantity: int | None = None,
    detail: str = "",
) -> TokenOrderLogEntry:
    """Record one step or one look; ``quantity`` is the number of codes concerned."""
    entry = TokenOrderLogEntry.objects.create(
        order=order,
        action=action,
        actor=actor,
        created_at=now,
        quantity=quantity,
        detail=detail[:255],
    )
    if entry.action in STEPS:
        announce(STEPS[entry.action], entry)
    return entry
