"""Files as spreadsheet programs write them, and as nobody should."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from tests.imports.base import NOW, read
from token_payments.imports.kinds import KINDS
from token_payments.imports.sheets import Bounds, compute_digest, write_template
from token_payments.imports.verdicts import FileRefused

HEAD = "account,user,role\n"


def make_xlsx(*rows: Any) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def refused(kind: str, content: bytes | str, **bounds: Any) -> str:
    with pytest.raises(FileRefused) as caught:
        read(kind, content, *([Bounds(**bounds)] if bounds else []))
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "account,user,role\nZoë & Co,ann,\n".encode(),
        "\ufeffaccount,user,role\r\nZoë & Co,ann,\r\n".encode(),
        "account;user;role\nZoë & Co;ann;\n".encode(),
        "sep=;\naccount;user;role\nZoë & Co;ann\n".encode(),
        "account\tuser\trole\nZoë & Co\tann\t\n".encode("utf-16"),
        "account;user;role\r\nZoë & Co;ann;\r\n".encode("cp1252"),
        '\n\n,,\nuser, Account ,ROLE,,\n\nann,"Zoë & Co",,\n'.encode(),
        "Person,account,,role\nann,Zoë\u00a0& Co,,\n".encode(),
        make_xlsx(["account", "user"], [None, None], ["Zoë & Co", "ann"]),
    ],
)  # fmt: skip
def test_whoever_wrote_it_the_row_is_the_same(content: bytes) -> None:
    [row] = read("members", content).rows
    assert dict(row.values) == {"account": "Zoë & Co", "user": "ann"}
    assert not row.problems


def test_rows_are_counted_as_the_program_shows_them() -> None:
    text = '\nname,billing_street\n"Acme","1 Road\n\n  London "\n\n,\nBeta,\n'
    rows = read("accounts", text).rows
    assert [(row.line, row.values["name"]) for row in rows] == [(3, "Acme"), (6, "Beta")]
    assert rows[0].values["billing_street"] == "1 Road\nLondon"


def test_numbers_and_days_come_as_such_from_a_spreadsheet() -> None:
    head = ["reference", "account", "token_type", "quantity", "expires", "unit_price", "currency"]
    content = make_xlsx(head, [1001, 42.0, "Gold", 50.0, date(2030, 6, 30), 45.5, "gbp"])
    [row] = read("issues", content).rows
    assert not row.problems
    values = dict(row.values)
    assert (values["reference"], values["account"], values["quantity"]) == ("1001", "42", 50)
    assert (str(values["unit_price"]), values["currency"]) == ("45.5", "GBP")
    assert values["expires"].isoformat() == "2030-06-30T23:00:00+00:00"  # London's midnight
    assert values["expires"] > NOW


@pytest.mark.parametrize(
    ("kind", "content", "part"),
    [
        ("accounts", "", "empty"),
        ("accounts", "\n,,\n", "empty"),
        ("accounts", "name\n\n", "no row below"),
        ("accounts", "name,colour\nAcme,red\n", "no column “colour”. The columns are: name, ref"),
        ("accounts", "name,bilingname\nAcme,x\n", "did you mean “billing_name”?"),
        ("accounts", "name,Customer number,reference\nAcme,x,x\n", "“reference” is there twice"),
        ("accounts", "reference\nC-1\n", "“name” is missing"),
        ("members", "account,role\nAcme,member\n", "“user” is missing"),
        ("members", "\0\1\2" + HEAD, "neither CSV nor XLSX"),
        ("members", b"\xd0\xcf\x11\xe0 old", "old Excel file"),
        ("members", b"PK\x03\x04 broken", "neither CSV nor XLSX"),
        ("members", HEAD + '"' + "x" * 140_000 + '",ann,\n', "neither CSV nor XLSX"),
        ("accounts", "name" + ",x" * 60 + "\nAcme\n", "more than 50 columns"),
    ],
)
def test_a_file_that_cant_be_read_says_why(kind: str, content: bytes | str, part: str) -> None:
    assert part in refused(kind, content)


def test_bounds_hold_and_are_named() -> None:
    text = HEAD + "Acme,ann,\n" * 11
    assert "more than 10 rows" in refused("members", text, max_bytes=1_000_000, max_rows=10)
    assert len(read("members", text, Bounds(1_000_000, 11)).rows) == 11
    sheet = make_xlsx(["account", "user"], *[["Acme", "ann"]] * 11)
    assert "more than 10 rows" in refused("members", sheet, max_bytes=1_000_000, max_rows=10)
    assert len(read("members", sheet, Bounds(1_000_000, 11)).rows) == 11
    text = HEAD + "Acme,ann,\n" * 200_000
    assert "1 MB" in refused("members", text, max_bytes=1024 * 1024, max_rows=10**6)


@pytest.mark.parametrize(
    ("kind", "row", "column", "part"),
    [
        ("accounts", {"name": "x" * 256}, "name", "at most 255"),
        ("accounts", {"name": "\u200b"}, "name", "must not be empty"),
        ("accounts", {"name": "Acme", "billing_country": "Narnia"}, "billing_country", "Narnia"),
        ("members", {"account": "", "user": "ann"}, "account", "must not be empty"),
        ("members", {"account": "A", "user": "ann", "role": "boss"}, "role", "member, manager"),
        ("issues", {"quantity": "1,200"}, "quantity", "from 1 to 10,000,000"),
        ("issues", {"quantity": "0"}, "quantity", "from 1 to 10,000,000"),
        ("issues", {"quantity": "-3"}, "quantity", "whole number"),
        ("issues", {"quantity": "10000001"}, "quantity", "whole number"),
        ("issues", {"quantity": "٣"}, "quantity", "whole number"),
        ("issues", {"quantity": "1.5"}, "quantity", "whole number"),
        ("issues", {"expires": "31/12/2030"}, "expires", "2030-12-31"),
        ("issues", {"expires": "2030-02-30"}, "expires", "year-month-day"),
        ("issues", {"expires": "9999-12-31"}, "expires", "year-month-day"),
        ("issues", {"unit_price": "1,200", "currency": "GBP"}, "unit_price", "1200 or 149.50"),
        ("issues", {"unit_price": "£45", "currency": "GBP"}, "unit_price", "digits"),
        ("issues", {"unit_price": "NaN", "currency": "GBP"}, "unit_price", "digits"),
        ("issues", {"unit_price": "1e3", "currency": "GBP"}, "unit_price", "digits"),
        ("issues", {"unit_price": "45", "currency": "pounds"}, "currency", "three letters"),
        ("prices", {"course": "c", "tokens": "many"}, "tokens", "whole number"),
    ],
)
def test_a_cell_says_what_to_write(kind: str, row: dict[str, str], column: str, part: str) -> None:
    whole = {"reference": "R", "account": "A", "token_type": "Gold", "quantity": "1"}
    row = {**(whole if kind == "issues" else {}), **row}
    file = io.StringIO()
    writer = csv.DictWriter(file, list(row))
    writer.writeheader()
    writer.writerow(row)
    writer.writerow(dict.fromkeys(row, "x"))  # so that no row is blank
    [(found, text)] = read(kind, file.getvalue()).rows[0].problems
    assert (found, part in text) == (column, True), text


def test_a_price_may_have_a_comma_before_its_pence() -> None:
    text = "course;price;currency\nc;149,5;EUR\nc;12;EUR\nc;0,05;EUR\n"
    rows = read("prices", text).rows
    assert [str(row.values["price"]) for row in rows] == ["149.5", "12", "0.05"]


def test_a_comma_that_should_have_been_quoted_is_noticed() -> None:
    [row] = read("members", "account,user,role\nAcme, Ltd,ann,member\n").rows
    assert "put a text that has a comma between quotes" in row.problems[0].text


@pytest.mark.parametrize("kind", KINDS)
def test_every_template_can_be_loaded(kind: str) -> None:
    content = "".join(write_template(KINDS[kind])).encode()
    sheet = read(kind, content)
    assert [row.problems for row in sheet.rows] == [[]]
    assert sheet.digest == compute_digest(content)
    assert sheet.digest != compute_digest(content + b"\n")
