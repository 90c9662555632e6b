"""From a file to rows: its headings, its cells, and what is wrong with either."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext

from token_payments.errors import ListUnreadable
from token_payments.imports.cells import CellRefused, shorten
from token_payments.imports.kinds import Column, Kind
from token_payments.imports.spreadsheets import read_table
from token_payments.imports.verdicts import FileRefused, ImportRow, Problem
from token_payments.presenters.csv_files import write_csv
from token_payments.presenters.refusals import Audience, describe_refusal

MAX_COLUMNS = 50
MAX_ROWS_SKIPPED = 100  # blank ones above the headings
ALIKE = 0.75  # how much of a heading has to be there for a guess
SEPARATOR = "sep="  # what Excel writes into a first row of its own


@dataclass(frozen=True)
class Bounds:
    """How large a file may be: bytes, and rows below the headings, blank ones included."""

    max_bytes: int
    max_rows: int


#: What a request can look at, and what the command can.
PAGE_BOUNDS = Bounds(max_bytes=2 * 1024 * 1024, max_rows=10_000)
COMMAND_BOUNDS = Bounds(max_bytes=64 * 1024 * 1024, max_rows=200_000)


@dataclass(frozen=True)
class Sheet:
    """A file that was read; ``digest`` (SHA-256) tells it from every other one."""

    kind: Kind
    digest: str
    rows: Sequence[ImportRow]


def compute_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_sheet(kind: Kind, content: bytes, *, bounds: Bounds) -> Sheet:
    """The rows of a file, each with what is wrong with its cells.

    Raises FileRefused for what no row is at fault for, in words.
    """
    try:
        lines = enumerate(_read_lines(content, bounds), start=1)
        columns = _read_headings(kind, lines)
        rows = list(_read_rows(columns, lines, bounds))
    except ListUnreadable as error:
        told = describe_refusal(
            error,
            audience=Audience.STAFF,
            about="load",
            megabytes=bounds.max_bytes // 1024 // 1024,
            rows=bounds.max_rows,
        )
        raise FileRefused(told.text) from error
    if not rows:
        raise FileRefused(gettext("There is no row below the headings."))
    return Sheet(kind, compute_digest(content), rows)


def write_template(kind: Kind) -> Iterator[str]:
    """A file to fill in: the headings, and a row that shows how."""
    names = [column.name for column in kind.columns]
    return write_csv([names, [column.example for column in kind.columns]])


def _read_lines(content: bytes, bounds: Bounds) -> Iterator[list[str]]:
    most = bounds.max_rows + MAX_ROWS_SKIPPED + 1
    return iter(
        read_table(
            content,
            max_bytes=bounds.max_bytes,
            max_rows=most,
            max_columns=MAX_COLUMNS + 1,
            sample=_pick_headings,
        )
    )


def _pick_headings(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip(" \t,;")), text)


def _read_headings(kind: Kind, lines: Iterator[tuple[int, list[str]]]) -> list[tuple[int, Column]]:
    """(place, column) of each heading. Raises FileRefused."""
    cells: list[str] = []
    for line, found in lines:
        cells = [cell.strip() for cell in found]
        if any(cells) and cells[0].casefold() != SEPARATOR:
            break
        cells = []
        if line > MAX_ROWS_SKIPPED:
            break
    while cells and not cells[-1]:
        cells.pop()
    if not cells:
        raise FileRefused(gettext("The file is empty."))
    if len(cells) > MAX_COLUMNS:
        raise FileRefused(
            gettext("The file has more than %(most)s columns.") % {"most": MAX_COLUMNS}
        )
    columns = [(place, _get_column(kind, text)) for place, text in enumerate(cells) if text]
    names = [column.name for _, column in columns]
    _check_headings(kind, names)
    return columns


def _check_headings(kind: Kind, names: Sequence[str]) -> None:
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise FileRefused(
            gettext("The column “%(name)s” is there twice: keep one of them.") % {"name": twice[0]}
        )
    missing = [each.name for each in kind.columns if each.is_required and each.name not in names]
    if missing:
        text = gettext(
            "The column “%(missing)s” is missing. The first row must have the headings; the "
            "columns are: %(columns)s."
        )
        raise FileRefused(text % {"missing": missing[0], "columns": _list_columns(kind)})


def _get_column(kind: Kind, heading: str) -> Column:
    """By its name or its label, however written. Raises FileRefused with what may be meant."""
    known: dict[str, Column] = {}
    for column in kind.columns:
        known |= {_simplify(column.name): column, _simplify(str(column.label)): column}
    found = known.get(_simplify(heading))
    if found is not None:
        return found
    near = get_close_matches(_simplify(heading), known, n=1, cutoff=ALIKE)
    if near:
        text = gettext("There is no column “%(heading)s”: did you mean “%(near)s”?")
        name = known[near[0]].name
        raise FileRefused(text % {"heading": shorten(heading), "near": name})
    text = gettext("There is no column “%(heading)s”. The columns are: %(columns)s.")
    raise FileRefused(text % {"heading": shorten(heading), "columns": _list_columns(kind)})


def _read_rows(
    columns: Sequence[tuple[int, Column]], lines: Iterator[tuple[int, list[str]]], bounds: Bounds
) -> Iterator[ImportRow]:
    last = max(place for place, _ in columns)
    for number, (line, cells) in enumerate(lines, start=1):
        if number > bounds.max_rows:
            raise ListUnreadable("too_long")
        if any(cell.strip() for cell in cells):
            yield _read_row(line, columns, cells, any(cell.strip() for cell in cells[last + 1 :]))


def _read_row(
    line: int, columns: Sequence[tuple[int, Column]], cells: Sequence[str], is_too_wide: bool
) -> ImportRow:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    if is_too_wide:
        text = gettext("More cells than headings: put a text that has a comma between quotes.")
        problems.append(Problem("", text))
    for place, column in columns:
        text = cells[place].strip() if place < len(cells) else ""
        try:
            value = column.cell.read(text) if text else None
        except CellRefused as error:
            problems.append(Problem(column.name, str(error)))
            continue
        if value not in (None, ""):
            values[column.name] = value
        elif column.is_required:
            problems.append(Problem(column.name, gettext("This must not be empty.")))
    return ImportRow(line, values, problems)


def _simplify(heading: str) -> str:
    return re.sub(r"[\W_]+", " ", heading.casefold()).strip()


def _list_columns(kind: Kind) -> str:
    return ", ".join(column.name for column in kind.columns)
