"""Forecast: what of a wallet's tokens will expire unused, if they are spent as they were lately.

The pace is what was spent net of what came back, over the last 90 days or, in a younger wallet,
over the days that it had tokens. Whole tokens are spent, day by day from tomorrow on, in burn
order; on days on which nothing is left to spend, nothing is.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min, Sum

from token_payments.l10n.dates import last_day, local_day, start_of_day
from token_payments.wallets.fifo import filter_usable
from token_payments.wallets.models import EntryKind, LedgerEntry, TokenIssue

WINDOW = 90  # days
LEAST = 7  # days of a wallet's life from which a pace can be told


@dataclass(frozen=True)
class Lot:
    """Tokens of a wallet that can be spent until the end of ``last``; None: for ever."""

    tokens: int
    last: date | None = None
    use_last: bool = False


@dataclass(frozen=True)
class Unused:
    """So many tokens that expire unused at the end of a day."""

    tokens: int
    last: date


@dataclass(frozen=True)
class Forecast:
    """A forecast for ``available`` tokens at the pace of ``spent`` tokens in ``days`` days.

    ``expiring`` of them expire at all, ``unused`` is what of these nobody will have spent, the
    soonest first. ``is_early``: the wallet is too young for a pace; ``unused`` is empty then.
    """

    available: int
    expiring: int
    spent: int
    days: int
    unused: Sequence[Unused] = ()
    is_early: bool = False

    @property
    def lost(self) -> int:
        return sum(row.tokens for row in self.unused)


def list_unused(lots: Iterable[Lot], *, spent: int, days: int, today: date) -> list[Unused]:
    """The lots' tokens that expire unspent if ``spent`` tokens are spent in each ``days`` days."""
    left: dict[tuple[bool, date], int] = defaultdict(int)
    for lot in lots:
        left[lot.use_last, lot.last or date.max] += lot.tokens
    order = deque(sorted(left))  # burn order: what is alike in both is spent and expires as one
    unused, gone = [], 0
    for day in sorted({last for _, last in left} - {date.max}):
        allowed = max(0, spent) * (day - today).days // days - gone
        gone += allowed  # also where nothing is left to be spent: those days are over
        while order and (allowed or order[0] not in left):
            taken = min(left.get(order[0], 0), allowed)
            allowed -= taken
            if left.get(order[0], 0) > taken:
                left[order[0]] -= taken
                break
            left.pop(order.popleft(), None)
        tokens = sum(left.pop((use_last, day), 0) for use_last in (False, True))
        if tokens:
            unused.append(Unused(tokens, day))
    return unused


def list_forecasts(wallet_ids: Iterable[int], now: datetime) -> dict[int, Forecast]:
    """Of each wallet that has tokens to spend: three queries for all of them."""
    lots = _list_lots(wallet_ids, now)
    ids, today = list(lots), local_day(now)
    if not ids:
        return {}
    issues = TokenIssue.objects.filter(wallet__in=ids).order_by().values_list("wallet")
    first = dict(issues.annotate(Min("issued_at")))
    spent = _sum_spent(ids, start_of_day(today - timedelta(days=WINDOW - 1)))
    forecasts = {}
    for wallet_id, held in lots.items():
        days = min(WINDOW, (today - local_day(first[wallet_id])).days + 1)
        pace = max(0, spent.get(wallet_id, 0))
        is_early = days < LEAST
        unused = [] if is_early else list_unused(held, spent=pace, days=days, today=today)
        forecasts[wallet_id] = Forecast(
            available=sum(lot.tokens for lot in held),
            expiring=sum(lot.tokens for lot in held if lot.last),
            spent=pace,
            days=days,
            unused=unused,
            is_early=is_early,
        )
    return forecasts


def _list_lots(wallet_ids: Iterable[int], now: datetime) -> dict[int, list[Lot]]:
    issues = filter_usable(TokenIssue.objects.filter(wallet__in=list(wallet_ids)), now)
    rows = issues.order_by().values_list("wallet", "expires_at", "use_last")
    lots: dict[int, list[Lot]] = defaultdict(list)
    for wallet_id, ends, use_last, tokens in rows.annotate(Sum("remaining")):
        lots[wallet_id].append(Lot(tokens, last_day(ends) if ends else None, use_last))
    return lots


def _sum_spent(wallet_ids: Sequence[int], since: datetime) -> dict[int, int]:
    entries = LedgerEntry.objects.filter(
        issue__wallet__in=wallet_ids,
        kind__in=(EntryKind.DEBIT, EntryKind.REVERSAL),
        created_at__gte=since,
    )
    sums = entries.order_by().values_list("issue__wallet").annotate(Sum("amount"))
    return {wallet_id: -total for wallet_id, total in sums}
