"""XLSX files as people save them, and as nobody should."""

from __future__ import annotations

import time
import zipfile
from datetime import date, datetime
from io import BytesIO

import ddt
import pytest
from django.test import SimpleTestCase
from openpyxl import Workbook

from tests.imports.workbooks import SHEET, change, change_sheet, make, save
from token_payments.errors import ListUnreadable
from token_payments.imports import recipients, spreadsheets
from token_payments.imports.recipients import read_file

ANN, BEN = "ann@example.com", "ben@example.com"


@ddt.ddt
class ReadTests(SimpleTestCase):
    def found(self, content: bytes) -> list[tuple[int, str, str]]:
        return [(row.line, row.name, row.email) for row in read_file(content)]

    def test_names_and_addresses_of_the_first_sheet(self):
        content = make(("Name", "E-mail"), ("Zoë Müller", ANN), (), (None, BEN), sheets=["More"])
        assert self.found(content) == [(2, "Zoë Müller", ANN), (4, "", BEN)]

    def test_numbers_and_days_beside_an_address_are_text(self):
        content = make(
            (7.0, ANN), (date(2026, 1, 31), BEN), (datetime(2026, 1, 31, 9, 5), "c@x.org")
        )
        assert [name for _, name, _ in self.found(content)] == [
            "7",
            "2026-01-31",
            "2026-01-31T09:05:00",
        ]

    def test_of_formulas_what_they_came_to_is_read(self):
        cell = f'<c r="B1" t="str"><f>A1&amp;"@example.com"</f><v>{ANN}</v></c>'.encode()
        book = Workbook()
        book.active.append(["Ann", '=A1&"@example.com"'])
        content = change_sheet(
            save(book),
            b'<c r="B1"><f>A1&amp;"@example.com"</f><v /></c>',
            cell,
        )
        assert self.found(content) == [(1, "Ann", ANN)]

    def test_what_the_file_says_about_its_size_is_not_believed(self):
        content = make(("Ann", ANN), ("Ben", BEN))
        small = change_sheet(content, b'<dimension ref="A1:B2" />', b'<dimension ref="A1" />')
        assert len(self.found(small)) == 2

    def test_a_list_of_5000_is_read_quickly(self):
        content = make(*((f"Person {n}", f"p{n}@example.com") for n in range(5000)))
        start = time.process_time()
        assert len(self.found(content)) == 5000
        assert time.process_time() - start < 5


@ddt.ddt
class HostileTests(SimpleTestCase):
    def assert_refused(self, content: bytes, reason: str, *, seconds: float = 3) -> None:
        start = time.process_time()
        with pytest.raises(ListUnreadable) as caught:
            read_file(content)
        assert caught.value.reason == reason
        assert time.process_time() - start < seconds

    def test_what_unpacks_to_too_much_is_not_unpacked(self):
        bomb = change(make((ANN,)), **{"xl/media/a.bin": lambda _: b"\0" * (200 * 1024 * 1024)})
        assert len(bomb) < recipients.MAX_LIST_BYTES
        self.assert_refused(bomb, "too_big", seconds=0.5)

    def test_a_size_that_is_a_lie_is_found_out(self):
        data = b"\0" * 1_000_000
        bomb = change(make((ANN,)), **{"xl/media/a.bin": lambda _: data})
        size = len(data).to_bytes(4, "little")
        assert size in bomb
        self.assert_refused(bomb.replace(size, (10).to_bytes(4, "little")), "not_a_list")

    def test_too_many_parts(self):
        parts = {f"xl/media/{n}": (lambda _: b"") for n in range(spreadsheets.MAX_PARTS + 1)}
        self.assert_refused(change(make((ANN,)), **parts), "too_big")

    @ddt.data("utf-8", "utf-16")
    def test_entities_are_not_even_read(self, encoding):
        bomb = (
            f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "ha">'
            '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
        ).encode(encoding)
        self.assert_refused(change(make((ANN,)), **{SHEET: lambda _: bomb}), "not_a_list")

    def test_a_cell_at_the_bottom_of_the_sheet_is_a_list_too_long(self):
        content = make((ANN,))
        for number in (1_048_576, 10**15):
            far = change_sheet(content, b'r="1"', f'r="{number}"'.encode())
            self.assert_refused(far, "too_long")

    def test_a_million_empty_rows(self):
        rows = b"".join(b'<row r="%d"/>' % n for n in range(2, 600_000))
        content = change_sheet(make((ANN,)), b"</sheetData>", rows + b"</sheetData>")
        self.assert_refused(content, "too_long")

    def test_a_cell_in_the_last_column_of_many_rows_takes_no_room(self):
        rows = b"".join(
            b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(2, 9999)
        )
        content = change_sheet(make((ANN,)), b"</sheetData>", rows + b"</sheetData>")
        start = time.process_time()
        assert [row.email for row in read_file(content)] == [ANN]
        assert time.process_time() - start < 5

    @ddt.data(
        (SHEET, b"<a>" * 900_000, "not_a_list"),
        ("xl/styles.xml", b"<a>" * 900_000, "not_a_list"),
        ("xl/styles.xml", b"<a>" + b'<xf numFmtId="1"/>' * 600_000 + b"</a>", "too_big"),
        (SHEET, b"<row>" + b"<c/>" * 1_100_000 + b"</row>", "too_big"),
    )
    @ddt.unpack
    def test_xml_that_takes_much_room_or_time_isnt_understood(self, name, part, reason):
        bomb = change(make((ANN,)), **{name: lambda _: part})
        assert len(bomb) < 100_000
        self.assert_refused(bomb, reason, seconds=1.5)

    def test_a_part_that_nobody_needs_may_be_broken(self):
        content = change(make((ANN,)), **{"xl/drawings/note.vml": lambda _: b"<xml><br></xml>"})
        assert [row.email for row in read_file(content)] == [ANN]

    @ddt.data(
        b"PK\x03\x04 cut off",
        b"PK\x05\x06" + b"\0" * 18,
        change(make((ANN,)), **{SHEET: lambda _: b"<worksheet><sheetData><row"}),
        change(make((ANN,)), **{SHEET: lambda _: b"\xff\xfe\x00"}),
        change(make((ANN,)), **{"xl/workbook.xml": lambda _: b"<a/>"}),
        make((ANN,)).replace(b"PK\x01\x02", b"PK\x01\x03"),
    )
    def test_broken_files_are_no_lists(self, content):
        self.assert_refused(content, "not_a_list")

    def test_another_kind_of_archive_is_no_list(self):
        file = BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        self.assert_refused(file.getvalue(), "not_a_list")

    def test_a_part_with_a_password(self):
        content = bytearray(make((ANN,)))
        for start in (b"PK\x03\x04", b"PK\x01\x02"):
            place = content.find(start) + (6 if start == b"PK\x03\x04" else 8)
            content[place] |= 1
        self.assert_refused(bytes(content), "not_a_list")

    def test_the_old_format_and_files_with_a_password_are_told_apart(self):
        self.assert_refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_format")

    def test_other_binary_files_are_no_lists(self):
        self.assert_refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR ann@example.com", "not_a_list")
