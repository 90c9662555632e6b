"""Lists of recipients as people have them: pasted, CSV from any program, or XLSX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from token_payments.assignments.models import MAX_RECIPIENTS
from token_payments.assignments.rows import MAX_NAME, Row, tidy_address, tidy_cell
from token_payments.errors import ListUnreadable
from token_payments.imports.spreadsheets import read_csv, read_table

MAX_LIST_BYTES = 2 * 1024 * 1024
MAX_COLUMNS = 50
MAX_ROWS = MAX_RECIPIENTS * 2  # blank ones included


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
    whole = " ".join(texts)
    if whole.count("@") > 1:
        for address in re.split(r"[\s,;]+", whole):
            if "@" in address:
                yield Row(line, "", tidy_address(address))
        return
    parts = [part for text in texts for part in (text.split() if "@" in text else [text])]
    name = " ".join(part for part in parts if "@" not in part).strip("\"',; ")[:MAX_NAME]
    address = next((part for part in parts if "@" in part), "")
    if address:
        yield Row(line, name, tidy_address(address))
    else:  # what was written, so that the person finds it
        yield Row(line, "", ", ".join(texts))


def _pick_addresses(text: str) -> str:
    """The first rows with an address, or else the first rows."""
    lines = text.splitlines()
    return "".join(line for line in lines if "@" in line) or "".join(lines)
