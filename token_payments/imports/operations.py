"""Looking at a sheet, and applying it: all of it or nothing, or row by row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import Error as DatabaseFailure
from django.db import connection
from django.utils.translation import gettext

from token_payments.db.transactions import LostRace, in_transaction
from token_payments.errors import (
    IdempotencyConflict,
    InvalidItem,
    NameTaken,
    TokenPaymentsError,
    VersionConflict,
)
from token_payments.imports.planning import CHUNK, By, Planner
from token_payments.imports.prices import explain_item
from token_payments.imports.sheets import Sheet
from token_payments.imports.verdicts import ImportRow, Outcome, Plan, Problem, refuse_row

log = logging.getLogger(__name__)

#: Somebody did the same, or something else, between the verdict and its row.
CONFLICTS = (IdempotencyConflict, NameTaken, VersionConflict)


@dataclass(frozen=True)
class Loaded:
    """The outcome of each row; without ``is_kept`` nothing of the file was saved."""

    plans: Sequence[Plan]
    is_kept: bool


class _Stopped(Exception):
    """A row failed, and all others with it."""


def preview(sheet: Sheet, by: By) -> Iterator[Plan]:
    """The verdict of each row; nothing is changed. They come as they are found."""
    planner = sheet.kind.planner(by)
    for rows in _split(sheet.rows):
        yield from planner.judge(rows)


def load_each(sheet: Sheet, by: By) -> Iterator[Plan]:
    """Apply row by row, each in a transaction of its own, as far as what this gives is asked for.

    A row that fails leaves the others alone. To go on where it was stopped, load the file again.
    """
    planner = sheet.kind.planner(by)
    for rows in _split(sheet.rows):
        for row, plan in zip(rows, planner.judge(rows), strict=True):
            yield _apply(planner, row, plan) if plan.is_writing else plan


def load_together(
    sheet: Sheet, by: By, *, progress: Callable[[int], object] | None = None
) -> Loaded:
    """Apply the whole sheet in one transaction, if no row has an error; else nothing.

    ``progress`` gets the number of rows that are applied, after each.
    """
    plans: list[Plan] = []
    failed: list[tuple[Plan, Problem]] = []

    def run() -> list[Plan]:
        plans[:] = preview(sheet, by)
        failed.clear()
        if any(plan.outcome == Outcome.ERROR for plan in plans):
            raise _Stopped
        done = []
        for number, plan in enumerate(plans, start=1):
            failed[:] = [(plan, _explain_failure())]
            done.append(_apply_with_others(plan, failed) if plan.is_writing else plan)
            if progress is not None:
                progress(number)
        return done

    try:
        return Loaded(in_transaction(run), is_kept=True)
    except (_Stopped, LostRace):
        pass
    except DatabaseFailure:
        log.exception("a load was taken back at row %s", failed[0][0].line if failed else "-")
        if not failed:
            raise
    failures = {plan.line: problem for plan, problem in failed}
    return Loaded([_take_back(plan, failures) for plan in plans], is_kept=False)


def name_reason(file_name: str) -> str:
    """The reason that is kept when none is given."""
    return gettext("Loaded from %(file)s") % {"file": file_name[:60]}


def _apply(planner: Planner, row: ImportRow, plan: Plan) -> Plan:
    assert plan.work is not None
    try:
        is_done = in_transaction(plan.work)
    except TokenPaymentsError as error:
        # somebody may have done the same meanwhile; this planner remembers the row as applied
        now = type(planner)(planner.by).judge([row])[0]
        return _fail(plan, _explain(error)) if now.is_writing else now
    except DatabaseFailure:
        log.exception("row %s of a load was refused", row.line)
        connection.close_if_unusable_or_obsolete()
        return _fail(plan, _explain_failure())
    return plan if is_done else _leave(plan)


def _apply_with_others(plan: Plan, failed: list[tuple[Plan, Problem]]) -> Plan:
    """Raises LostRace when the whole file is worth another try."""
    assert plan.work is not None
    try:
        return plan if plan.work() else _leave(plan)
    except CONFLICTS as error:
        failed[:] = [(plan, _explain(error))]
        raise LostRace from error
    except TokenPaymentsError as error:
        failed[:] = [(plan, _explain(error))]
        raise _Stopped from error


def _take_back(plan: Plan, failures: dict[int, Problem]) -> Plan:
    """The row's outcome after nothing was kept."""
    if plan.line in failures:
        return _fail(plan, failures[plan.line])
    return replace(plan, outcome=Outcome.NOT_DONE) if plan.is_writing else plan


def _fail(plan: Plan, problem: Problem) -> Plan:
    return replace(plan, outcome=Outcome.ERROR, problems=[problem], work=None)


def _leave(plan: Plan) -> Plan:
    return replace(plan, outcome=Outcome.UNCHANGED, changes=())


def _explain(error: TokenPaymentsError) -> Problem:
    refused = explain_item(error) if isinstance(error, InvalidItem) else refuse_row("", error)
    return refused.problem


def _explain_failure() -> Problem:
    return Problem(
        "", gettext("The database refused this row. What it said is in the server's log.")
    )


def _split(rows: Sequence[ImportRow]) -> Iterator[Sequence[ImportRow]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
