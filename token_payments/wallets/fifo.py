"""Burn order: which issues a debit draws from.

Those marked to be used last come after all others. Then soonest expiry first, those that never
expire last; then the one issued first, then the lower id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OrderBy, Q, QuerySet

from token_payments.errors import InsufficientTokens
from token_payments.wallets.models import TokenIssue


def order_by_burning(prefix: str = "") -> tuple[OrderBy, ...]:
    """Burn order for ``order_by``; ``prefix`` leads to the issues, e.g. ``issues__``."""
    expiry = F(f"{prefix}expires_at").asc(nulls_last=True)
    last = F(f"{prefix}use_last").asc()
    return (last, expiry, F(f"{prefix}issued_at").asc(), F(f"{prefix}id").asc())


BURN_ORDER = order_by_burning()


@dataclass(frozen=True)
class Draw:
    """So many tokens taken from one issue."""

    issue: TokenIssue
    amount: int


def sort_for_burning(issues: Iterable[TokenIssue]) -> list[TokenIssue]:
    """The issues in burn order, as the database would sort them."""

    def key(issue: TokenIssue) -> tuple[bool, bool, datetime, datetime, int]:
        ends = issue.expires_at
        return (
            issue.use_last,
            ends is None,
            ends or issue.issued_at,
            issue.issued_at,
            issue.pk,
        )

    return sorted(issues, key=key)


def filter_usable(issues: QuerySet[TokenIssue], now: datetime) -> QuerySet[TokenIssue]:
    """The issues that have tokens which can be spent at ``now``."""
    return issues.filter(is_usable(now))


def is_usable(now: datetime, prefix: str = "") -> Q:
    """Whether an issue has tokens which can be spent at ``now``; ``prefix`` leads to the issue."""
    expires_at = f"{prefix}expires_at"
    not_expired = Q(**{f"{expires_at}__isnull": True}) | Q(**{f"{expires_at}__gt": now})
    has_tokens = {f"{prefix}remaining__gt": 0, f"{prefix}issued_at__lte": now}
    return Q(not_expired, **has_tokens)


def plan_draws(issues: Iterable[TokenIssue], quantity: int) -> list[Draw]:
    """How ``quantity`` tokens are drawn from usable issues in burn order.

    Raises InsufficientTokens when they don't have so many.
    """
    draws, missing = [], quantity
    for issue in issues:
        amount = min(issue.remaining, missing)
        draws.append(Draw(issue, amount))
        missing -= amount
        if missing == 0:
            return draws
    raise InsufficientTokens(wanted=quantity, available=quantity - missing)
