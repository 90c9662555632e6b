"""The report on a load as CSV, before or after it: a line for each row, or each of its faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from token_payments.imports.verdicts import Outcome, Plan, Problem
from token_payments.presenters.csv_files import write_csv


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
