"""A key is looked up before any rule, and stands for one request."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.test import TestCase

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import IdempotencyConflict
from token_payments.models import Account, LedgerEntry, TokenIssue, TokenSettings, TokenType
from token_payments.outbox.earlier import find_earlier, make_once
from token_payments.wallets import operations as wallet_operations

COURSE = "course-v1:Acme+FIRE+2026"
NOW = datetime(2026, 7, 25, 12, tzinfo=UTC)


class EarlierTests(TestCase):
    def setUp(self) -> None:
        self.staff = factories.make_user("staff")
        self.account = Account.objects.create(name="Acme")
        self.gold = TokenType.objects.create(name="Gold")
        self.issue = wallet_operations.raise_issue(
            account=self.account,
            token_type=self.gold,
            quantity=5,
            unit_price=Decimal("1.50"),
            currency="GBP",
            actor=self.staff,
            idempotency_key="a",
            now=NOW,
        )

    def test_the_row_of_the_key_is_found_with_its_arguments(self) -> None:
        wanted = {"unit_price": Decimal("1.5"), "wallet__account_id": self.account.pk}
        with self.assertNumQueries(1):
            assert find_earlier(TokenIssue, "a", quantity=5, **wanted) == self.issue

    def test_a_key_that_made_nothing_finds_nothing(self) -> None:
        assert find_earlier(TokenIssue, "b", quantity=5) is None

    def test_other_arguments_are_a_conflict_also_through_a_relation(self) -> None:
        for other in ({"quantity": 6}, {"wallet__account_id": self.account.pk + 1}):
            with self.subTest(**other), pytest.raises(IdempotencyConflict):
                find_earlier(TokenIssue, "a", **other)

    def test_the_second_of_two_at_once_gets_the_first_ones_row(self) -> None:
        def make() -> TokenIssue:
            raise IntegrityError

        assert make_once(make, lambda: self.issue) == self.issue
        with pytest.raises(IntegrityError):
            make_once(make, lambda: None)

    def test_the_key_comes_before_every_rule(self) -> None:
        """Also before those of arguments that nobody can mean."""
        by = {"actor": self.staff, "reason": "", "now": NOW}
        entry = wallet_operations.adjust_issue(self.issue.pk, 1, idempotency_key="k", **by)
        factories.allow_paid()
        TokenSettings.objects.create(adjustments_allowed=False, manual_issues_allowed=False)
        again = wallet_operations.adjust_issue(self.issue.pk, 1, idempotency_key="k", **by)
        assert again == entry == LedgerEntry.objects.get(idempotency_key="k")
        with pytest.raises(IdempotencyConflict):
            wallet_operations.adjust_issue(self.issue.pk, 0, idempotency_key="k", **by)

    def test_a_cancellation_under_a_used_key_is_a_conflict_whatever_its_number(self) -> None:
        factories.make_course(COURSE)
        order = factories.make_processed_order(factories.make_item(COURSE), buyer=self.staff)
        wanted = {"refund_amount": Decimal(0), "actor": self.staff, "idempotency_key": "c"}
        made = assignment_operations.cancel_unused(order.pk, quantity=1, now=NOW, **wanted)
        again = assignment_operations.cancel_unused(order.pk, quantity=1, now=NOW, **wanted)
        assert again == made
        with pytest.raises(IdempotencyConflict):
            assignment_operations.cancel_unused(order.pk, quantity=0, now=NOW, **wanted)
