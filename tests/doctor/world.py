"""A database with something of everything that is right, and ways around what guards it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.test import TestCase

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.doctor import Finding, examine
from token_payments.models import LedgerEntry, TokenIssue
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CODE_COURSE, TOKEN_COURSE = "course-v1:Doc+CODE+2026", "course-v1:Doc+WALLET+2026"


class World(TestCase):
    """Orders of both kinds in every state, redemptions of both kinds, issues with every entry."""

    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        for course in (CODE_COURSE, TOKEN_COURSE):
            factories.make_course(course, modes={"verified": 149})
        cls.buyer = factories.make_user("buyer")
        cls.learners = [factories.make_user(f"learner{number}") for number in range(6)]
        cls._sell_codes()
        cls._sell_tokens()

    @classmethod
    def _sell_codes(cls) -> None:
        cls.item = factories.make_item(CODE_COURSE)
        order = {"buyer": cls.buyer, "now": NOW}
        cls.order = factories.make_processed_order(cls.item, quantity=6, **order)
        codes = factories.list_codes(cls.order)
        for learner, code in zip(cls.learners[:2], codes, strict=False):
            factories.redeem(learner, cls.item, code, now=NOW)
        assignment_operations.cancel_unused(
            cls.order.pk, quantity=2, idempotency_key="unused", **cls.by(refund=2)
        )
        factories.make_order(cls.item, **order)
        cls.dead = factories.make_processed_order(cls.item, quantity=3, **order)
        order_operations.cancel_order(cls.dead.pk, **cls.by())
        cls.young = factories.make_order(cls.item, quantity=4, **order)
        order_operations.start_processing(cls.young.pk, actor=cls.buyer, now=NOW)

    @classmethod
    def _sell_tokens(cls) -> None:
        cls.gold = factories.make_type(days=365)
        prices = {"methods": ["wallet"], "token_prices": {cls.gold: 7}}
        cls.priced = factories.make_item(TOKEN_COURSE, **prices)
        cls.account = factories.make_account(members=cls.learners)
        cls.wallet = factories.find_wallet(cls.account, cls.gold)
        past = {"now": NOW - 40 * DAY, "expires_at": NOW - 10 * DAY}
        factories.issue_tokens(cls.account, cls.gold, 9, **past)
        wallet_operations.expire_all_issues(now=NOW - 10 * DAY)
        cls.issue = factories.issue_tokens(cls.account, cls.gold, 5, now=NOW, expires_at=NOW + DAY)
        how = {"actor": cls.buyer, "reason": "", "now": NOW}
        wallet_operations.extend_expiry(
            cls.issue.pk, NOW + 2 * DAY, idempotency_key="extend", **how
        )
        wallet_operations.adjust_issue(cls.issue.pk, -2, idempotency_key="down", **how)
        wallet_operations.adjust_issue(cls.issue.pk, 1, idempotency_key="up", **how)
        cls.wallet_order = cls._order_tokens(20)
        assignment_operations.cancel_unused(
            cls.wallet_order.pk, quantity=3, idempotency_key="w", **cls.by()
        )
        cls.dead_wallet_order = cls._order_tokens(30)
        order_operations.cancel_order(cls.dead_wallet_order.pk, **cls.by())
        factories.make_wallet_order(cls.account, cls.gold, buyer=cls.buyer, now=NOW)
        cls.paid = factories.pay(cls.learners[2], cls.priced, cls.wallet, now=NOW)
        cls.returned = factories.pay(cls.learners[3], cls.priced, cls.wallet, now=NOW)
        checkout_operations.reverse(
            cls.returned.pk, actor=cls.buyer, reason="", now=NOW, unenrol=True
        )

    @classmethod
    def _order_tokens(cls, quantity: int) -> Any:
        order = factories.make_wallet_order(
            cls.account, cls.gold, buyer=cls.buyer, quantity=quantity, now=NOW
        )
        return order_operations.start_processing(order.pk, actor=cls.buyer, now=NOW)

    @classmethod
    def by(cls, refund: int = 0) -> dict[str, Any]:
        return {"actor": cls.buyer, "refund_amount": Decimal(refund), "now": NOW}

    def find(self, *checks: str, now: datetime = NOW) -> list[Finding]:
        return list(examine(now=now, checks=checks or None))

    def new_entry(self, **fields: Any) -> LedgerEntry:
        """An entry of ``issue`` with nothing else that goes with it."""
        fields = {"issue_id": self.issue.pk, "created_at": NOW, **fields}
        return models.QuerySet(LedgerEntry).create(**fields)


def change(model: type[models.Model], pk: int, **fields: Any) -> None:
    """Past everything that the model or its manager would say."""
    assert models.QuerySet(model).filter(pk=pk).update(**fields) == 1


def remove(model: type[models.Model], pk: int) -> None:
    models.QuerySet(model).filter(pk=pk)._raw_delete(connection.alias)


@contextmanager
def unguarded(model: type[models.Model]) -> Iterator[None]:
    """Without the table's CHECKs, as after an import by a server that doesn't look at them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        elif connection.vendor == "mysql":
            cursor.execute("SET SESSION check_constraint_checks = 0")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for name in _list_checks(table):
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        elif connection.vendor == "mysql":
            cursor.execute("SET SESSION check_constraint_checks = 1")


def _list_checks(table: str) -> list[str]:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    return [name for name, facts in constraints.items() if facts["check"]]


def last_issue() -> TokenIssue:
    return TokenIssue.objects.order_by("-id")[0]
