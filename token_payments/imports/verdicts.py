"""Verdicts on rows, before and after they are applied, and the report of them as CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.errors import TokenPaymentsError
from token_payments.presenters.csv_files import write_csv
from token_payments.presenters.refusals import Audience, describe_refusal


class Outcome(StrEnum):
    """A row's verdict; NOT_DONE is only for one that would have been applied and wasn't."""

    ERROR = "error"
    NOT_DONE = "not_done"
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"


#: As a verdict is told before anything is done, and after it was.
AHEAD = {
    Outcome.ERROR: _("Error"),
    Outcome.NOT_DONE: _("Not done"),
    Outcome.CREATE: _("Will be added"),
    Outcome.UPDATE: _("Will be changed"),
    Outcome.UNCHANGED: _("Unchanged"),
}
DONE = {**AHEAD, Outcome.CREATE: _("Added"), Outcome.UPDATE: _("Changed")}


class Problem(NamedTuple):
    """A fault of a row: in which column ("" for the row as a whole), and what to do."""

    column: str
    text: str


class Change(NamedTuple):
    """A change by a row: the column, its value now ("" for nothing), and its new value."""

    column: str
    old: str
    new: str


class FileRefused(Exception):
    """A file can't be read as it is; the text says what to do."""


class RowRefused(Exception):
    """A row can't be loaded; what has one raised says so at its column."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(column, text)


def refuse_row(column: str, error: TokenPaymentsError) -> RowRefused:
    """The error in words for those who load files, at a column."""
    told = describe_refusal(error, audience=Audience.STAFF, about="load")
    return RowRefused(column, told.text)


@dataclass(frozen=True)
class ImportRow:
    """One row of a file: ``line`` as the person's own program counts it.

    ``values`` has the cells that aren't empty, read, by their columns' names.
    """

    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class Plan:
    """A row's verdict, and what does it: ``work`` tells whether anything was left to do."""

    line: int
    subject: str
    outcome: Outcome
    changes: Sequence[Change] = ()
    problems: Sequence[Problem] = ()
    work: Callable[[], bool] | None = None

    @property
    def is_writing(self) -> bool:
        return self.outcome in (Outcome.CREATE, Outcome.UPDATE)


def count(plans: Iterable[Plan]) -> dict[Outcome, int]:
    """How many rows have each verdict, errors first; those that none has are left out."""
    found = Counter(plan.outcome for plan in plans)
    return {outcome: found[outcome] for outcome in Outcome if found[outcome]}


def write_report(plans: Iterable[Plan], labels: Mapping[Outcome, Any]) -> Iterator[str]:
    """The file, piece by piece; ``labels`` are those of before or of afterwards."""
    return write_csv(_list_lines(plans, labels))


def describe(plan: Plan) -> list[Problem]:
    """(column, text) of what is wrong with a row; of one that is fine, what it changes."""
    if plan.problems:
        return list(plan.problems)
    return [Problem("", "; ".join(describe_changes(plan)))]


def describe_changes(plan: Plan) -> list[str]:
    """E.g. ``role: member → manager``; of something new what it has."""
    return [
        f"{each.column}: {each.old} → {each.new}" if each.old else f"{each.column}: {each.new}"
        for each in plan.changes
    ]


def _list_lines(plans: Iterable[Plan], labels: Mapping[Outcome, Any]) -> Iterator[list[str]]:
    headings = (gettext("Row"), gettext("Result"), gettext("Concerns"), gettext("Column"))
    yield [*headings, gettext("Details")]
    for plan in plans:
        for column, text in describe(plan):
            yield [str(plan.line), str(labels[plan.outcome]), plan.subject, column, text]
