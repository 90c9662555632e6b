"""Tokens go from one account to another, and stay what they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from ddt import data, ddt
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.concurrency import assert_healthy
from token_payments.errors import (
    AccountFrozen,
    IdempotencyConflict,
    InsufficientTokens,
    IssueExpired,
    NotAManager,
    TransfersNotAllowed,
    TransferToItself,
    TypeArchived,
)
from token_payments.models import (
    MAX_ISSUE,
    EntryKind,
    IssueSource,
    LedgerEntry,
    TokenIssue,
    TokenSettings,
    TokenTransfer,
)
from token_payments.presenters.ledger_lines import describe_what
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.operations import WantedTransfer

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class TransferCase(TestCase):
    """Acme has 5 Gold that expire soon, 10 later at 4.50 GBP, and 3 to be used last."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.boss = factories.make_user("boss")
        cls.gold = factories.make_type()
        cls.acme = factories.make_account("Acme", managers=[cls.boss])
        cls.beta = factories.make_account("Beta", managers=[cls.boss])
        cls.soon = cls.issue(5, expires_at=NOW + 3 * DAY, reference="INV-1")
        priced = {"unit_price": Decimal("4.5"), "currency": "GBP"}
        cls.later = cls.issue(10, expires_at=NOW + 30 * DAY, **priced)
        cls.last = cls.issue(3)
        how = {"actor": cls.boss, "reason": "", "idempotency_key": "last", "now": NOW}
        wallet_operations.set_use_last(cls.last.pk, True, **how)
        cls.wallet = factories.find_wallet(cls.acme, cls.gold)

    @classmethod
    def issue(cls, quantity: int, **fields: Any) -> TokenIssue:
        fields = {"actor": cls.boss, "now": NOW - DAY, **fields}
        return factories.issue_tokens(cls.acme, cls.gold, quantity, **fields)

    def transfer(self, quantity: int, key: str = "key", **fields: Any) -> TokenTransfer:
        names = ("source", "account", "issue_id", "as_manager")
        wanted = {"source": self.wallet, "account": self.beta}
        wanted |= {name: fields.pop(name) for name in names if name in fields}
        fields = {"actor": self.boss, "reason": "", "now": NOW, "idempotency_key": key, **fields}
        return wallet_operations.transfer_tokens(
            WantedTransfer(quantity=quantity, **wanted), **fields
        )

    def remaining(self) -> list[int]:
        """Of Acme's issues, in burn order."""
        issues = TokenIssue.objects.in_bulk([self.soon.pk, self.later.pk, self.last.pk])
        return [issues[issue.pk].remaining for issue in (self.soon, self.later, self.last)]

    def arrived(self) -> list[TokenIssue]:
        return list(TokenIssue.objects.filter(wallet__account=self.beta).order_by("id"))

    def refuse(self, error: type[Exception], quantity: int = 1, **fields: Any) -> Any:
        """The refusal, also of the preview; nothing has changed."""
        before = LedgerEntry.objects.count()
        with pytest.raises(error) as caught:
            self.transfer(quantity, **fields)
        assert self.remaining() == [5, 10, 3]
        assert (self.arrived(), LedgerEntry.objects.count()) == ([], before)
        assert not TokenTransfer.objects.exists()
        return caught.value


@ddt
class TransferTest(TransferCase):
    def test_one_issue_gives_one_issue_with_its_expiry_and_price(self) -> None:
        self.transfer(4, issue_id=self.later.pk, reason="Site moved")
        assert self.remaining() == [5, 6, 3]
        [issue] = self.arrived()
        assert (issue.quantity, issue.remaining, issue.issued_at) == (4, 4, NOW)
        assert (issue.expires_at, issue.source) == (self.later.expires_at, IssueSource.TRANSFER)
        assert (issue.unit_price, issue.currency, issue.use_last) == (Decimal("4.5"), "GBP", False)
        out, into = TokenTransfer.objects.get().entries.order_by("id")
        assert (out.kind, out.amount, out.issue_id) == (EntryKind.TRANSFER, -4, self.later.pk)
        assert (into.kind, into.amount, into.issue_id) == (EntryKind.ISSUE, 4, issue.pk)
        for entry in (out, into):
            assert (entry.actor, entry.reason, entry.created_at) == (self.boss, "Site moved", NOW)
        assert_healthy()

    def test_a_quantity_is_drawn_in_burn_order_an_issue_for_each_source(self) -> None:
        self.transfer(17)
        assert self.remaining() == [0, 0, 1]
        assert [
            (issue.quantity, issue.expires_at, issue.use_last, issue.reference)
            for issue in self.arrived()
        ] == [
            (5, self.soon.expires_at, False, ""),
            (10, self.later.expires_at, False, ""),
            (2, None, True, ""),
        ]
        assert_healthy()

    def test_balances_move_and_nothing_counts_as_spent_or_expired(self) -> None:
        self.transfer(7)
        there = factories.find_wallet(self.beta, self.gold)
        assert wallet_queries.get_balance(self.wallet, NOW) == wallet_queries.Balance(
            available=11, expiring_soon=8, kept_for_last=3
        )
        assert wallet_queries.get_balance(there, NOW) == wallet_queries.Balance(
            available=7, expiring_soon=7
        )

    def test_what_is_transferred_can_go_back_and_be_spent(self) -> None:
        self.transfer(5)
        there = factories.find_wallet(self.beta, self.gold)
        self.transfer(5, "back", source=there, account=self.acme)
        assert wallet_queries.get_balance(self.wallet, NOW).available == 18
        assert wallet_queries.get_balance(there, NOW).available == 0
        assert_healthy()

    def test_both_statements_name_the_other_account(self) -> None:
        self.transfer(4)
        there = factories.find_wallet(self.beta, self.gold)
        for wallet, text in (
            (self.wallet, "Transferred to Beta"),
            (there, "Transferred from Acme"),
        ):
            with CaptureQueriesContext(connection) as queries:
                entry = next(iter(wallet_queries.list_statement(wallet)))
                assert describe_what(entry) == text
            assert len(queries) == 1

    def test_the_preview_is_what_happens_and_changes_nothing(self) -> None:
        wanted = WantedTransfer(self.wallet, self.beta, 6)
        preview = wallet_queries.preview_transfer(wanted, actor=self.boss, now=NOW)
        drawn = [(draw.issue.pk, draw.amount) for draw in preview.draws]
        assert drawn == [(self.soon.pk, 5), (self.later.pk, 1)]
        assert (preview.source_before, preview.source_after) == (18, 12)
        assert (preview.target_before, preview.target_after) == (0, 6)
        assert self.remaining() == [5, 10, 3]
        assert not TokenTransfer.objects.exists()

    def test_a_transfer_takes_few_statements_for_each_issue(self) -> None:
        with CaptureQueriesContext(connection) as one:
            self.transfer(1)
        with CaptureQueriesContext(connection) as two:
            self.transfer(5, "other")
        assert len(one) <= 18  # the first one makes the wallet, too
        assert len(two) - len(one) <= 4


