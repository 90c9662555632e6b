"""A site to load into: two accounts, two token types, four people and a course in the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.test import TestCase

from tests import factories
from token_payments.imports import operations
from token_payments.imports.kinds import KINDS
from token_payments.imports.planning import By
from token_payments.imports.sheets import PAGE_BOUNDS, Bounds, Sheet, read_sheet
from token_payments.imports.verdicts import Outcome, Plan
from token_payments.models import Account, CatalogueItem, TokenType

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
COURSE = "course-v1:Acme+FIRE+2026"
OTHER = "course-v1:Acme+OTHER+2026"
EVERY = ("error", "not_done", "create", "update", "unchanged")


def read(kind: str, content: bytes | str, bounds: Bounds = PAGE_BOUNDS) -> Sheet:
    data = content.encode() if isinstance(content, str) else content
    return read_sheet(KINDS[kind], data, bounds=bounds)


def outcomes(plans: Sequence[Plan]) -> list[str]:
    return [plan.outcome.value for plan in plans]


def problems(plans: Sequence[Plan]) -> list[tuple[int, str, str]]:
    """(row, column, text) of whatever is wrong."""
    return [(plan.line, *problem) for plan in plans for problem in plan.problems]


class LoadCase(TestCase):
    gold: TokenType
    silver: TokenType
    acme: Account
    item: CatalogueItem

    @classmethod
    def setUpTestData(cls) -> None:
        cls.olive = factories.make_user("olive")
        cls.ann, cls.ben = factories.make_user("ann"), factories.make_user("ben")
        cls.zoe = factories.make_user("zoe", email="zoé@example.com")
        cls.gold, cls.silver = factories.make_type("Gold", days=365), factories.make_type("Silver")
        cls.acme = factories.make_account("Acme", managers=[cls.ann])
        Account.objects.filter(pk=cls.acme.pk).update(reference="C-1")
        cls.beta = factories.make_account("Beta")
        cls.item = factories.make_shop(COURSE, methods=["wallet"], token_prices={cls.gold: 3})

    def by(self, **fields: Any) -> By:
        return By(**{"actor": self.olive, "reason": "Spring", "now": NOW, **fields})

    def preview(self, kind: str, content: bytes | str, **by: Any) -> list[Plan]:
        return list(operations.preview(read(kind, content), self.by(**by)))

    def load_each(self, kind: str, content: bytes | str, **by: Any) -> list[Plan]:
        return list(operations.load_each(read(kind, content), self.by(**by)))

    def load(self, kind: str, content: bytes | str, **by: Any) -> list[Plan]:
        """All of it, which must work."""
        loaded = operations.load_together(read(kind, content), self.by(**by))
        assert loaded.is_kept, problems(loaded.plans)
        return list(loaded.plans)

    def assert_refused(self, kind: str, content: str, column: str, part: str) -> None:
        """The only row has this one problem."""
        [plan] = self.preview(kind, content)
        self.assertEqual(plan.outcome, Outcome.ERROR, plan)
        [problem] = plan.problems
        self.assertEqual(problem.column, column)
        self.assertIn(part, problem.text)
