"""Files that were made to keep a server busy, or to fill its memory: what each holds.

``python -m tests.imports.hostile FOLDER`` reads all files there and prints, as JSON, for each the
answer and the seconds that it took; under "" the memory that reading them took at most, in MiB. A
process of its own is measured: what an XML parser takes isn't seen from Python.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.imports.workbooks import SHEET, change, make
from token_payments.errors import ListUnreadable
from token_payments.imports.spreadsheets import read_table

SPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STYLES, STRINGS, BOOK = "xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
TYPES, LINKS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
ROW = b'<row r="1"><c r="A1" t="inlineStr"><is><t>ann@example.com</t></is></c></row>'


#: Those of a list of people.
BOUNDS: dict[str, Any] = {
    "max_bytes": 2 * 1024 * 1024,
    "max_rows": 10_000,
    "max_columns": 50,
    "sample": str,
}


def put(**parts: bytes) -> bytes:
    """A good list with these parts of the archive replaced."""
    return change(
        make(("Ann", "ann@example.com")),
        **{name: lambda _, part=part: part for name, part in parts.items()},
    )


def sheet(rows: bytes, after: bytes = b"") -> bytes:
    data = b"<worksheet %s><sheetData>%s</sheetData>%s</worksheet>"
    return put(**{SHEET: data % (SPACE, ROW + rows, after)})


def styles(formats: bytes, cells: bytes = b'<xf numFmtId="170"/>') -> bytes:
    data = b"<styleSheet %s><numFmts>%s</numFmts><cellXfs>%s</cellXfs></styleSheet>"
    return put(**{STYLES: data % (SPACE, formats, cells)})


def number_format(code: bytes) -> bytes:
    return b'<numFmt numFmtId="170" formatCode="%s"/>' % code


def attributes(count: int, value: bytes = b"") -> bytes:
    return b" ".join(b'a%x="%s"' % (number, value) for number in range(count))


def entities() -> bytes:
    names = [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    return b'<!DOCTYPE x [<!ENTITY a0 "ha">%s]><worksheet>&a9;</worksheet>' % b"".join(names)


FILES: Mapping[str, Callable[[], bytes]] = {
    "brackets in a format": lambda: styles(number_format(b"[h" * 100_000)),
    "brackets in a short format": lambda: styles(number_format(b"[h" * 500)),
    "a format used by 45,000 styles": lambda: styles(
        number_format(b"[h" * 127), b'<xf numFmtId="170"/>' * 45_000
    ),
    "22,000 such formats": lambda: styles(number_format(b"[h" * 120) * 22_000),
    "quotes in a format": lambda: styles(number_format(b"&quot;a" * 60_000)),
    "a row of 950,000 cells": lambda: sheet(b"<row>%s</row>" % (b"<c/>" * 950_000)),
    "58 rows of 16,000 cells": lambda: sheet((b"<row>%s</row>" % (b"<c/>" * 16_000)) * 58),
    "cells of another prefix": lambda: put(
        **{SHEET: b"<x:worksheet>%s</x:worksheet>" % (b"<x:c/>" * 400_000)}
    ),
    "900,000 attributes": lambda: sheet(b"<row %s/>" % attributes(900_000)),
    "attributes with signs": lambda: sheet(b"<row %s/>" % attributes(500_000, b">")),
    "65 attributes, often": lambda: sheet(b"<row %s/>" % attributes(65) * 9_000),
    "attributes in UTF-16": lambda: put(
        **{SHEET: f"<row {attributes(400_000).decode()}/>".encode("utf-16")}
    ),
    "attributes in UTF-16 without a mark": lambda: put(
        **{SHEET: f"<row {attributes(400_000, b'x').decode()}/>".encode("utf-16-be")}
    ),
    "a long attribute": lambda: sheet(b'<row a="%s"/>' % (b"x" * 100_000)),
    "a text of 15 MB": lambda: sheet(b"<row><c><v>%s</v></c></row>" % (b"a" * 15_000_000)),
    "a comment of 15 MB": lambda: sheet(b"<!--%s-->" % (b"a" * 15_000_000)),
    "a million rows": lambda: sheet(b"<row/>" * 1_000_000),
    "tags within tags": lambda: put(**{SHEET: b"<a>" * 600_000}),
    "styles within styles": lambda: put(**{STYLES: b"<a>" * 600_000}),
    "600,000 styles": lambda: styles(b"", b'<xf numFmtId="1"/>' * 600_000),
    "600,000 fonts": lambda: put(**{STYLES: b"<styleSheet>%s" % (b"<font/>" * 600_000)}),
    "a million strings": lambda: put(**{STRINGS: b"<sst>%s</sst>" % (b"<si/>" * 1_000_000)}),
    "900,000 merged cells": lambda: sheet(b"", b'<mergeCell ref="A1:B2"/>' * 700_000),
    "600,000 relations": lambda: put(**{LINKS: b"<r>%s</r>" % (b"<Relationship/>" * 600_000)}),
    "600,000 types": lambda: put(**{TYPES: b"<r>%s</r>" % (b"<Override/>" * 600_000)}),
    "600,000 names": lambda: put(**{BOOK: b"<r>%s</r>" % (b"<definedName/>" * 600_000)}),
    "entities": lambda: put(**{SHEET: entities()}),
    "entities in the styles": lambda: put(**{STYLES: entities()}),
    "entities in the types": lambda: put(**{TYPES: entities()}),
    "an entity from elsewhere": lambda: put(
        **{SHEET: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>'}
    ),
    "200 MB packed": lambda: put(**{"xl/media/a.bin": b"\0" * (200 * 1024 * 1024)}),
    "many parts": lambda: put(**{f"xl/media/{number}": b"" for number in range(501)}),
    "an archive in the archive": lambda: put(**{SHEET: put(**{SHEET: b"\0" * 10_000_000})}),
}


def read(content: bytes) -> str:
    """The reason for which it is refused, or how many rows it has."""
    try:
        return str(sum(1 for _ in read_table(content, **BOUNDS)))
    except ListUnreadable as error:
        return str(error.reason)


def measure_peak() -> int:
    """The most memory that this process has had, in MiB."""
    [line] = [
        each
        for each in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        if each.startswith("VmHWM")
    ]
    return int(line.split()[1]) // 1024


def main() -> None:
    folder = Path(sys.argv[1])
    paths = sorted(folder.iterdir())
    read(make(("Ann", "ann@example.com")))  # what reads workbooks is there
    before, told = measure_peak(), {}
    for path in paths:
        content = path.read_bytes()
        start = time.process_time()
        told[path.name] = (read(content), time.process_time() - start)
    print(json.dumps({"": measure_peak() - before, **told}))


if __name__ == "__main__":
    main()
