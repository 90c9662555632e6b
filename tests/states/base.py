"""Walking a state table: every operation in every state, by the operations that people use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from django.apps import apps
from django.test import TestCase

from tests import factories
from token_payments.errors import TokenPaymentsError

COURSE = "course-v1:States+WALK+2026"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Table = Mapping[str, Mapping[str, str | tuple[str, ...]]]


def list_pairs(states: Iterable[str], table: Table) -> list[tuple[str, str]]:
    """Every (state, operation); plain words, as they name the cases."""
    return [(str(state), operation) for state, operation in product(states, table)]


def find_targets(table: Table, operation: str, state: str) -> tuple[str, ...]:
    """Where the table says that it leads; empty where it isn't allowed."""
    target = table[operation].get(state, ())
    return target if isinstance(target, tuple) else (target,)


def dump() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, of the plugin's and of the host's."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }


class WalkCase(TestCase):
    """People, a course, and what is priced in codes and tokens."""

    def setUp(self) -> None:
        self.gold = factories.make_type()
        self.item = factories.make_shop(
            COURSE,
            course={"start": NOW - 10 * DAY},
            methods=["token_code", "wallet"],
            token_prices={self.gold: 2},
        )
        self.buyer, self.amara, self.ben = (
            factories.make_user(name) for name in ("buyer", "amara", "ben")
        )
        self.account = factories.make_account(members=[self.amara, self.ben])
        self.wallet = factories.find_wallet(self.account, self.gold)

    def by(self, **other: Any) -> dict[str, Any]:
        return {"actor": self.buyer, "now": NOW, **other}

    def refund(self, **other: Any) -> dict[str, Any]:
        """The arguments of cancelling; the key is another one than what made the state has."""
        return self.by(refund_amount=Decimal(0), idempotency_key="walk", **other)

    def refuse(self, operate: Callable[[], Any], *, nothing: Iterable[Any] = ()) -> None:
        """It raises, or answers with one of ``nothing``; no row of any table is another one."""
        before = dump()
        try:
            answer = operate()
        except TokenPaymentsError:
            pass
        else:
            assert answer in tuple(nothing), answer
        self.assertEqual(dump(), before)
