"""Of a page of issues, orders or assignments: which are due, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max

from token_payments import conf
from token_payments.assignments.models import CodeAssignment
from token_payments.l10n.dates import last_day, local_day
from token_payments.orders.models import TokenOrder, TokenOrderAction, TokenOrderLogEntry
from token_payments.orders.records import count_codes_of
from token_payments.reminders.due import Due, ReminderSubject, compute_stage
from token_payments.wallets.accounts import list_managers
from token_payments.wallets.models import EntryKind, LedgerEntry, TokenIssue

NEXT = timedelta(days=1)


def list_due_issues(issues: Sequence[TokenIssue], now: datetime) -> Iterator[Due]:
    """To the managers of the account, from the day of issue or of the last extension on."""
    extended = _get_last(
        LedgerEntry.objects.filter(issue__in=issues, kind=EntryKind.EXTENSION), "issue"
    )
    managers = list_managers(issue.wallet.account_id for issue in issues)
    for issue in issues:
        assert issue.expires_at is not None
        since = local_day(max(issue.issued_at, extended.get(issue.pk, issue.issued_at)))
        ahead = _compute_stage(issue.expires_at, since, now)
        if ahead is None:
            continue
        for user in managers[issue.wallet.account_id]:
            yield Due(ReminderSubject.ISSUE, issue.pk, issue.expires_at, ahead, user.email, user.pk)


def list_due_orders(orders: Sequence[TokenOrder], now: datetime) -> Iterator[Due]:
    """To the buyer, who was told of the last day when the order was processed.

    In place of a buyer who has no account any more the managers of the order's account are told.
    """
    log = TokenOrderLogEntry.objects.filter(order__in=orders, action=TokenOrderAction.PROCESSED)
    processed, counts = _get_last(log, "order"), count_codes_of(orders)
    managers = list_managers(order.account_id for order in orders if order.account_id)
    for order in orders:
        assert order.redeem_by is not None
        since = local_day(processed.get(order.pk, order.created_at)) + NEXT
        ahead = _compute_stage(order.redeem_by, since, now)
        if ahead is None or not counts[order.pk].available:
            continue
        is_there = order.buyer.is_active and order.buyer.email
        readers = [order.buyer] if is_there else managers[order.account_id or 0]
        for user in readers:
            yield Due(ReminderSubject.ORDER, order.pk, order.redeem_by, ahead, user.email, user.pk)


def list_due_codes(assignments: Iterable[CodeAssignment], now: datetime) -> Iterator[Due]:
    """To whom a code was given: each mail says how many days are left, so the last one counts.

    Who couldn't be told of the code isn't reminded of it either.
    """
    for assignment in assignments:
        ends = assignment.code.order.redeem_by
        if assignment.mailed_at is None or ends is None:
            continue
        ahead = _compute_stage(ends, local_day(assignment.mailed_at) + NEXT, now)
        if ahead is not None:
            yield Due(ReminderSubject.CODE, assignment.pk, ends, ahead, assignment.email)


def _compute_stage(ends: datetime, since: date, now: datetime) -> int | None:
    return compute_stage(
        last_day(ends), today=local_day(now), since=since, days=conf.reminder_days()
    )


def _get_last(rows: Any, owner: str) -> dict[int, datetime]:
    """When the last of the rows of each owner was written."""
    return dict(rows.order_by().values_list(owner).annotate(Max("created_at")))
