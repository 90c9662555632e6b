"""Lists of recipients as people have them: pasted, CSV from any program, or XLSX.

Reading never raises for a single row: each row gets a verdict, and the person decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from token_payments.distribution.models import MAX_RECIPIENTS
from token_payments.distribution.operations import Recipient
from token_payments.errors import ListUnreadable
from token_payments.spreadsheets import read_csv, read_table

MAX_LIST_BYTES = 2 * 1024 * 1024
MAX_COLUMNS = 50
MAX_ROWS = MAX_RECIPIENTS * 2  # blank ones included
MAX_NAME = 255
MAX_EMAIL = 254


class Verdict(StrEnum):
    """What becomes of a row."""

    OK = "ok"
    BAD_ADDRESS = "bad_address"
    DUPLICATE = "duplicate"
    ASSIGNED = "assigned"
    TOO_OFTEN = "too_often"
    NO_CODE_LEFT = "no_code_left"


VERDICTS = {
    Verdict.OK: _("Gets a token"),
    Verdict.BAD_ADDRESS: _("This is not an e-mail address"),
    Verdict.DUPLICATE: _("This address is in the list already"),
    Verdict.ASSIGNED: _("Has a token of this order already"),
    Verdict.TOO_OFTEN: _("Has been mailed too often today"),
    Verdict.NO_CODE_LEFT: _("No token is left"),
}


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


def read_file(content: bytes) -> list[Row]:
    """The rows of an uploaded file, CSV or XLSX.

    Raises ListUnreadable: too_big, too_long, old_format, not_a_list, empty.
    """
    return _make_rows(read_cells(content))


def read_cells(content: bytes) -> Iterable[Sequence[str]]:
    """The cells of an uploaded file, row by row, at most one more than MAX_ROWS of a sheet.

    Raises ListUnreadable: too_big, old_format, not_a_list; the last one also while they are read.
    """
    return read_table(
        content,
        max_bytes=MAX_LIST_BYTES,
        max_rows=MAX_ROWS + 1,
        max_columns=MAX_COLUMNS,
        sample=_pick_addresses,
    )


def read_text(text: str) -> list[Row]:
    """The rows of what was pasted: lines of name and address, or addresses one after the other.

    Raises ListUnreadable.
    """
    if len(text) > MAX_LIST_BYTES:
        raise ListUnreadable("too_big")
    return _make_rows(read_csv(text, sample=_pick_addresses))


def read_one(name: str, email: str, *, line: int = 1) -> list[Row]:
    """One person, entered in two fields."""
    return [Row(line, tidy_cell(name)[:MAX_NAME], _tidy_address(tidy_cell(email)))]


def judge(
    rows: Iterable[Row],
    *,
    assigned: Collection[str],
    available: int,
    pestered: Collection[str] = (),
) -> list[Row]:
    """The rows with their verdicts; ``assigned`` are the addresses that have a code of the order.

    ``pestered`` ones get no other mail today. ``available`` codes are given in the order of the
    list.
    """
    seen: set[str] = set()
    judged, given = [], 0
    for row in rows:
        verdict = _find_fault(row, seen, assigned, pestered)
        if verdict is None:
            seen.add(row.email)
            given += 1
            verdict = Verdict.OK if given <= available else Verdict.NO_CODE_LEFT
        judged.append(Row(row.line, row.name, row.email, verdict))
    return judged


def _find_fault(
    row: Row, seen: set[str], assigned: Collection[str], pestered: Collection[str]
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
    return Verdict.TOO_OFTEN if row.email in pestered else None


def _make_rows(lines: Iterable[Sequence[str]]) -> list[Row]:
    rows: list[Row] = []
    for line, cells in enumerate(islice(lines, MAX_ROWS + 1), start=1):
        if line > MAX_ROWS:
            raise ListUnreadable("too_long")
        texts = [text for text in (tidy_cell(cell) for cell in cells[:MAX_COLUMNS]) if text]
        if not texts or (not rows and not any("@" in text for text in texts)):
            continue  # blank, or the headings above the first row
        rows += _read_row(line, texts)
        if len(rows) > MAX_RECIPIENTS:
            raise ListUnreadable("too_long")
    if not rows:
        raise ListUnreadable("empty")
    return rows


def _read_row(line: int, texts: Sequence[str]) -> Iterator[Row]:
    """One row with a name and an address, or several addresses beside each other."""
    words = " ".join(texts)
    if words.count("@") > 1:
        for address in re.split(r"[\s,;]+", words):
            if "@" in address:
                yield Row(line, "", _tidy_address(address))
        return
    parts = [part for text in texts for part in (text.split() if "@" in text else [text])]
    name = " ".join(part for part in parts if "@" not in part).strip("\"',; ")[:MAX_NAME]
    address = next((part for part in parts if "@" in part), "")
    if address:
        yield Row(line, name, _tidy_address(address))
    else:  # what was written, so that the person finds it
        yield Row(line, "", ", ".join(texts))


def tidy_cell(cell: str) -> str:
    """Without what can't be printed, and without spare blanks."""
    printable = "".join(c if c.isprintable() else " " for c in cell)
    return " ".join(printable.split())


def _tidy_address(text: str) -> str:
    """The address alone, in lower case: also out of ``<ann@example.com>``."""
    return text.strip("<>\"',; ").removeprefix("mailto:").lower()


def _pick_addresses(text: str) -> str:
    """The first rows with an address, or else the first rows."""
    lines = text.splitlines()
    return "".join(line for line in lines if "@" in line) or "".join(lines)
