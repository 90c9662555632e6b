"""Spending tokens, and what expiry takes.

Debits don't lock: they read, write their entries, and take the tokens by one conditional UPDATE at
the end, since the issues' rows are the ones that everybody wants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from django.db import connection

from token_payments.db.prepared import insert_rows
from token_payments.db.transactions import LostRace, in_transaction
from token_payments.hosts.base import User
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.fifo import Draw, filter_usable, plan_draws, sort_for_burning
from token_payments.wallets.ledger import lock_issues
from token_payments.wallets.models import EntryKind, LedgerEntry, TokenIssue, Wallet

if TYPE_CHECKING:
    from token_payments.checkout.models import Redemption

R = TypeVar("R")
ROWS_PER_STATEMENT = 200  # SQLite takes no expression that is deeper than 1,000


@dataclass(frozen=True)
class Expiries:
    """Expiries that were recorded together: the tokens of each issue, by its id."""

    amounts: Mapping[int, int]
    now: datetime


@dataclass(frozen=True)
class Expired:
    """Expiries that were recorded; ``last`` is the id that was looked at last, None at the end."""

    issues: int = 0
    tokens: int = 0
    last: int | None = None


def debit(
    wallet: Wallet,
    draws: Sequence[Draw],
    *,
    redemption: Redemption,
    actor: User,
    now: datetime,
    with_locks: bool = False,
) -> Sequence[Draw]:
    """Spend tokens on a redemption as planned by ``preview_debit``, in the caller's transaction.

    Decides by one conditional UPDATE. When another debit came between, LostRace is raised: the
    caller rolls back and comes again with a new plan, ``with_locks``, which plans anew under locks.
    Raises InsufficientTokens then. Returns what was drawn.
    """
    if with_locks:
        quantity = sum(draw.amount for draw in draws)
        usable = filter_usable(TokenIssue.objects.filter(wallet=wallet), now)
        draws = plan_draws(sort_for_burning(lock_issues(usable)), quantity)
    entries = [
        LedgerEntry(
            issue_id=draw.issue.pk,
            kind=EntryKind.DEBIT,
            amount=-draw.amount,
            redemption=redemption,
            actor=actor,
            created_at=now,
        )
        for draw in draws
    ]
    for part in _split(entries):
        insert_rows(part)
    # by id, like all locks: this matters when one statement isn't enough
    for taken in _split(sorted(draws, key=lambda draw: draw.issue.pk)):
        _take(taken)
    return draws


def expire_issues(*, now: datetime, limit: int = 500, after: int = 0) -> Expired:
    """Record the expiry of up to ``limit`` issues: what remains of them goes to zero.

    One transaction, which looks without locks and then locks for as long as two statements take.
    ``after`` is the id to go on from. Safe to run again, or by two workers at once: issues that
    somebody else has locked are left to that one, or to the next run.
    """
    return in_transaction(partial(_expire_batch, now, limit, after))


def expire_all_issues(
    *, now: datetime, limit: int = 500, clock: Callable[[], datetime] | None = None
) -> Expired:
    """Record every expiry, in batches of ``limit``; what was done stays done if it is stopped.

    Entries have the time of their batch where there is a ``clock``: who follows the ledger by time
    isn't told of them late.
    """
    issues = tokens = after = 0
    while True:
        batch = expire_issues(now=clock() if clock else now, limit=limit, after=after)
        issues, tokens = issues + batch.issues, tokens + batch.tokens
        if batch.last is None:
            return Expired(issues, tokens)
        after = batch.last


def _expire_batch(now: datetime, limit: int, after: int) -> Expired:
    due = TokenIssue.objects.filter(expires_at__lte=now, remaining__gt=0).order_by("id")
    # By id, not by day: a day may have a million issues, and each batch would sort them anew.
    found = list(due.filter(pk__gt=after).values_list("pk", flat=True)[:limit])
    if not found:
        return Expired()
    skip_locked = connection.features.has_select_for_update_skip_locked
    locked = due.filter(pk__in=found).select_for_update(skip_locked=skip_locked)
    remaining = dict(locked.values_list("pk", "remaining"))
    if remaining:
        _write_expiries(list(remaining), now)
        TokenIssue.objects.filter(pk__in=remaining).update(remaining=0)
        announce(Step.EXPIRIES_RECORDED, Expiries(remaining, now))
    return Expired(len(remaining), sum(remaining.values()), found[-1])


def _write_expiries(issue_ids: Sequence[int], now: datetime) -> None:
    """The entries of locked issues, written by the database: no row travels, the lock is short."""
    name = connection.ops.quote_name
    entries, issues = name(LedgerEntry._meta.db_table), name(TokenIssue._meta.db_table)
    marks = ", ".join(["%s"] * len(issue_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {entries} (issue_id, kind, amount, reason, created_at) "  # noqa: S608 (names are ours)
            f"SELECT id, %s, -remaining, %s, %s FROM {issues} WHERE id IN ({marks})",
            [
                EntryKind.EXPIRY.value,
                "",
                connection.ops.adapt_datetimefield_value(now),
                *issue_ids,
            ],
        )


def _split(rows: Sequence[R]) -> Iterator[Sequence[R]]:
    """The rows in parts that every database takes in one statement."""
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        yield rows[start : start + ROWS_PER_STATEMENT]


def _take(draws: Sequence[Draw]) -> None:
    """Take the drawn tokens from their issues by one UPDATE. Raises LostRace."""
    table = connection.ops.quote_name(TokenIssue._meta.db_table)
    amounts = " ".join(["WHEN %s THEN %s"] * len(draws))
    enough = " OR ".join(["(id = %s AND remaining >= %s)"] * len(draws))
    values = [value for draw in draws for value in (draw.issue.pk, draw.amount)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET remaining = remaining - CASE id {amounts} END "  # noqa: S608 (names are ours)
            f"WHERE {enough}",
            values + values,
        )
        if cursor.rowcount != len(draws):
            raise LostRace
