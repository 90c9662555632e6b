"""Statements whose SQL is made once give what the ORM gives."""

from __future__ import annotations

import importlib
import threading
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from freezegun import freeze_time

from tests import factories
from token_payments.db.prepared import Prepared, insert_row, insert_rows
from token_payments.models import CatalogueItem, EntryKind, LedgerEntry, TokenIssue, Wallet

NOW = datetime(2026, 11, 22, 12, 30, 15, 123456, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


class PreparedTests(TestCase):
    def setUp(self):
        self.account = factories.make_account()
        self.gold = factories.make_type()
        for quantity in (3, 5):
            factories.issue_tokens(
                self.account,
                self.gold,
                quantity,
                now=NOW,
                expires_at=LATER,
                reference=f"R{quantity}",
            )
        self.wallet = Wallet.objects.get()

    def test_rows_have_the_types_that_the_queryset_gives(self):
        def build(wallet_id, now):
            rows = TokenIssue.objects.filter(wallet=wallet_id, issued_at__lte=now)
            return rows.order_by("id").values_list("quantity", "expires_at", "unit_price", "source")

        TokenIssue.objects.update(unit_price=Decimal("12.5"))
        prepared = Prepared(build, wallet_id=int, now=datetime)
        rows = prepared.fetch(wallet_id=self.wallet.pk, now=NOW)
        assert rows == list(build(self.wallet.pk, NOW))
        assert rows == [
            (3, LATER, Decimal("12.5"), "manual"),
            (5, LATER, Decimal("12.5"), "manual"),
        ]
        assert prepared.fetch(wallet_id=self.wallet.pk, now=NOW.replace(year=2020)) == []

    def test_truth_values_are_truth_values(self):
        prepared = Prepared(
            lambda pk: type(self.account).objects.filter(pk=pk).values_list("is_frozen"), pk=int
        )
        assert prepared.fetch(pk=self.account.pk) == [(False,)]

    def test_a_value_may_stand_in_it_twice(self):
        prepared = Prepared(
            lambda text: TokenIssue.objects.filter(Q(reference=text) | Q(source=text)).values_list(
                "reference"
            ),
            text=str,
        )
        assert prepared.fetch(text="R3") == [("R3",)]
        assert prepared.fetch(text="x' OR 1=1 --") == []
        assert prepared.fetch(text="100%s") == []

    def test_the_sql_is_made_once(self):
        calls = []

        def build(pk):
            calls.append(pk)
            return TokenIssue.objects.filter(pk=pk).values_list("pk")

        prepared = Prepared(build, pk=int)
        for issue in TokenIssue.objects.all():
            assert prepared.fetch(pk=issue.pk) == [(issue.pk,)]
        assert len(calls) == 1

    def test_a_value_that_the_sql_does_not_have_is_a_mistake(self):
        prepared = Prepared(lambda pk: TokenIssue.objects.values_list("pk"), pk=int)
        with pytest.raises(RuntimeError):
            prepared.fetch(pk=1)

    def test_a_value_that_is_missing_is_a_mistake(self):
        prepared = Prepared(lambda pk: TokenIssue.objects.filter(pk=pk).values_list("pk"), pk=int)
        with pytest.raises(KeyError):
            prepared.fetch()

    def test_a_stopped_clock_has_times_too(self):
        with freeze_time(NOW):
            kind = importlib.import_module("datetime").datetime
            prepared = Prepared(
                lambda now: TokenIssue.objects.filter(issued_at__lte=now).values_list("quantity"),
                now=kind,
            )
            assert kind.__name__ == "FakeDatetime"
            assert sorted(prepared.fetch(now=timezone.now())) == [(3,), (5,)]


class InsertTests(TestCase):
    def test_a_row_is_what_save_would_have_made_of_it(self):
        fields = {"enrolment_method": "paid", "price": Decimal("149.5"), "currency": "GBP"}
        saved = CatalogueItem.objects.create(item_key="a", **fields)
        inserted = CatalogueItem(item_key="b", **fields)
        insert_row(inserted)
        assert not inserted._state.adding
        again = CatalogueItem.objects.get(pk=inserted.pk)
        for field in CatalogueItem._meta.concrete_fields:
            if field.attname not in ("id", "item_key"):
                assert getattr(again, field.attname) == getattr(saved, field.attname)

    def test_many_rows_are_one_statement(self):
        issue = factories.issue_tokens(factories.make_account(), factories.make_type(), 9, now=NOW)
        entries = [
            LedgerEntry(issue=issue, kind=EntryKind.DEBIT, amount=-amount, created_at=NOW)
            for amount in (1, 2, 3)
        ]
        with CaptureQueriesContext(connection) as queries:
            insert_rows(entries)
        assert len(queries) == 1
        rows = LedgerEntry.objects.filter(kind=EntryKind.DEBIT).order_by("id")
        assert list(rows.values_list("amount", "created_at", "reason")) == [
            (-1, NOW, ""),
            (-2, NOW, ""),
            (-3, NOW, ""),
        ]

    def test_the_databases_constraints_hold(self):
        issue = factories.issue_tokens(factories.make_account(), factories.make_type(), 9, now=NOW)
        wrong = LedgerEntry(issue=issue, kind=EntryKind.DEBIT, amount=4, created_at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            insert_rows([wrong])
        twice = TokenIssue.objects.get()
        twice.pk, twice.idempotency_key = None, issue.idempotency_key
        with pytest.raises(IntegrityError), transaction.atomic():
            insert_row(twice)


def test_threads_may_make_it_at_once(transactional_db):
    """Each has a connection of its own; what is kept of the SQL belongs to none."""
    prepared = Prepared(
        lambda key: CatalogueItem.objects.filter(item_key=key).values_list("item_key"), key=str
    )
    key, found = uuid.uuid4().hex, []
    CatalogueItem.objects.create(item_key=key)

    def read():
        try:
            found.append(prepared.fetch(key=key))
        finally:
            connection.close()

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(key,)]] * 4
