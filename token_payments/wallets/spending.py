"""Spending tokens, giving them back, and what expiry takes.

Debits don't lock: they read, write their entries, and take the tokens by one conditional UPDATE at
the end, since the issues' rows are the ones that everybody wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Case, F, Q, Sum, Value, When

from token_payments.hosts.base import User
from token_payments.transactions import LostRace
from token_payments.wallets.fifo import BURN_ORDER, Draw, filter_usable, plan_draws
from token_payments.wallets.ledger import change_issue, lock_issues
from token_payments.wallets.models import EntryKind, LedgerEntry, TokenIssue, Wallet

if TYPE_CHECKING:
    from token_payments.checkout.models import Redemption


def debit(
    wallet: Wallet,
    draws: Sequence[Draw],
    *,
    redemption: Redemption,
    actor: User,
    now: datetime,
    careful: bool = False,
) -> Sequence[Draw]:
    """Spend tokens on a redemption as planned by ``preview_debit``, in the caller's transaction.

    Decides by one conditional UPDATE. When another debit came between, LostRace is raised: the
    caller rolls back and comes again with a new plan, ``careful``, which plans anew under locks.
    Raises InsufficientTokens then. Returns what was drawn.
    """
    if careful:
        quantity = sum(draw.amount for draw in draws)
        usable = filter_usable(TokenIssue.objects.filter(wallet=wallet), now)
        draws = plan_draws(usable.order_by(*BURN_ORDER).select_for_update(), quantity)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            issue_id=draw.issue.pk,
            kind=EntryKind.DEBIT,
            amount=-draw.amount,
            redemption=redemption,
            actor=actor,
            created_at=now,
        )
        for draw in draws
    )
    _take(draws)
    return draws


def give_back(redemption: Redemption, *, actor: User | None, reason: str, now: datetime) -> None:
    """Return what a redemption drew to the very issues it was drawn from.

    Does it once: what was given back before is not given back again.
    """
    drawn = _sum_by_issue(redemption, EntryKind.DEBIT)
    returned = _sum_by_issue(redemption, EntryKind.REVERSAL)
    for issue in lock_issues(drawn):
        amount = -drawn[issue.pk] - returned.get(issue.pk, 0)
        if amount > 0:
            kind = EntryKind.REVERSAL
            change_issue(issue, kind, amount, actor, reason, None, now, redemption=redemption)


def expire_issues(*, now: datetime, limit: int = 500) -> int:
    """Record the expiry of up to ``limit`` issues: what remains of them goes to zero.

    Returns how many were done; 0 when there is nothing left to do. Two workers may run it at once:
    each leaves the issues alone that the other one has locked.
    """
    with transaction.atomic():
        due = TokenIssue.objects.filter(expires_at__lte=now, remaining__gt=0)
        skip_locked = connection.features.has_select_for_update_skip_locked
        issues = list(
            due.order_by("expires_at", "id").select_for_update(skip_locked=skip_locked)[:limit]
        )
        LedgerEntry.objects.bulk_create(
            LedgerEntry(
                issue=issue,
                kind=EntryKind.EXPIRY,
                amount=-issue.remaining,
                actor=None,
                created_at=now,
            )
            for issue in issues
        )
        TokenIssue.objects.filter(pk__in=[issue.pk for issue in issues]).update(remaining=0)
    return len(issues)


def _take(draws: Sequence[Draw]) -> None:
    """Take the drawn tokens from their issues by one UPDATE. Raises LostRace."""
    enough = Q()
    for draw in draws:
        enough |= Q(pk=draw.issue.pk, remaining__gte=draw.amount)
    amounts = Case(*(When(pk=draw.issue.pk, then=Value(draw.amount)) for draw in draws))
    if TokenIssue.objects.filter(enough).update(remaining=F("remaining") - amounts) != len(draws):
        raise LostRace


def _sum_by_issue(redemption: Redemption, kind: EntryKind) -> dict[int, int]:
    rows = LedgerEntry.objects.filter(redemption=redemption, kind=kind).order_by()
    return dict(rows.values_list("issue").annotate(Sum("amount")))
