"""The forecast: a simulation of every day and every token says the same."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.test import TestCase
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from token_payments.l10n.dates import end_of_day
from token_payments.models import EntryKind, LedgerEntry, TokenIssue
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.forecast import Lot, Unused, list_unused

TODAY = date(2027, 3, 1)
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def simulate(lots: list[Lot], spent: int, days: int) -> Counter[date]:
    """By hand: each day's tokens are taken one after the other, then the day ends."""
    tokens = [lot for lot in lots for _ in range(lot.tokens)]
    unused: Counter[date] = Counter()
    for lot in [lot for lot in tokens if lot.last == TODAY]:
        unused[TODAY] += 1
        tokens.remove(lot)
    for number in range(1, max(((lot.last or TODAY) - TODAY).days for lot in lots) + 1):
        day = TODAY + timedelta(days=number)
        for _ in range(spent * number // days - spent * (number - 1) // days):
            if tokens:
                burnt = min(tokens, key=lambda lot: (lot.use_last, lot.last or date.max))
                tokens.remove(burnt)
        for lot in [lot for lot in tokens if lot.last == day]:
            unused[day] += 1
            tokens.remove(lot)
    return unused


LOTS = st.builds(
    Lot,
    st.integers(1, 25),
    st.none() | st.integers(0, 50).map(lambda days: TODAY + timedelta(days=days)),
    st.booleans(),
)


@given(st.lists(LOTS, min_size=1, max_size=6), st.integers(0, 200), st.integers(1, 90))
def test_it_is_what_a_simulation_of_each_day_and_token_ends_with(lots, spent, days) -> None:
    found = list_unused(lots, spent=spent, days=days, today=TODAY)
    assert {row.last: row.tokens for row in found} == simulate(lots, spent, days)
    assert [row.last for row in found] == sorted(row.last for row in found)


def test_what_is_used_last_may_expire_before_what_is_used_first() -> None:
    soon, late = TODAY + timedelta(days=10), TODAY + timedelta(days=20)
    lots = [Lot(10, soon, use_last=True), Lot(15, late)]
    assert list_unused(lots, spent=90, days=90, today=TODAY) == [Unused(10, soon)]
    lots = [Lot(10, soon), Lot(15, late)]
    assert list_unused(lots, spent=90, days=90, today=TODAY) == [Unused(5, late)]


def test_a_million_tokens_for_a_century_take_no_time() -> None:
    lots = [Lot(1_000_000, TODAY + timedelta(days=each * 100)) for each in range(1, 365)]
    found = list_unused(lots, spent=90_000, days=90, today=TODAY)
    assert sum(row.tokens for row in found) == 364_000_000 - 1000 * 36_400


class WalletsTests(TestCase):
    def setUp(self) -> None:
        self.account, self.gold = factories.make_account(), factories.make_type()

    def issue(self, tokens: int, *, age: int = 200, ahead: int | None = 30) -> TokenIssue:
        ends = None if ahead is None else end_of_day(TODAY + timedelta(days=ahead))
        issued = NOW - timedelta(days=age)
        return factories.issue_tokens(self.account, self.gold, tokens, now=issued, expires_at=ends)

    def move(self, issue: TokenIssue, amount: int, *, ago: int) -> None:
        kind = EntryKind.DEBIT if amount < 0 else EntryKind.REVERSAL
        LedgerEntry.objects.create(
            issue=issue, kind=kind, amount=amount, created_at=NOW - timedelta(days=ago)
        )
        TokenIssue.objects.filter(pk=issue.pk).update(remaining=issue.remaining + amount)
        issue.refresh_from_db()

    def forecast(self) -> wallet_queries.Forecast:
        wallet = factories.find_wallet(self.account, self.gold)
        return wallet_queries.list_forecasts([wallet.pk], NOW)[wallet.pk]

    def test_the_pace_is_of_90_days_without_what_came_back(self) -> None:
        issue = self.issue(80)
        self.move(issue, -40, ago=90)  # a day too early
        self.move(issue, -30, ago=89)
        self.move(issue, 12, ago=3)
        self.issue(20, ahead=45)
        found = self.forecast()
        assert (found.spent, found.days) == (18, 90)
        # of the 22 that are left of the first ones 6 are spent in time, of the others 3
        assert (found.available, found.expiring) == (42, 42)
        first, second = (TODAY + timedelta(days=ahead) for ahead in (30, 45))
        assert found.unused == [Unused(16, first), Unused(17, second)]
        assert found.lost == 33

    def test_of_a_younger_wallet_the_pace_is_of_its_own_days(self) -> None:
        self.move(self.issue(60, age=9), -10, ago=2)
        found = self.forecast()
        assert (found.spent, found.days, found.lost) == (10, 10, 20)

    def test_of_one_of_some_days_no_pace_can_be_told(self) -> None:
        self.move(self.issue(60, age=5), -10, ago=2)
        assert self.forecast().is_early
        assert self.forecast().unused == []

    def test_what_came_back_of_earlier_payments_is_no_pace_backwards(self) -> None:
        issue = self.issue(20)
        self.move(issue, -10, ago=100)
        self.move(issue, 10, ago=5)
        assert (self.forecast().spent, self.forecast().lost) == (0, 20)

    def test_what_never_expires_is_never_unused(self) -> None:
        self.issue(20, ahead=None)
        assert (self.forecast().expiring, self.forecast().unused) == (0, [])

    def test_many_wallets_take_three_queries(self) -> None:
        wallets = []
        for number in range(12):
            account = factories.make_account(f"Account {number}")
            factories.issue_tokens(account, self.gold, 9, idempotency_key=uuid.uuid4().hex, now=NOW)
            wallets.append(factories.find_wallet(account, self.gold).pk)
        empty = factories.find_wallet(self.account, self.gold).pk
        with self.assertNumQueries(3):
            assert set(wallet_queries.list_forecasts([*wallets, empty], NOW)) == set(wallets)
