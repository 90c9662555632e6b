"""No cell of a file is a formula, in whatever way a spreadsheet program splits its rows."""

from __future__ import annotations

import csv

import ddt
from django.test import SimpleTestCase

from token_payments.presenters.csv_files import guard, write_csv


@ddt.ddt
class GuardTest(SimpleTestCase):
    @ddt.data(
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        " =1",
        "\u00a0=1",
        "\u200b=1",
        "\u202e=1",
        "\ufeff=1",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20a",
        "\t=1",
        "\r=1",
        "\n=1",
        "\n \t=1",
        "\tAnn",
    )
    def test_a_cell_that_could_run_is_text(self, cell) -> None:
        self.assertEqual(guard(cell)[0], "'")

    @ddt.data(
        ("Ann;=1+1", "Ann;'=1+1"),
        ("Ann; =1+1", "Ann;' =1+1"),
        ("Ann\t=1", "Ann\t'=1"),
        ("Ann\n=1", "Ann\n'=1"),
        ("Ann;;\uff1d1", "Ann;;'\uff1d1"),
    )
    @ddt.unpack
    def test_neither_does_what_other_programs_take_for_a_cell(self, cell, guarded) -> None:
        self.assertEqual(guard(cell), guarded)

    @ddt.data("Ann Lee", "a=b", "Ann - Ben", "x@example.com", "1; 2", "3-1", "")
    def test_other_texts_stay_as_they_are(self, cell) -> None:
        self.assertEqual(guard(cell), cell)

    def test_every_cell_of_a_file_is_guarded(self) -> None:
        rows = csv.reader("".join(write_csv([["Ann", " =1"], ["\uff1d2", "b"]])).splitlines())

        self.assertEqual(list(rows), [["\ufeffAnn", "' =1"], ["'\uff1d2", "b"]])
