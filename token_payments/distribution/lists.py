"""Lists of recipients as people have them: pasted, CSV from any program, or XLSX.

Reading never raises for a single row: each row gets a verdict, and the person decides.
"""

from __future__ import annotations

import csv
import io
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
from token_payments.distribution.spreadsheets import OLD_START, is_spreadsheet, read_sheet
from token_payments.errors import ListUnreadable

MAX_LIST_BYTES = 2 * 1024 * 1024
MAX_COLUMNS = 50
MAX_ROWS = MAX_RECIPIENTS * 2  # blank ones included
MAX_NAME = 255
MAX_EMAIL = 254
HEAD = 1024  # bytes that tell text from anything else


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
    if len(content) > MAX_LIST_BYTES:
        raise ListUnreadable("too_big")
    if content.startswith(OLD_START):
        raise ListUnreadable("old_format")
    if is_spreadsheet(content):
        return _make_rows(read_sheet(content, max_rows=MAX_ROWS + 1, max_columns=MAX_COLUMNS))
    if not _is_utf16(content) and b"\0" in content[:HEAD]:
        raise ListUnreadable("not_a_list")
    return _make_rows(_read_csv(_decode(content)))


def read_text(text: str) -> list[Row]:
    """The rows of what was pasted: lines of name and address, or addresses one after the other.

    Raises ListUnreadable.
    """
    if len(text) > MAX_LIST_BYTES:
        raise ListUnreadable("too_big")
    return _make_rows(_read_csv(text))


def read_one(name: str, email: str, *, line: int = 1) -> list[Row]:
    """One person, entered in two fields."""
    return [Row(line, _tidy(name)[:MAX_NAME], _tidy_address(_tidy(email)))]


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
        texts = [text for text in (_tidy(cell) for cell in cells[:MAX_COLUMNS]) if text]
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


def _tidy(cell: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in cell)
    return " ".join(printable.split())


def _tidy_address(text: str) -> str:
    """The address alone, in lower case: also out of ``<ann@example.com>``."""
    return text.strip("<>\"',; ").removeprefix("mailto:").lower()


def _decode(content: bytes) -> str:
    if _is_utf16(content):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _is_utf16(content: bytes) -> bool:
    return content.startswith((b"\xff\xfe", b"\xfe\xff"))


def _read_csv(text: str) -> Iterator[list[str]]:
    """Cells between semicolons, tabs or commas, whichever the first rows with an address have."""
    head = "".join(line for line in text[:4096].splitlines() if "@" in line)
    delimiter = max(";\t,", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    except csv.Error as error:
        raise ListUnreadable("not_a_list") from error
