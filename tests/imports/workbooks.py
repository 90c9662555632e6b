"""XLSX files made for tests, as they are saved and as nobody saves them."""

from __future__ import annotations

import zipfile
from io import BytesIO

from openpyxl import Workbook

SHEET = "xl/worksheets/sheet1.xml"


def make(*rows, sheets=()) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for title in sheets:
        book.create_sheet(title).append(["x@other.example"])
    return save(book)


def save(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def change(content: bytes, **parts) -> bytes:
    """The file with parts of the archive replaced (or added), by a function of what was there."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            function = parts.pop(name, None)
            new.writestr(name, function(old.read(name)) if function else old.read(name))
        for name, function in parts.items():
            new.writestr(name, function(b""))
    return out.getvalue()


def change_sheet(content: bytes, old: bytes, new: bytes) -> bytes:
    def replace(part: bytes) -> bytes:
        assert old in part
        return part.replace(old, new)

    return change(content, **{SHEET: replace})
