"""CSV files for spreadsheets: UTF-8 with its mark, and no cell that could run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

BOM = "\ufeff"  # tells spreadsheets that this is UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """Where csv.writer writes to: each row comes back from ``writerow``."""

    def write(self, text: str) -> str:
        return text


def write_csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file, piece by piece as the rows come; encode it as UTF-8."""
    writer: Any = csv.writer(_Echo())
    yield BOM
    for row in rows:
        yield writer.writerow([guard(cell) for cell in row])


def guard(cell: str) -> str:
    """The cell as text, whatever a spreadsheet would take it for: a name may begin with ``=``."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
