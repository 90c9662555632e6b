"""What stands in the ledger can't be changed or taken out through the ORM, by whatever door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from ddt import data, ddt
from django.core import serializers
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import TestCase

from tests import factories
from token_payments.errors import LedgerIsAppendOnly
from token_payments.models import EntryKind, LedgerEntry, TokenIssue

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def aupdate(**values: int) -> None:
    await LedgerEntry.objects.aupdate(**values)


async def adelete() -> None:
    await LedgerEntry.objects.all().adelete()


#: Ways to change the entry, to 999 tokens where a way says what to.
CHANGES: dict[str, Callable[[LedgerEntry], object]] = {
    "save": lambda entry: entry.save(),
    "save some fields": lambda entry: entry.save(update_fields=["amount"]),
    "save as an update": lambda entry: entry.save(force_update=True),
    "update": lambda entry: LedgerEntry.objects.filter(pk=entry.pk).update(amount=999),
    "update of an issue's": lambda entry: entry.issue.entries.update(amount=999),
    "update of all": lambda entry: LedgerEntry.objects.all().update(amount=999),
    "aupdate": lambda entry: async_to_sync(aupdate)(amount=999),
    "bulk_update": lambda entry: LedgerEntry.objects.bulk_update([entry], ["amount"]),
    "update_or_create": lambda entry: LedgerEntry.objects.update_or_create(
        pk=entry.pk, defaults={"amount": 999}
    ),
    "bulk_create that updates": lambda entry: LedgerEntry.objects.bulk_create(
        [entry], update_conflicts=True, update_fields=["amount"], unique_fields=["id"]
    ),
    "bulk_create that updates, by position": lambda entry: LedgerEntry.objects.bulk_create(
        [entry],
        None,
        False,
        True,
        ["amount"],
        ["id"],
    ),
    "bulk_create that leaves out": lambda entry: LedgerEntry.objects.bulk_create(
        [entry], ignore_conflicts=True
    ),
}
DELETIONS: dict[str, Callable[[LedgerEntry], object]] = {
    "delete": lambda entry: entry.delete(),
    "delete of all": lambda entry: LedgerEntry.objects.all().delete(),
    "delete of an issue's": lambda entry: entry.issue.entries.all().delete(),
    "adelete": lambda entry: async_to_sync(adelete)(),
    "the issue": lambda entry: entry.issue.delete(),
}


@ddt
class AppendOnlyTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.actor = factories.make_user("operator")
        cls.account, cls.gold = factories.make_account(), factories.make_type()
        cls.issue = factories.issue_tokens(cls.account, cls.gold, 10, actor=cls.actor, now=NOW)

    def setUp(self) -> None:
        self.before = list(LedgerEntry.objects.values())

    def tearDown(self) -> None:
        assert list(LedgerEntry.objects.values()) == self.before
        assert TokenIssue.objects.get().remaining == 10

    @data(*CHANGES)
    def test_no_change_by(self, way: str) -> None:
        entry = LedgerEntry.objects.get()
        entry.amount = 999
        with pytest.raises(LedgerIsAppendOnly):
            CHANGES[way](entry)

    @data(*DELETIONS)
    def test_no_deletion_by(self, way: str) -> None:
        with pytest.raises(LedgerIsAppendOnly):
            DELETIONS[way](LedgerEntry.objects.get())

    def test_a_new_row_under_an_old_number_does_not_replace_the_old_one(self) -> None:
        old = LedgerEntry.objects.get()
        new = LedgerEntry(
            pk=old.pk, issue=old.issue, kind=EntryKind.ISSUE, amount=999, created_at=NOW
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            new.save()

    @data("account", "gold", "actor", "issue set", "wallet")
    def test_nothing_that_an_entry_hangs_on_is_deleted(self, name: str) -> None:
        thing = {
            "account": self.account,
            "gold": self.gold,
            "actor": self.actor,
            "issue set": TokenIssue.objects.all(),
            "wallet": self.issue.wallet,
        }[name]
        with pytest.raises(ProtectedError):
            thing.delete()

    def test_entries_can_be_added_one_by_one_and_many_at_once(self) -> None:
        up = {"kind": EntryKind.ADJUSTMENT_UP, "amount": 1, "created_at": NOW}
        with transaction.atomic():
            LedgerEntry.objects.create(issue=self.issue, **up)
            LedgerEntry.objects.bulk_create([LedgerEntry(issue=self.issue, **up)], batch_size=1)
            assert LedgerEntry.objects.count() == 3
            transaction.set_rollback(True)

    def test_a_fixture_adds_entries_and_writes_none_over(self) -> None:
        entry = LedgerEntry.objects.get()
        text = serializers.serialize("json", [entry])
        [over] = serializers.deserialize("json", text.replace('"amount": 10', '"amount": 99'))
        with pytest.raises(IntegrityError), transaction.atomic():
            over.save()
        assert LedgerEntry.objects.get().amount == 10
        new = text.replace(f'"pk": {entry.pk}', f'"pk": {entry.pk + 1}')
        [added] = serializers.deserialize("json", new)
        with transaction.atomic():
            added.save()
            assert LedgerEntry.objects.count() == 2
            transaction.set_rollback(True)
