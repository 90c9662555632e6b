"""Which issues a debit draws from: soonest expiry, then first issued, then the lower number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ddt import data, ddt, unpack
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests import factories
from tests.examples import count_examples
from token_payments.errors import InsufficientTokens
from token_payments.models import TokenIssue
from token_payments.wallets.balances import preview_debit

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)

#: (days to expiry or None, days since it was issued, tokens)
LOT = st.tuples(st.none() | st.integers(1, 3), st.integers(0, 3), st.integers(1, 5))


class BurnTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.account, cls.gold = factories.make_account(), factories.make_type()
        cls.wallet = factories.find_wallet(cls.account, cls.gold)

    def issue(self, ends: int | None, age: int, quantity: int) -> TokenIssue:
        return factories.issue_tokens(
            self.account,
            self.gold,
            quantity,
            now=NOW - age * DAY,
            expires_at=None if ends is None else NOW + ends * DAY,
        )

    def plan(self, quantity: int) -> list[tuple[int, int]]:
        return [(draw.issue.pk, draw.amount) for draw in preview_debit(self.wallet, quantity, NOW)]


@ddt
class BurnOrderTest(BurnTestCase):
    @data(
        ("soonest expiry first", (9, 0), (2, 0), [1, 0]),
        ("also when issued last", (9, 5), (2, 0), [1, 0]),
        ("never expiring last, though issued first", (None, 9), (9, 0), [1, 0]),
        ("equal expiry: issued first", (5, 1), (5, 2), [1, 0]),
        ("never expiring: issued first", (None, 1), (None, 2), [1, 0]),
        ("all equal: the lower number", (5, 1), (5, 1), [0, 1]),
        ("never expiring, all equal: the lower number", (None, 1), (None, 1), [0, 1]),
    )
    @unpack
    def test_of_two(self, name: str, first: tuple, second: tuple, order: list[int]) -> None:
        issues = [self.issue(*first, 3), self.issue(*second, 3)]
        assert self.plan(5) == [(issues[order[0]].pk, 3), (issues[order[1]].pk, 2)]

    def test_a_hundred_issues_give_one_token_each(self) -> None:
        issues = [self.issue(ends, 0, 1) for ends in range(100, 0, -1)]
        assert self.plan(100) == [(issue.pk, 1) for issue in reversed(issues)]

    def test_no_issue_is_touched_beyond_what_is_needed(self) -> None:
        first = self.issue(1, 0, 5)
        self.issue(2, 0, 5)
        assert self.plan(5) == [(first.pk, 5)]

    def test_empty_and_expired_issues_are_passed_over(self) -> None:
        empty, expired, good = self.issue(1, 0, 5), self.issue(2, 0, 5), self.issue(3, 0, 5)
        TokenIssue.objects.filter(pk=empty.pk).update(remaining=0)
        TokenIssue.objects.filter(pk=expired.pk).update(issued_at=NOW - 9 * DAY, expires_at=NOW)
        assert self.plan(5) == [(good.pk, 5)]


class AnyIssuesTest(BurnTestCase):
    @settings(max_examples=count_examples(60), deadline=None)
    @given(lots=st.lists(LOT, max_size=8), quantity=st.integers(1, 20))
    def test_draws_are_those_of_a_sorted_list(self, lots: list[tuple], quantity: int) -> None:
        issues = [self.issue(*lot) for lot in lots]
        pairs = list(zip(lots, issues, strict=True))
        pairs.sort(key=lambda pair: (pair[0][0] is None, pair[0][0] or 0, -pair[0][1], pair[1].pk))
        tokens = [issue.pk for (_, _, number), issue in pairs for _ in range(number)]
        if len(tokens) < quantity:
            with pytest.raises(InsufficientTokens) as caught:
                self.plan(quantity)
            assert (caught.value.wanted, caught.value.available) == (quantity, len(tokens))
            return
        taken = tokens[:quantity]
        assert self.plan(quantity) == [(pk, taken.count(pk)) for pk in dict.fromkeys(taken)]
