"""Giving tokens back to the very issues that they were drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Sum

from token_payments.hosts.base import User
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.wallets.ledger import add_entry, change_issue, is_expired, lock_issues
from token_payments.wallets.models import (
    EntryKind,
    IssueSource,
    LedgerEntry,
    TokenIssue,
    TokenSettings,
)

if TYPE_CHECKING:
    from token_payments.checkout.models import Redemption


@dataclass(frozen=True)
class Return:
    """So many tokens, back in ``issue``.

    ``expired``: that issue is over. They can be spent until ``until`` all the same, in an issue of
    their own, where the site has days of grace; with None they are gone.
    """

    issue: TokenIssue
    tokens: int
    expired: bool = False
    until: datetime | None = None


def preview_return(redemption: Redemption, *, now: datetime) -> list[Return]:
    """A preview of ``give_back`` at ``now``, by issue; nothing once it was done."""
    outstanding = _compute_outstanding(redemption)
    issues = TokenIssue.objects.filter(pk__in=list(outstanding)).order_by("id")
    return [_plan(issue, outstanding[issue.pk], now) for issue in issues]


def give_back(
    redemption: Redemption, *, actor: User | None, reason: str, now: datetime
) -> Sequence[Return]:
    """Return what a redemption drew, in the caller's transaction; says what went where.

    Does it once, also when two do it at once. Tokens of an issue that expired meanwhile expire with
    it, or are issued anew for the days of grace.
    """
    drawn = list(_compute_outstanding(redemption))
    issues = lock_issues(TokenIssue.objects.filter(pk__in=drawn))
    outstanding = _compute_outstanding(redemption)  # not before the locks are held
    returns = [
        _plan(issue, outstanding[issue.pk], now) for issue in issues if issue.pk in outstanding
    ]
    for one in returns:
        _return(one, redemption, actor=actor, reason=reason, now=now)
    return returns


def _return(
    one: Return, redemption: Redemption, *, actor: User | None, reason: str, now: datetime
) -> None:
    kind = EntryKind.REVERSAL
    change_issue(
        one.issue, kind, one.tokens, actor=actor, reason=reason, now=now, redemption=redemption
    )
    if not one.expired:
        return
    change_issue(one.issue, EntryKind.EXPIRY, -one.tokens, actor=None, now=now)
    if one.until is not None:
        _issue_again(one, redemption, actor=actor, reason=reason, now=now)


def _issue_again(
    one: Return, redemption: Redemption, *, actor: User | None, reason: str, now: datetime
) -> None:
    """Also for a frozen account or an archived type: nothing is bought by it."""
    issue = TokenIssue.objects.create(
        wallet_id=one.issue.wallet_id,
        quantity=one.tokens,
        remaining=one.tokens,
        issued_at=now,
        expires_at=one.until,
        source=IssueSource.REFUND,
        reference=one.issue.reference,
        unit_price=one.issue.unit_price,
        currency=one.issue.currency,
        idempotency_key=f"refund:{redemption.pk}:{one.issue.pk}",
    )
    add_entry(issue, EntryKind.ISSUE, one.tokens, actor=actor, reason=reason, now=now)


def _plan(issue: TokenIssue, tokens: int, now: datetime) -> Return:
    if not is_expired(issue, now):
        return Return(issue, tokens)
    days = TokenSettings.current().refund_grace_days
    today = last_day(now + timedelta(microseconds=1))
    until = end_of_day(today + timedelta(days=days)) if days else None
    return Return(issue, tokens, expired=True, until=until)


def _compute_outstanding(redemption: Redemption) -> dict[int, int]:
    """The tokens drawn from each issue that were not given back yet."""
    rows = LedgerEntry.objects.filter(
        redemption=redemption, kind__in=(EntryKind.DEBIT, EntryKind.REVERSAL)
    ).order_by()
    sums = rows.values_list("issue").annotate(Sum("amount"))
    return {issue_id: -total for issue_id, total in sums if total < 0}
