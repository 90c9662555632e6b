"""Lists of members as people have them: one user name or e-mail address in each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from token_payments.assignments.rows import tidy_cell
from token_payments.bulk.models import MAX_ENTERED, MAX_ROWS
from token_payments.errors import ListUnreadable
from token_payments.imports.recipients import MAX_COLUMNS, read_cells

#: What the heading of the right column may be; without one it is the first column with anything.
HEADINGS = ("member", "user name", "username", "user", "e-mail address", "e-mail", "email")


def read_names(content: bytes) -> list[str]:
    """The people whom an uploaded file names, CSV or XLSX, in its order.

    Raises ListUnreadable: too_big, too_long, old_format, not_a_list, empty.
    """
    return _choose(read_cells(content))


def _choose(lines: Iterable[Sequence[str]]) -> list[str]:
    names: list[str] = []
    column: int | None = None
    is_first = True
    for cells in lines:
        texts = [tidy_cell(cell) for cell in cells[:MAX_COLUMNS]]
        if not any(texts):
            continue
        if is_first:
            is_first = False
            column = _find_column(texts)
            if column is not None:
                continue
        name = _pick(texts, column)
        if name:
            names.append(name[:MAX_ENTERED])
        if len(names) > MAX_ROWS:
            raise ListUnreadable("too_long")
    if not names:
        raise ListUnreadable("empty")
    return names


def _find_column(texts: Sequence[str]) -> int | None:
    """Of the first row, if it is one of headings."""
    lowered = [text.lower() for text in texts]
    return next((lowered.index(each) for each in HEADINGS if each in lowered), None)


def _pick(texts: Sequence[str], column: int | None) -> str:
    if column is not None:
        return texts[column] if column < len(texts) else ""
    return next((text for text in texts if text), "")
