"""One feed of the ledger's entries and the orders' logs, from a place in both on.

Rows get their numbers before they can be seen: one with a lower number may be committed after one
with a higher one. So nothing is given from the first row on that is younger than SETTLED. What a
transaction wrote that took longer than that may be missed: statements and orders have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db.models import QuerySet

from token_payments.orders.models import TokenOrder, TokenOrderLogEntry
from token_payments.wallets.models import Account, LedgerEntry

SETTLED = timedelta(seconds=10)


@dataclass(frozen=True)
class Place:
    """The last entry and the last line of an order's log that were read; 0: none."""

    entry: int = 0
    log: int = 0


@dataclass(frozen=True)
class Feed:
    """Some events, the oldest first, and the place after them."""

    events: Sequence[LedgerEntry | TokenOrderLogEntry]
    place: Place
    has_more: bool


def read_feed(
    after: Place,
    *,
    now: datetime,
    size: int,
    accounts: QuerySet[Account] | None = None,
    orders: QuerySet[TokenOrder] | None = None,
) -> Feed:
    """Up to ``size`` events: of these accounts and orders, None for all. Two queries."""
    entries = LedgerEntry.objects.filter(id__gt=after.entry)
    if accounts is not None:
        entries = entries.filter(issue__wallet__account__in=accounts.order_by().values("pk"))
    log = TokenOrderLogEntry.objects.filter(id__gt=after.log)
    if orders is not None:
        log = log.filter(order__in=orders.order_by().values("pk"))
    related = ("issue__wallet", "redemption", "actor")

    def is_settled(row: Any) -> bool:
        return bool(row.created_at <= now - SETTLED)

    heads: list[list[Any]] = [
        list(takewhile(is_settled, entries.select_related(*related).order_by("id")[: size + 1])),
        list(
            takewhile(is_settled, log.select_related("order", "actor").order_by("id")[: size + 1])
        ),
    ]
    events = _merge(*heads, size=size)
    place = Place(
        entry=max([after.entry, *(one.pk for one in events if isinstance(one, LedgerEntry))]),
        log=max([after.log, *(one.pk for one in events if isinstance(one, TokenOrderLogEntry))]),
    )
    return Feed(events, place, has_more=len(events) < sum(map(len, heads)))


def _merge(
    entries: Sequence[LedgerEntry], log: Sequence[TokenOrderLogEntry], *, size: int
) -> list[LedgerEntry | TokenOrderLogEntry]:
    """Both by their numbers, which each keeps, and by time between them."""
    merged: list[LedgerEntry | TokenOrderLogEntry] = []
    left, right = 0, 0
    while len(merged) < size and (left < len(entries) or right < len(log)):
        takes_entry = right == len(log) or (
            left < len(entries) and entries[left].created_at <= log[right].created_at
        )
        if takes_entry:
            merged.append(entries[left])
            left += 1
        else:
            merged.append(log[right])
            right += 1
    return merged
