"""Balances as pages show them, against sums that are made in another way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext

from token_payments.doctor.findings import Finding, walk
from token_payments.models import EntryKind, LedgerEntry, TokenIssue, Wallet
from token_payments.wallets.queries import Balance, end_of_soon, list_balances

WALLETS = 500
PAYING = (EntryKind.DEBIT, EntryKind.REVERSAL)


def list_wrong_balances(now: datetime) -> Iterator[Finding]:
    """``list_balances`` is what the entries alone add up to.

    Wallets whose issues are wrong themselves are left to ``issue_sums``.
    """
    for wallets in walk(Wallet.objects.all(), WALLETS):
        for wallet in wallets.filter(pk__in=_compare(wallets.values_list("pk", flat=True), now)):
            finding = _look_again(wallet, now)
            if finding is not None:
                yield finding


def _compare(wallet_ids: object, now: datetime) -> list[int]:
    ids = list(wallet_ids)  # type: ignore[call-overload]
    shown, summed, remaining = list_balances(ids, now), _sum_entries(ids, now), _sum_issues(ids)
    nothing = (Balance(), 0)
    wrong = []
    for pk in ids:
        balance, total = summed.get(pk, nothing)
        if shown.get(pk, Balance()) != balance and remaining.get(pk, 0) == total:
            wrong.append(pk)
    return wrong


def _look_again(wallet: Wallet, now: datetime) -> Finding | None:
    """With the wallet's issues locked: nobody spends between one sum and the other."""
    with transaction.atomic():
        list(TokenIssue.objects.filter(wallet=wallet).order_by("id").select_for_update())
        if not _compare([wallet.pk], now):
            return None
        shown = list_balances([wallet.pk], now).get(wallet.pk, Balance())
        summed, _ = _sum_entries([wallet.pk], now).get(wallet.pk, (Balance(), 0))
    return Finding(
        gettext("wallet %(id)s") % {"id": wallet.pk},
        gettext("Pages show %(shown)s, the entries add up to %(summed)s.")
        % {"shown": _write(shown), "summed": _write(summed)},
    )


def _sum_entries(ids: list[int], now: datetime) -> dict[int, tuple[Balance, int]]:
    """By wallet: the balance from entries alone, and the sum of all entries."""
    never, ended = Q(issue__expires_at__isnull=True), Q(issue__expires_at__lte=now)
    usable = (never | Q(issue__expires_at__gt=now)) & Q(issue__issued_at__lte=now)
    soon = usable & Q(issue__expires_at__lte=end_of_soon(now))
    swept = Q(kind=EntryKind.EXPIRY)
    rows = (
        LedgerEntry.objects.filter(issue__wallet__in=ids)
        .order_by()
        .values("issue__wallet")
        .annotate(
            available=Sum("amount", filter=usable, default=0),
            expiring_soon=Sum("amount", filter=soon, default=0),
            left_at_end=Sum("amount", filter=ended & ~swept, default=0),
            swept_early=Sum("amount", filter=swept & ~ended, default=0),
            taken=Sum("amount", filter=~Q(kind__in=PAYING), default=0),
            kept_for_last=Sum("amount", filter=usable & Q(issue__use_last=True), default=0),
            total=Sum("amount", default=0),
        )
    )
    return {
        row["issue__wallet"]: (
            Balance(
                available=row["available"],
                expiring_soon=row["expiring_soon"],
                expired=row["left_at_end"] - row["swept_early"],
                spent=row["taken"] - row["total"],
                kept_for_last=row["kept_for_last"],
            ),
            row["total"],
        )
        for row in rows
    }


def _sum_issues(ids: list[int]) -> dict[int, int]:
    rows = TokenIssue.objects.filter(wallet__in=ids).order_by().values_list("wallet")
    return dict(rows.annotate(Sum("remaining")))


def _write(balance: Balance) -> str:
    return gettext("%(available)s available, %(expired)s expired, %(spent)s spent") % {
        "available": balance.available,
        "expired": balance.expired,
        "spent": balance.spent,
    }
