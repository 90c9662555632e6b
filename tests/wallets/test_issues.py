"""Raising, adjusting, extending and taking back issues; and what the ledger says of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from ddt import data, ddt, unpack
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from token_payments.errors import (
    AccountFrozen,
    AdjustmentsNotAllowed,
    ExpiryNotLater,
    IdempotencyConflict,
    InsufficientTokens,
    IssueExpired,
    ManualIssuesNotAllowed,
    TypeArchived,
)
from token_payments.l10n.dates import end_of_day
from token_payments.models import (
    Account,
    EntryKind,
    IssueSource,
    LedgerEntry,
    TokenIssue,
    TokenSettings,
    TokenType,
    Wallet,
)
from token_payments.wallets.balances import Balance, get_balance
from token_payments.wallets.issuing import adjust_issue, extend_expiry, take_back_tokens
from token_payments.wallets.spending import expire_issues
from token_payments.wallets.statements import add_balances, iterate_statement, list_statement

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class WalletTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.actor = factories.make_user("operator")
        cls.account = factories.make_account()
        cls.gold = factories.make_type("Gold")

    def issue(self, quantity: int = 10, **fields) -> TokenIssue:
        fields = {"actor": self.actor, "now": NOW, **fields}
        return factories.issue_tokens(self.account, self.gold, quantity, **fields)

    def wallet(self) -> Wallet:
        return Wallet.objects.get(account=self.account, token_type=self.gold)

    def remaining(self, issue: TokenIssue) -> int:
        return TokenIssue.objects.values_list("remaining", flat=True).get(pk=issue.pk)

    def tearDown(self) -> None:
        """Whatever a test did: for every issue the sum of its entries is what remains."""
        wrong = TokenIssue.objects.annotate(total=Sum("entries__amount")).exclude(
            remaining=F("total")
        )
        assert not wrong.exists()

    def arguments(self, **other):
        return {"actor": self.actor, "reason": "why", "idempotency_key": "k", "now": NOW} | other


@ddt
class RaiseTest(WalletTestCase):
    def test_gives_the_account_tokens_and_writes_an_entry(self) -> None:
        issue = self.issue(10, reason="welcome")
        [entry] = issue.entries.all()
        assert (entry.kind, entry.amount, entry.actor) == (EntryKind.ISSUE, 10, self.actor)
        assert get_balance(self.wallet(), NOW) == Balance(available=10)

    @data(
        (None, None),
        (1, date(2026, 11, 22)),
        (365, date(2027, 11, 21)),
    )
    @unpack
    def test_expires_at_the_end_of_the_local_day(self, days: int | None, day: date | None) -> None:
        TokenType.objects.filter(pk=self.gold.pk).update(redemption_days=days)
        self.gold.refresh_from_db()
        assert self.issue().expires_at == (end_of_day(day) if day else None)

    @override_settings(TOKEN_PAYMENTS={"TIME_ZONE": "Pacific/Auckland"})
    def test_the_local_day_counts_from_where_the_site_is(self) -> None:
        TokenType.objects.filter(pk=self.gold.pk).update(redemption_days=1)
        self.gold.refresh_from_db()
        assert self.issue().expires_at == end_of_day(date(2026, 11, 23))

    def test_the_same_key_answers_with_the_first_issue_whatever_has_changed(self) -> None:
        first = self.issue(10, idempotency_key="k")
        Account.objects.update(is_frozen=True)
        TokenSettings(manual_issues_allowed=False).save()
        assert self.issue(10, idempotency_key="k") == first
        assert TokenIssue.objects.count() == 1

    def test_the_same_key_for_another_issue_is_an_error(self) -> None:
        self.issue(10, idempotency_key="k")
        with pytest.raises(IdempotencyConflict):
            self.issue(11, idempotency_key="k")

    def test_nothing_is_issued_to_a_frozen_account_or_of_an_archived_type(self) -> None:
        TokenType.objects.update(is_archived=True)
        with pytest.raises(TypeArchived):
            self.issue()
        Account.objects.update(is_frozen=True)
        with pytest.raises(AccountFrozen):
            self.issue()
        assert not TokenIssue.objects.exists()

    def test_manual_raising_can_be_forbidden_but_orders_still_issue(self) -> None:
        TokenSettings(manual_issues_allowed=False).save()
        with pytest.raises(ManualIssuesNotAllowed):
            self.issue()
        assert self.issue(source=IssueSource.ORDER).pk

    @data(-1, 0, 10_000_001)
    def test_a_quantity_out_of_range_is_refused(self, quantity: int) -> None:
        with pytest.raises(ValueError, match="can't be issued"):
            self.issue(quantity)
        assert not TokenIssue.objects.exists()

    @data(1, 10_000_000)
    def test_the_smallest_and_the_largest_quantity(self, quantity: int) -> None:
        assert self.remaining(self.issue(quantity)) == quantity

    @data(timedelta(0), timedelta(days=-1))
    def test_an_expiry_that_is_not_in_the_future_is_refused(self, later: timedelta) -> None:
        with pytest.raises(ExpiryNotLater):
            self.issue(expires_at=NOW + later)
        assert not TokenIssue.objects.exists()

    @data(0, 10_000_001)
    def test_the_database_refuses_a_quantity_out_of_range(self, quantity: int) -> None:
        wallet = factories.find_wallet(self.account, self.gold)
        issue = TokenIssue(wallet=wallet, quantity=quantity, remaining=1, issued_at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            issue.save()


class AdjustTest(WalletTestCase):
    def test_up_and_down_with_entries(self) -> None:
        issue = self.issue(10)
        adjust_issue(issue.pk, 5, **self.arguments(idempotency_key="a"))
        adjust_issue(issue.pk, -12, **self.arguments(idempotency_key="b"))
        assert self.remaining(issue) == 3
        assert list(issue.entries.order_by("id").values_list("amount", flat=True)) == [10, 5, -12]

    def test_never_below_zero(self) -> None:
        issue = self.issue(10)
        with pytest.raises(InsufficientTokens) as caught:
            adjust_issue(issue.pk, -11, **self.arguments())
        assert caught.value.available == 10

    def test_once_per_key(self) -> None:
        issue = self.issue(10)
        first = adjust_issue(issue.pk, -10, **self.arguments())
        assert adjust_issue(issue.pk, -10, **self.arguments()) == first
        with pytest.raises(IdempotencyConflict):
            adjust_issue(issue.pk, -9, **self.arguments())

    def test_can_be_forbidden(self) -> None:
        issue = self.issue(10)
        TokenSettings(adjustments_allowed=False).save()
        with pytest.raises(AdjustmentsNotAllowed):
            adjust_issue(issue.pk, 1, **self.arguments())

    def test_the_database_refuses_an_overdraft_and_a_wrong_sign(self) -> None:
        issue = self.issue(10)
        with pytest.raises(IntegrityError), transaction.atomic():
            TokenIssue.objects.filter(pk=issue.pk).update(remaining=F("remaining") - 11)
        wrong = LedgerEntry(issue=issue, kind=EntryKind.DEBIT, amount=1, created_at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong.save()


class ExtendTest(WalletTestCase):
    def test_later_or_never(self) -> None:
        issue = self.issue(expires_at=NOW + timedelta(days=1))
        extend_expiry(issue.pk, NOW + timedelta(days=9), **self.arguments(idempotency_key="a"))
        assert get_balance(self.wallet(), NOW + timedelta(days=5)).available == 10
        extend_expiry(issue.pk, None, **self.arguments(idempotency_key="b"))
        assert get_balance(self.wallet(), NOW + timedelta(days=500)).available == 10

    def test_not_earlier_and_not_what_never_expires(self) -> None:
        issue = self.issue(expires_at=NOW + timedelta(days=9))
        with pytest.raises(ExpiryNotLater):
            extend_expiry(issue.pk, NOW + timedelta(days=8), **self.arguments())
        with pytest.raises(ExpiryNotLater):
            extend_expiry(self.issue().pk, NOW + timedelta(days=8), **self.arguments())

    def test_an_expired_issue_is_not_extended(self) -> None:
        ends = NOW + timedelta(days=1)
        issue = self.issue(expires_at=ends)
        later = self.arguments(now=ends)
        with pytest.raises(IssueExpired):
            extend_expiry(issue.pk, ends + timedelta(days=9), **later)

    def test_what_the_sweep_took_while_it_was_waited_for_is_not_extended(self) -> None:
        issue = self.issue(expires_at=NOW + timedelta(seconds=1))
        expire_issues(now=NOW + timedelta(seconds=1))
        with pytest.raises(IssueExpired):
            extend_expiry(issue.pk, None, **self.arguments())


class TakeBackTest(WalletTestCase):
    def test_takes_what_is_unspent_and_does_it_once(self) -> None:
        issue = self.issue(10)
        adjust_issue(issue.pk, -4, **self.arguments(idempotency_key="a"))
        assert take_back_tokens(issue.pk, **self.arguments()) == 6
        assert take_back_tokens(issue.pk, **self.arguments()) == 6
        assert self.remaining(issue) == 0


class ExpiryTest(WalletTestCase):
    def test_usable_up_to_but_not_at_its_end_whatever_the_sweep_did(self) -> None:
        ends = NOW + timedelta(days=1)
        self.issue(10, expires_at=ends)
        before = ends - timedelta(microseconds=1)
        assert get_balance(self.wallet(), before).available == 10
        assert get_balance(self.wallet(), ends) == Balance(expired=10)
        expire_issues(now=ends)
        assert get_balance(self.wallet(), ends) == Balance(expired=10)

    def test_the_sweep_records_once_and_in_batches(self) -> None:
        ends = NOW + timedelta(days=1)
        issues = [self.issue(5, expires_at=ends) for _ in range(5)]
        kept = self.issue(5, expires_at=ends + timedelta(days=1))
        assert [expire_issues(now=ends, limit=2).issues for _ in range(4)] == [2, 2, 1, 0]
        assert [self.remaining(issue) for issue in issues] == [0] * 5
        assert self.remaining(kept) == 5
        assert LedgerEntry.objects.filter(kind=EntryKind.EXPIRY).count() == 5


class StatementTest(WalletTestCase):
    def test_a_statement_has_a_running_balance(self) -> None:
        issue = self.issue(10)
        adjust_issue(issue.pk, -4, **self.arguments())
        self.issue(5)
        lines = add_balances(self.wallet(), list_statement(self.wallet()))
        rows = [(line.entry.amount, line.balance) for line in lines]
        assert rows == [(5, 11), (-4, 6), (10, 10)]

    def test_each_page_begins_with_what_came_before(self) -> None:
        """Whatever of an issue's entries lies before the page, on it, or after it."""
        spent, open_, later = self.issue(4), self.issue(10), self.issue(7)
        adjust_issue(open_.pk, -3, **self.arguments(idempotency_key="a"))
        adjust_issue(spent.pk, -4, **self.arguments(idempotency_key="b"))
        adjust_issue(later.pk, -2, **self.arguments(idempotency_key="c"))
        adjust_issue(open_.pk, -1, **self.arguments(idempotency_key="d"))
        balances = [4, 14, 21, 18, 14, 12, 11]
        entries = list(list_statement(self.wallet()).order_by("id"))
        for start in range(len(entries)):
            lines = add_balances(self.wallet(), entries[start : start + 2])
            assert [line.balance for line in lines] == balances[start : start + 2]

    def test_all_of_it_looks_for_no_entry_in_every_issue_of_the_wallet(self) -> None:
        """Else 5,000 issues with 100,000 entries take SQLite a minute and a half."""
        for _ in range(3):
            self.issue(10)
        with CaptureQueriesContext(connection) as captured:
            lines = list(iterate_statement(self.wallet()))
        assert [line.balance for line in lines] == [10, 20, 30]
        pages = [query["sql"] for query in captured if "LEFT OUTER JOIN" in query["sql"]]
        assert len(pages) == 1
        assert "wallet_id" not in pages[0].partition("WHERE")[2]
