"""Reading what accounts hold. A balance is what can be spent at ``now``, whatever was swept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum

from token_payments.hosts.base import User
from token_payments.l10n.dates import end_of_day, local_day
from token_payments.wallets.fifo import BURN_ORDER, Draw, filter_usable, is_usable, plan_draws
from token_payments.wallets.models import (
    Account,
    AccountRole,
    EntryKind,
    LedgerEntry,
    TokenIssue,
    Wallet,
)

EXPIRING_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Balance:
    """The tokens of a wallet at one instant.

    ``available`` can be spent; ``expiring_soon`` of them expire within 30 days, and
    ``kept_for_last`` of them are in issues marked “use last”. ``expired`` were lost by their
    expiry, ``spent`` were paid with and didn't come back.
    """

    available: int = 0
    expiring_soon: int = 0
    expired: int = 0
    spent: int = 0
    kept_for_last: int = 0


@dataclass(frozen=True)
class Expiring:
    """So many tokens of a wallet that expire at one instant."""

    wallet_id: int
    expires_at: datetime
    tokens: int


def end_of_soon(now: datetime) -> datetime:
    """The end of the 30th local day after today's: tokens that end by then *expire soon*.

    Days are counted as on a calendar, and as reminders count them.
    """
    return end_of_day(local_day(now) + EXPIRING_SOON)


def get_balance(wallet: Wallet, now: datetime) -> Balance:
    """A wallet's balance at the instant ``now``, whatever the sweep has recorded."""
    return list_balances([wallet.pk], now).get(wallet.pk, Balance())


def list_balances(wallet_ids: Iterable[int], now: datetime) -> dict[int, Balance]:
    """The balances of wallets that had an issue, by the wallets' ids, in two queries."""
    ids = list(wallet_ids)
    usable, soon = is_usable(now), Q(expires_at__lte=end_of_soon(now))
    lots = (
        TokenIssue.objects.filter(wallet__in=ids)
        .order_by()
        .values("wallet")
        .annotate(
            available=Sum("remaining", filter=usable, default=0),
            expiring_soon=Sum("remaining", filter=usable & soon, default=0),
            unswept=Sum("remaining", filter=Q(expires_at__lte=now), default=0),
            kept_for_last=Sum("remaining", filter=usable & Q(use_last=True), default=0),
        )
    )
    entries = (
        LedgerEntry.objects.filter(issue__wallet__in=ids)
        .order_by()
        .values("issue__wallet")
        .annotate(
            swept=Sum("amount", filter=Q(kind=EntryKind.EXPIRY), default=0),
            spent=Sum(
                "amount", filter=Q(kind__in=(EntryKind.DEBIT, EntryKind.REVERSAL)), default=0
            ),
        )
    )
    moved = {row["issue__wallet"]: row for row in entries}
    nothing = {"swept": 0, "spent": 0}
    return {
        row["wallet"]: Balance(
            available=row["available"],
            expiring_soon=row["expiring_soon"],
            expired=row["unswept"] - moved.get(row["wallet"], nothing)["swept"],
            spent=-moved.get(row["wallet"], nothing)["spent"],
            kept_for_last=row["kept_for_last"],
        )
        for row in lots
    }


def list_expiring(wallet_ids: Iterable[int], now: datetime) -> list[Expiring]:
    """The tokens of these wallets that expire within 30 days, the soonest first, in one query."""
    issues = TokenIssue.objects.filter(
        wallet__in=list(wallet_ids), expires_at__lte=end_of_soon(now)
    )
    lots = filter_usable(issues, now).order_by("expires_at", "wallet")
    sums = lots.values_list("wallet", "expires_at").annotate(Sum("remaining"))
    return [Expiring(*row) for row in sums]


def list_usable_issues(wallet: Wallet, now: datetime) -> QuerySet[TokenIssue]:
    """The issues that a debit would draw from, in burn order."""
    return filter_usable(TokenIssue.objects.filter(wallet=wallet), now).order_by(*BURN_ORDER)


def sum_usable(wallet: Wallet, now: datetime) -> int:
    """The tokens that can be spent: ``get_balance(...).available``, for the price of one sum."""
    usable = filter_usable(TokenIssue.objects.filter(wallet=wallet), now)
    return int(usable.aggregate(total=Sum("remaining", default=0))["total"])


def preview_debit(wallet: Wallet, quantity: int, now: datetime) -> list[Draw]:
    """The draws of a debit, taking nothing. Raises InsufficientTokens."""
    return plan_draws(list_usable_issues(wallet, now), quantity)


def list_accounts(user: User, *, role: AccountRole | None = None) -> QuerySet[Account]:
    """The accounts that a user belongs to, or has this very role in."""
    memberships = Q(members__user=user)
    if role is not None:
        memberships &= Q(members__role=role)
    return Account.objects.filter(memberships)
