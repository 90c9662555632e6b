"""Rows of a list of recipients, and what becomes of each.

Judging never raises for a single row: each row gets a verdict, and the person decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from token_payments.assignments.giving import Recipient

MAX_NAME = 255
MAX_EMAIL = 254


class Verdict(StrEnum):
    """The verdict on a row: given a code, or why not."""

    OK = "ok"
    BAD_ADDRESS = "bad_address"
    DUPLICATE = "duplicate"
    ASSIGNED = "assigned"
    TOO_OFTEN = "too_often"
    NO_CODE_LEFT = "no_code_left"


@dataclass(frozen=True)
class Row:
    """One row of a list: ``line`` counts from 1, as the person's own program does."""

    line: int
    name: str
    email: str
    verdict: Verdict = Verdict.OK

    @property
    def recipient(self) -> Recipient:
        return Recipient(email=self.email, name=self.name)


def read_one(name: str, email: str, *, line: int = 1) -> list[Row]:
    """One person, entered in two fields."""
    return [Row(line, tidy_cell(name)[:MAX_NAME], tidy_address(tidy_cell(email)))]


def judge(
    rows: Iterable[Row],
    *,
    assigned: Collection[str],
    available: int,
    rate_limited: Collection[str] = (),
) -> list[Row]:
    """The rows with their verdicts; ``assigned`` are the addresses that have a code of the order.

    ``rate_limited`` ones get no other mail today. ``available`` codes are given in the order of the
    list.
    """
    seen: set[str] = set()
    judged, given = [], 0
    for row in rows:
        verdict = _find_fault(row, seen, assigned, rate_limited)
        if verdict is None:
            seen.add(row.email)
            given += 1
            verdict = Verdict.OK if given <= available else Verdict.NO_CODE_LEFT
        judged.append(Row(row.line, row.name, row.email, verdict))
    return judged


def _find_fault(
    row: Row, seen: set[str], assigned: Collection[str], rate_limited: Collection[str]
) -> Verdict | None:
    try:
        validate_email(row.email)
    except ValidationError:
        return Verdict.BAD_ADDRESS
    if len(row.email) > MAX_EMAIL:
        return Verdict.BAD_ADDRESS
    if row.email in seen:
        return Verdict.DUPLICATE
    if row.email in assigned:
        return Verdict.ASSIGNED
    return Verdict.TOO_OFTEN if row.email in rate_limited else None


def tidy_cell(cell: str) -> str:
    """Without what can't be printed, and without spare blanks."""
    printable = "".join(c if c.isprintable() else " " for c in cell)
    return " ".join(printable.split())


def tidy_address(text: str) -> str:
    """The address alone, in lower case: also out of ``<ann@example.com>``."""
    return text.strip("<>\"',; ").removeprefix("mailto:").lower()
