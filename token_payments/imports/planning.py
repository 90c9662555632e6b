"""The common part of planning a load, for rows of every kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from token_payments.hosts.base import User
from token_payments.imports.verdicts import Change, ImportRow, Outcome, Plan, RowRefused
from token_payments.l10n.formats import format_number

#: Rows whose verdicts are found together, with a number of queries that doesn't grow with them.
CHUNK = 500


@dataclass(frozen=True)
class By:
    """The person who loads, when, why, and with which rights; ``actor`` is None for the system."""

    actor: User | None
    reason: str
    now: datetime
    may_add: bool = True
    may_change: bool = True


class Planner(ABC):
    """Finds the verdicts of one file's rows, in their order, and remembers what it has seen."""

    def __init__(self, by: By) -> None:
        self.by = by
        self._claims: dict[tuple[str, Any], int] = {}

    def judge(self, rows: Sequence[ImportRow]) -> list[Plan]:
        """The verdicts as things are now; rows that were judged before may be again."""
        self.look_up([row.values for row in rows if not row.problems])
        return [self._judge(row) for row in rows]

    @abstractmethod
    def look_up(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Read what the rows are about, in a number of queries that doesn't grow with them."""

    @abstractmethod
    def plan(self, row: ImportRow) -> Plan:
        """The verdict of one row whose cells are fine. Raises RowRefused."""

    @abstractmethod
    def name(self, values: Mapping[str, Any]) -> str:
        """The subject of a row, for people; of a row that can't be read what there is."""

    def claim(self, column: str, value: Any, row: ImportRow, *, kind: str = "") -> None:
        """Raises RowRefused when another row of the file has this already."""
        first = self._claims.setdefault((kind or column, value), row.line)
        if first != row.line:
            text = gettext("Row %(row)s has this already: keep one of them.")
            raise RowRefused(column, text % {"row": format_number(first)})

    def decide(
        self,
        row: ImportRow,
        changes: Sequence[Change],
        work: Callable[[], bool],
        *,
        is_new: bool = False,
    ) -> Plan:
        """A plan for these changes, if there are any, and if the person who loads may do it."""
        subject = self.name(row.values)
        if not changes and not is_new:
            return Plan(row.line, subject, Outcome.UNCHANGED)
        if is_new and not self.by.may_add:
            raise RowRefused("", gettext("You may change what is there, but not add anything."))
        if not is_new and not self.by.may_change:
            raise RowRefused("", gettext("You may add something, but not change what is there."))
        outcome = Outcome.CREATE if is_new else Outcome.UPDATE
        return Plan(row.line, subject, outcome, changes, work=work)

    def _judge(self, row: ImportRow) -> Plan:
        problems = row.problems
        if not problems:
            try:
                return self.plan(row)
            except RowRefused as refused:
                problems = [refused.problem]
        return Plan(row.line, self.name(row.values), Outcome.ERROR, problems=problems)
