"""Finding what is due: in pages, each with the same number of queries however large the site is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from token_payments import conf
from token_payments.assignments.models import CodeAssignment
from token_payments.l10n.dates import end_of_day, local_day
from token_payments.orders.models import CodeStatus, OrderKind, OrderStatus, TokenOrder
from token_payments.outbox.notices import list_claimed
from token_payments.reminders import sources
from token_payments.reminders.due import Due, ReminderSubject, pick
from token_payments.wallets.fifo import filter_usable
from token_payments.wallets.models import TokenIssue

M = TypeVar("M", bound=Model)
PAGE = 500  # rows that are looked at with one set of queries


def iterate_due(*, now: datetime) -> Iterator[Due]:
    """Everything that is due to anybody and wasn't told yet, what ends first first of each kind."""
    for issues in _read(_ending_issues(now), "expires_at"):
        yield from _drop_told(sources.list_due_issues(issues, now))
    for orders in _read(_ending_orders(now), "redeem_by"):
        yield from _drop_told(sources.list_due_orders(orders, now))
        # by their batches: an order may have a million codes, of which few were given to somebody
        given = _unused_assignments().filter(batch__order__in=[order.pk for order in orders])
        for assignments in _read_by_key(given):
            yield from _drop_told(sources.list_due_codes(assignments, now))


def list_still_due(dues: Iterable[Due], *, now: datetime) -> set[Due]:
    """Those that are due at ``now``, too: a fixed number of queries for some hundred."""
    asked = set(dues)
    issues = _ending_issues(now).filter(pk__in=pick(asked, ReminderSubject.ISSUE))
    orders = _ending_orders(now).filter(pk__in=pick(asked, ReminderSubject.ORDER))
    codes = _unused_assignments().filter(
        pk__in=pick(asked, ReminderSubject.CODE),
        code__order__status=OrderStatus.PROCESSED,
        code__order__redeem_by__gt=now,
    )
    found = [
        *sources.list_due_issues(list(issues), now),
        *sources.list_due_orders(list(orders), now),
        *sources.list_due_codes(list(codes), now),
    ]
    return asked & set(_drop_told(found))


def _ending_issues(now: datetime) -> QuerySet[TokenIssue]:
    """Those with tokens that can be spent, of frozen accounts too: they expire all the same."""
    issues = filter_usable(TokenIssue.objects.filter(_ends("expires_at", now)), now)
    return issues.select_related("wallet").order_by("expires_at", "pk")


def _ending_orders(now: datetime) -> QuerySet[TokenOrder]:
    orders = TokenOrder.objects.filter(
        _ends("redeem_by", now), kind=OrderKind.CODES, status=OrderStatus.PROCESSED
    )
    return orders.select_related("buyer").order_by("redeem_by", "pk")


def _unused_assignments() -> QuerySet[CodeAssignment]:
    rows = CodeAssignment.objects.filter(live=True, code__status=CodeStatus.AVAILABLE)
    return rows.select_related("code__order").order_by("pk")


def _ends(field: str, now: datetime) -> Q:
    """Not yet, but within the longest of the days ahead."""
    ahead = max(conf.reminder_days(), default=0)
    until = end_of_day(local_day(now) + timedelta(days=ahead))
    return Q(**{f"{field}__gt": now, f"{field}__lte": until})


def _drop_told(dues: Iterable[Due]) -> list[Due]:
    """Without those that their recipient was told of, or that somebody is telling of just now."""
    every = list(dues)
    told = list_claimed(due.key for due in every)
    return [due for due in every if due.key not in told]


def _read(rows: QuerySet[M], field: str) -> Iterator[list[M]]:
    """Pages in the order of ``field`` and number, each found in its index where the last ended."""
    page = list(rows[:PAGE])
    while page:
        yield page
        end: Any = getattr(page[-1], field)
        later = Q(**{f"{field}__gt": end}) | Q(**{field: end, "pk__gt": page[-1].pk})
        is_last = len(page) < PAGE
        page = [] if is_last else list(rows.filter(later, **{f"{field}__gte": end})[:PAGE])


def _read_by_key(rows: QuerySet[M]) -> Iterator[list[M]]:
    page = list(rows[:PAGE])
    while page:
        yield page
        is_last = len(page) < PAGE
        page = [] if is_last else list(rows.filter(pk__gt=page[-1].pk)[:PAGE])
