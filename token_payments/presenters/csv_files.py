"""CSV files for spreadsheets: UTF-8 with its mark, and no cell that could run as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

BOM = "\ufeff"  # tells spreadsheets that this is UTF-8
ROWS_PER_PIECE = 200  # a server sends each piece by itself
#: Where a formula could begin: a cell, or what a program takes for one that splits rows otherwise
#: than at commas, as many do that expect semicolons. The signs may be full-width, and what can't be
#: seen may stand before them.
UNSEEN = r"\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
FORMULA = re.compile(rf"(^|[;\t\r\n])(?=[{UNSEEN}]*[{SIGNS}])")
CONTROLS = ("\t", "\r", "\n")


def send_csv_file(pieces: Iterable[str], name: str) -> HttpResponse:
    """The answer with a file, sent piece by piece; ``name`` is without its ending."""
    answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer  # type: ignore[return-value]  # a cousin of HttpResponse


def send_csv(rows: Iterable[Sequence[str]], name: str) -> HttpResponse:
    """The rows as a file, sent as they are read."""
    return send_csv_file(write_csv(rows), name)


class _Echo:
    """Where csv.writer writes to: each row comes back from ``writerow``."""

    def write(self, text: str) -> str:
        return text


def write_csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file, piece by piece as the rows come; encode it as UTF-8."""
    writer: Any = csv.writer(_Echo())
    yield BOM
    waiting = iter(rows)
    while block := list(islice(waiting, ROWS_PER_PIECE)):
        yield "".join(writer.writerow([guard(cell) for cell in row]) for row in block)


def guard(cell: str) -> str:
    """The cell as text, whatever a spreadsheet would take it for: a name may begin with ``=``."""
    guarded = FORMULA.sub(r"\1'", cell)
    return f"'{guarded}" if guarded.startswith(CONTROLS) else guarded
