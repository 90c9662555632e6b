"""What an extension writes into the ledger, and what a statement says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ddt import data, ddt
from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings

from tests import factories
from token_payments.errors import LedgerIsAppendOnly
from token_payments.models import EntryKind, LedgerEntry, TokenIssue
from token_payments.presenters.ledger_lines import describe_what
from token_payments.wallets import operations as wallet_operations

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@ddt
@override_settings(TOKEN_PAYMENTS={"TIME_ZONE": "Europe/London"})
class ExtensionTest(TestCase):
    def setUp(self) -> None:
        self.actor = factories.make_user("operator")
        midnight = datetime(2026, 12, 1, tzinfo=UTC)
        account, gold = factories.make_account(), factories.make_type()
        self.issue = factories.issue_tokens(account, gold, 10, now=NOW, expires_at=midnight)

    def extend(self, expires_at: datetime | None, **arguments: object) -> LedgerEntry:
        arguments = {"reason": "asked", "idempotency_key": "a", "now": NOW, **arguments}
        return wallet_operations.extend_expiry(
            self.issue.pk, expires_at, actor=self.actor, **arguments
        )

    def test_it_says_from_when_to_when_and_keeps_the_reason_as_it_is(self) -> None:
        entry = self.extend(self.issue.expires_at + 31 * DAY)
        entry.refresh_from_db()
        assert (entry.reason, entry.amount) == ("asked", 0)
        assert (entry.expires_from, entry.expires_to) == (
            self.issue.expires_at,
            self.issue.expires_at + 31 * DAY,
        )
        words = "Expires on December 31, 2026, no longer on November 30, 2026"
        assert describe_what(entry) == words

    def test_to_never_is_said_in_words_too(self) -> None:
        entry = self.extend(None)
        assert entry.expires_to is None
        assert describe_what(entry) == "Expires never, no longer on November 30, 2026"

    def test_other_entries_are_called_by_their_kind(self) -> None:
        assert describe_what(LedgerEntry.objects.get()) == "Issued"

    @data(
        {"kind": EntryKind.EXTENSION, "amount": 0},
        {"kind": EntryKind.DEBIT, "amount": -1, "expires_from": NOW},
        {"kind": EntryKind.DEBIT, "amount": -1, "expires_to": NOW},
    )
    def test_the_database_wants_the_days_of_extensions_and_of_nothing_else(self, fields) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(issue=self.issue, created_at=NOW, **fields)

    def test_an_entry_cannot_be_moved_to_another_issue_or_redemption(self) -> None:
        entry = LedgerEntry.objects.get()
        other = factories.issue_tokens(self.issue.wallet.account, factories.make_type("B"), 1)
        for move in (
            lambda: other.entries.add(entry),
            lambda: other.entries.set([entry]),
            lambda: other.entries.update(issue=self.issue),
        ):
            with pytest.raises(LedgerIsAppendOnly):
                move()
        assert LedgerEntry.objects.get(pk=entry.pk).issue_id == self.issue.pk

    @data(0, 10_000_001, -10_000_001)
    def test_what_is_no_adjustment_is_refused(self, amount: int) -> None:
        with pytest.raises(ValueError, match="added or taken away"):
            wallet_operations.adjust_issue(
                self.issue.pk,
                amount,
                actor=self.actor,
                reason="x",
                idempotency_key="b",
                now=NOW,
            )

    def test_an_issue_never_holds_more_than_the_database_can(self) -> None:
        TokenIssue.objects.update(remaining=2_147_483_647)
        with pytest.raises(ValueError, match="can't hold more"):
            wallet_operations.adjust_issue(
                self.issue.pk, 1, actor=self.actor, reason="x", idempotency_key="b", now=NOW
            )
