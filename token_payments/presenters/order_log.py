"""Steps of an order's log, in words."""

from __future__ import annotations

from token_payments.orders.models import TokenOrder, TokenOrderAction, TokenOrderLogEntry


def describe_detail(entry: TokenOrderLogEntry) -> str:
    """The entry's detail for people: of a change the labels of the fields that it names."""
    if entry.action != TokenOrderAction.CHANGED:
        return entry.detail
    labels = {field.name: str(field.verbose_name) for field in TokenOrder._meta.fields}
    return ", ".join(labels.get(part, part) for part in entry.detail.split(", "))