@ddt
class RefusalTest(TransferCase):
    def test_too_few_tokens(self) -> None:
        error = self.refuse(InsufficientTokens, 19)
        assert (error.wanted, error.available) == (19, 18)
        error = self.refuse(InsufficientTokens, 6, issue_id=self.soon.pk)
        assert (error.wanted, error.available) == (6, 5)

    @data("acme", "beta")
    def test_a_frozen_account_is_named(self, name: str) -> None:
        account = getattr(self, name)
        wallet_operations.freeze_account(account.pk, actor=self.boss)
        assert str(self.refuse(AccountFrozen)) == account.name

    def test_an_archived_type(self) -> None:
        wallet_operations.archive_type(self.gold.pk, actor=self.boss)
        self.refuse(TypeArchived)

    def test_an_expired_issue_at_its_very_last_instant(self) -> None:
        assert self.soon.expires_at is not None
        ends = self.soon.expires_at
        self.refuse(IssueExpired, issue_id=self.soon.pk, now=ends)
        self.transfer(1, issue_id=self.soon.pk, now=ends - timedelta(microseconds=1))

    def test_expired_tokens_arent_counted(self) -> None:
        error = self.refuse(InsufficientTokens, 14, now=NOW + 4 * DAY)
        assert error.available == 13

    def test_an_issue_of_another_wallet(self) -> None:
        other = factories.issue_tokens(self.beta, factories.make_type("Tin"), 5, now=NOW)
        self.refuse_missing(other.pk)
        self.refuse_missing(999_999_999)

    def refuse_missing(self, issue_id: int) -> None:
        with pytest.raises(TokenIssue.DoesNotExist):
            self.transfer(1, issue_id=issue_id)

    def test_to_itself(self) -> None:
        self.refuse(TransferToItself, account=self.acme)

    @data(0, -1, MAX_ISSUE + 1)
    def test_no_sensible_quantity(self, quantity: int) -> None:
        self.refuse(ValueError, quantity)

    def test_managers_where_the_site_doesnt_allow_it(self) -> None:
        self.refuse(TransfersNotAllowed, as_manager=True)
        TokenSettings.objects.create(transfers_allowed=True)
        self.transfer(1, as_manager=True)

    @data("acme", "beta")
    def test_who_doesnt_manage_both(self, name: str) -> None:
        TokenSettings.objects.create(transfers_allowed=True)
        other = factories.make_user("other")
        wallet_operations.set_member(getattr(self, name), other, "manager", actor=self.boss)
        self.refuse(NotAManager, as_manager=True, actor=other)

    def test_the_database_knows_no_half_of_a_transfer(self) -> None:
        entry = {"issue": self.soon, "created_at": NOW}
        transfer = self.transfer(1)
        for fields in (
            {"kind": EntryKind.TRANSFER, "amount": -1},
            {"kind": EntryKind.DEBIT, "amount": -1, "transfer": transfer},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                LedgerEntry.objects.create(**entry, **fields)


class OnceTest(TransferCase):
    def test_the_same_key_answers_with_the_first_whatever_has_changed(self) -> None:
        first = self.transfer(17)
        wallet_operations.freeze_account(self.acme.pk, actor=self.boss)
        wallet_operations.archive_type(self.gold.pk, actor=self.boss)
        assert self.transfer(17, as_manager=True, actor=factories.make_user("x")) == first
        assert self.remaining() == [0, 0, 1]
        assert len(self.arrived()) == 3

    def test_the_same_key_for_something_else_is_a_conflict(self) -> None:
        self.transfer(2, issue_id=self.later.pk)
        there = factories.find_wallet(self.beta, self.gold)
        other = factories.make_account("Other")
        for fields in (
            {"quantity": 3, "issue_id": self.later.pk},
            {"quantity": 2},
            {"quantity": 2, "issue_id": self.later.pk, "account": other},
            {"quantity": 2, "source": there, "account": self.acme},
        ):
            with pytest.raises(IdempotencyConflict):
                self.transfer(**fields)
        assert TokenTransfer.objects.count() == 1
