"""An order's log: the one place that adds to it, and what its details say to people."""

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


def describe_detail(entry: TokenOrderLogEntry) -> str:
    """The entry's detail for people: of a change the labels of the fields that it names."""
    if entry.action != TokenOrderAction.CHANGED:
        return entry.detail
    labels = {field.name: str(field.verbose_name) for field in TokenOrder._meta.fields}
    return ", ".join(labels.get(part, part) for part in entry.detail.split(", "))
