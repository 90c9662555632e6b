"""Tables that people upload, as rows of text: CSV from any program, or the first sheet of an XLSX.

A small XLSX can unpack to gigabytes, hold a cell in the last row of a sheet, XML that grows while
it is read, or what takes minutes to understand: each is bounded or refused before openpyxl sees it.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from xml.parsers import expat

from token_payments.errors import ListUnreadable

MAX_UNPACKED = 16 * 1024 * 1024  # bytes; 5,000 names and addresses are less than one million
MAX_PARTS = 500  # files in the archive
MAX_TAGS = 650_000  # of XML in all of them: 10,000 rows of 15 cells have fewer
MAX_CELLS = 300_000  # 10,000 rows of 30
MAX_STYLES = 50_000  # tags in a part that isn't a sheet's: each takes long to understand
MAX_DEPTH = 64  # tags inside each other; sheets have eight
MAX_TAG = 200_000  # bytes from one tag to the next: a cell has 32,767 characters at most
MAX_ATTRIBUTES = 64  # of a tag; a sheet's page has thirty
MAX_ATTRIBUTE = 16_000  # characters of one
MAX_FORMAT, MAX_BRACKETS = 255, 16  # characters of a number's format, and "[" among them
LONG_PARTS = ("xl/worksheets/", "xl/sharedStrings")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLD_START = b"\xd0\xcf\x11\xe0"  # .xls, and anything that has a password
ENCRYPTED = 0x1
QUOTED = re.compile(r'"[^"\n]*"')
HEAD = 1024  # bytes that tell text from anything else
SAMPLE = 4096  # characters in which the delimiter is looked for
# No spreadsheet program writes one; entities that refer to each other are declared in it.
DOCTYPES = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))
BEFORE_XML = b"\xef\xbb\xbf \t\r\n"  # a mark and blanks
# Spreadsheet programs write UTF-8; in UTF-16 the bytes between two tags can't be counted.
WIDE_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
LONG_TAG = re.compile(rb"<[^<]{%d}" % MAX_TAG)


def read_table(
    content: bytes,
    *,
    max_bytes: int,
    max_rows: int,
    max_columns: int,
    sample: Callable[[str], str],
) -> Iterator[list[str]]:
    """The rows of a file, blank ones included; of an XLSX at most ``max_rows``, all of a CSV.

    ``sample`` picks from the beginning of a CSV what its delimiter is found by. Raises
    ListUnreadable, now or while the rows come: too_big, old_format, not_a_list.
    """
    if len(content) > max_bytes:
        raise ListUnreadable("too_big")
    if content.startswith(OLD_START):
        raise ListUnreadable("old_format")
    if is_spreadsheet(content):
        return read_sheet(content, max_rows=max_rows, max_columns=max_columns)
    if not _is_utf16(content) and b"\0" in content[:HEAD]:
        raise ListUnreadable("not_a_list")
    return read_csv(_decode(content), sample=sample)


def read_csv(text: str, *, sample: Callable[[str], str]) -> Iterator[list[str]]:
    """Cells between semicolons, tabs or commas, whichever the sample has most of outside quotes."""
    text = text.lstrip("\ufeff")
    delimiter = max(";\t,", key=QUOTED.sub("", sample(text[:SAMPLE])).count)
    try:
        yield from csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise ListUnreadable("not_a_list") from error


def is_spreadsheet(content: bytes) -> bool:
    return content.startswith(ZIP_STARTS)


def read_sheet(content: bytes, *, max_rows: int, max_columns: int) -> Iterator[list[str]]:
    """The cells of the first sheet, as text, blank rows included; of formulas what they came to.

    Not more than ``max_rows`` rows come: a caller that must know of more asks for one more. Raises
    ListUnreadable: too_big, not_a_list.
    """
    _check_parts(content)
    try:
        for row in _iterate(content, max_rows, max_columns):
            yield [_write_cell(value) for value in row]
    except Exception as error:
        raise ListUnreadable("not_a_list") from error


def _check_parts(content: bytes) -> None:
    """Read the archive through, as far as it is allowed to be large."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise ListUnreadable("too_big")
            tags = 0
            for part in parts:
                if part.flag_bits & ENCRYPTED:
                    raise ListUnreadable("not_a_list")
                # at most ``file_size`` bytes come, whatever is packed
                limit = MAX_TAGS - tags
                if not part.filename.startswith(LONG_PARTS):
                    limit = min(limit, MAX_STYLES)
                tags += _Xml(limit).count_tags(archive.read(part))
    except ListUnreadable:
        raise
    except Exception as error:
        raise ListUnreadable("not_a_list") from error


class _Xml:
    """Looks through a part of the archive, and refuses what takes much memory or time to read."""

    def __init__(self, max_tags: int) -> None:
        self.max_tags = max_tags
        self.tags = self.cells = self.depth = 0

    def count_tags(self, part: bytes) -> int:
        """How many tags it has; 0 for a part that isn't XML. Raises ListUnreadable."""
        if part.startswith(WIDE_STARTS) or any(start in part for start in DOCTYPES):
            raise ListUnreadable("not_a_list")
        if not part.lstrip(BEFORE_XML).startswith(b"<"):
            return 0
        if LONG_TAG.search(part):
            raise ListUnreadable("too_big")
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        with suppress(expat.ExpatError):  # the reader of this part will say so
            parser.Parse(part, True)
        return self.tags

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.tags, self.depth = self.tags + 1, self.depth + 1
        self.cells += name.rpartition(":")[2] == "c"
        if self.tags > self.max_tags or self.cells > MAX_CELLS or len(attributes) > MAX_ATTRIBUTES:
            raise ListUnreadable("too_big")
        if self.depth > MAX_DEPTH:
            raise ListUnreadable("not_a_list")
        if not attributes:
            return
        number_format = attributes.get("formatCode", "")
        if max(map(len, attributes.values())) > MAX_ATTRIBUTE:
            raise ListUnreadable("not_a_list")
        if len(number_format) > MAX_FORMAT or number_format.count("[") > MAX_BRACKETS:
            raise ListUnreadable("not_a_list")

    def _end(self, _name: str) -> None:
        self.depth -= 1


def _iterate(content: bytes, max_rows: int, max_columns: int) -> Iterator[tuple[Any, ...]]:
    from openpyxl import load_workbook  # noqa: PLC0415 (takes long, and few need it)

    book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        # both limits are given: what the file says about its size needn't be true
        rows = book.worksheets[0].iter_rows(max_row=max_rows, max_col=max_columns, values_only=True)
        yield from rows
    finally:
        book.close()


def _write_cell(value: Any) -> str:
    """A cell as its reader sees it: whole numbers without a point, days without a time."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def _decode(content: bytes) -> str:
    if _is_utf16(content):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _is_utf16(content: bytes) -> bool:
    return content.startswith((b"\xff\xfe", b"\xfe\xff"))
