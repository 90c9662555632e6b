"""An order's log: the one place that adds to it."""

from __future__ import annotations

from datetime import datetime

from token_payments.hosts.base import User
from token_payments.orders.announcements import announce_step
from token_payments.orders.models import TokenOrder, TokenOrderAction, TokenOrderLogEntry


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
    announce_step(entry)
    return entry
