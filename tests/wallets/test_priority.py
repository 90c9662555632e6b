"""Issues that are kept for last: burn order follows, and the ledger says who wanted it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase

from tests import factories
from tests.concurrency import assert_healthy
from token_payments.errors import IdempotencyConflict, IssueExpired
from token_payments.models import EntryKind, LedgerEntry, TokenIssue
from token_payments.presenters.ledger_lines import describe_what
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class PriorityTest(TestCase):
    def setUp(self) -> None:
        self.boss = factories.make_user("boss")
        self.account, self.gold = factories.make_account(), factories.make_type()
        self.first = self.issue(5, 2)
        self.second = self.issue(7, 9)
        self.wallet = factories.find_wallet(self.account, self.gold)

    def issue(self, quantity: int, days: int) -> TokenIssue:
        ends = NOW + days * DAY
        return factories.issue_tokens(self.account, self.gold, quantity, now=NOW, expires_at=ends)

    def mark(self, use_last: bool = True, key: str = "key", **fields: Any) -> LedgerEntry | None:
        fields = {"actor": self.boss, "reason": "Reserve", "now": NOW, **fields}
        return wallet_operations.set_use_last(
            self.first.pk, use_last, idempotency_key=key, **fields
        )

    def order(self) -> list[TokenIssue]:
        return list(wallet_queries.list_usable_issues(self.wallet, NOW))

    def test_it_is_used_after_those_that_expire_later(self) -> None:
        assert self.order() == [self.first, self.second]
        self.mark()
        assert self.order() == [self.second, self.first]
        self.mark(False, "back")
        assert self.order() == [self.first, self.second]

    def test_the_ledger_says_who_when_and_why(self) -> None:
        entry = self.mark()
        assert entry is not None
        assert (entry.kind, entry.amount) == (EntryKind.USE_LAST, 0)
        assert (entry.actor, entry.reason, entry.created_at) == (self.boss, "Reserve", NOW)
        assert describe_what(entry) == "Marked “use last”"
        back = self.mark(False, "back")
        assert back is not None
        assert describe_what(back) == "No longer “use last”"
        assert wallet_queries.get_balance(self.wallet, NOW).available == 12
        assert_healthy()

    def test_what_is_so_already_gets_no_entry(self) -> None:
        assert self.mark(False) is None
        self.mark()
        assert self.mark(key="again") is None
        assert LedgerEntry.objects.filter(amount=0).count() == 1

    def test_the_same_key_is_the_same_entry_or_a_conflict(self) -> None:
        entry = self.mark()
        self.mark(False, "back")
        assert self.mark() == entry
        assert not TokenIssue.objects.get(pk=self.first.pk).use_last
        with pytest.raises(IdempotencyConflict):
            self.mark(False)

    def test_of_an_expired_issue_nothing_is_spent_any_more(self) -> None:
        with pytest.raises(IssueExpired):
            self.mark(now=NOW + 2 * DAY)

    def test_a_balance_says_how_much_is_kept_for_last(self) -> None:
        self.mark()
        balance = wallet_queries.get_balance(self.wallet, NOW)
        assert (balance.available, balance.kept_for_last) == (12, 5)
        assert wallet_queries.get_balance(self.wallet, NOW + 2 * DAY).kept_for_last == 0
