"""Lists of recipients, as spreadsheets and mail programs write them."""

from __future__ import annotations

import ddt
import pytest
from django.test import SimpleTestCase

from token_payments.assignments.rows import Row, Verdict, judge, read_one
from token_payments.errors import ListUnreadable
from token_payments.imports import recipients
from token_payments.imports.recipients import read_file, read_text
from token_payments.presenters.refusals import VERDICTS

ANN, BEN = "ann@example.com", "ben@example.com"


def pairs(rows: list[Row]) -> list[tuple[str, str]]:
    return [(row.name, row.email) for row in rows]


@ddt.ddt
class ReadTests(SimpleTestCase):
    @ddt.data(
        f"Name,E-mail\nAnn Lee,{ANN}\nBen Ode,{BEN}\n".encode(),
        f"\ufeffName;E-mail\r\nAnn Lee;{ANN}\r\nBen Ode;{BEN}\r\n".encode(),
        f"E-mail\tName\n{ANN}\tAnn Lee\n\n\n{BEN}\tBen Ode".encode(),
        f"Name,E-mail\nAnn Lee,{ANN.upper()}\nBen Ode,  {BEN} \n".encode("utf-16"),
        f'"Ann Lee",<{ANN}>\n,,,\n"Ben Ode",mailto:{BEN}'.encode(),
    )
    def test_names_and_addresses_are_found_whatever_wrote_the_file(self, content):
        assert pairs(read_file(content)) == [("Ann Lee", ANN), ("Ben Ode", BEN)]

    @ddt.data(
        f"{ANN}\n{BEN}",
        f"{ANN}, {BEN}",
        f"{ANN};{BEN}",
        f"{ANN} {BEN.upper()}",
        f"<{ANN}>, <{BEN}>",
        f"\n\n  {ANN}  \n\n{BEN}\n",
    )
    def test_addresses_may_be_pasted_in_any_way(self, text):
        assert [row.email for row in read_text(text)] == [ANN, BEN]

    @ddt.data(f"Ann Lee <{ANN}>", f"Ann Lee {ANN}", f"Ann Lee, {ANN}", f"{ANN}\tAnn Lee")
    def test_a_name_may_stand_beside_the_address(self, text):
        assert pairs(read_text(text)) == [("Ann Lee", ANN)]

    def test_names_keep_their_letters_in_the_encoding_of_old_spreadsheets(self):
        content = f"Zoë Müller;{ANN}".encode("cp1252")
        assert pairs(read_file(content)) == [("Zoë Müller", ANN)]

    def test_lines_are_counted_as_the_spreadsheet_does(self):
        rows = read_file(f"Name,E-mail\n\nAnn,{ANN}\n\n\nBen,nobody\n".encode())
        assert [row.line for row in rows] == [3, 6]

    def test_control_characters_are_left_out(self):
        assert pairs(read_text(f"A\x00n\x07n,{ANN}")) == [("A n n", ANN)]

    @ddt.data(
        ('"Lee, Ann",ann@example.com', "Lee, Ann"),
        ('"Ann ""The Boss"" Lee",ann@example.com', 'Ann "The Boss" Lee'),
        ("O'Neil Ann;ann@example.com", "O'Neil Ann"),
        ("李安\tann@example.com", "李安"),
        ("x" * 300 + ",ann@example.com", "x" * 255),
    )
    @ddt.unpack
    def test_names_may_have_commas_and_quotes(self, text, name):
        assert pairs(read_file(text.encode())) == [(name, ANN)]

    @ddt.data(
        "Nom;Courriel",
        "名前,メール",
        "الاسم,البريد",
        "Name,E-mail\n(required),(required)",
        "Liste\n\n",
    )
    def test_headings_may_be_in_any_language(self, headings):
        assert pairs(read_file(f"{headings}\nAnn,{ANN}".encode())) == [("Ann", ANN)]

    def test_5000_rows_are_accepted(self):
        content = "\n".join(f"Person {n};p{n}@example.com" for n in range(5000)).encode()
        assert len(read_file(content)) == 5000

    def test_utf_16_without_its_mark_is_no_list(self):
        with pytest.raises(ListUnreadable) as caught:
            read_file(f"Ann,{ANN}".encode("utf-16-le"))
        assert caught.value.reason == "not_a_list"

    def test_one_person_in_two_fields(self):
        rows = read_one("  Ann\t Lee ", f" <{ANN.upper()}> ", line=7)
        assert rows == [Row(7, "Ann Lee", ANN)]

    @ddt.data(
        (b"", "empty"),
        (b"\n\n , ,\n", "empty"),
        (b"Name,E-mail\n", "empty"),
        (b"PK\x03\x04 not really", "not_a_list"),
        (b"\xd0\xcf\x11\xe0 an old one", "old_format"),
        (b"x" * (recipients.MAX_LIST_BYTES + 1), "too_big"),
        ("\n".join(f"a{n}@example.com" for n in range(5001)).encode(), "too_long"),
        (b"\n" * 10_001 + ANN.encode(), "too_long"),
    )
    @ddt.unpack
    def test_what_is_no_list_is_told(self, content, reason):
        with pytest.raises(ListUnreadable) as caught:
            read_file(content)
        assert caught.value.reason == reason


class JudgeTests(SimpleTestCase):
    def judge(self, text, *, assigned=(), available=10):
        rows = judge(read_text(text), assigned=assigned, available=available)
        return [row.verdict for row in rows]

    def test_each_row_has_its_verdict(self):
        text = f"{ANN}\nnobody@\n{ANN.upper()}\n{BEN}\ncarl@example.com"
        assert self.judge(text, assigned={BEN}) == [
            Verdict.OK,
            Verdict.BAD_ADDRESS,
            Verdict.DUPLICATE,
            Verdict.ASSIGNED,
            Verdict.OK,
        ]

    def test_a_row_without_an_address_is_shown_as_it_was_written(self):
        rows = read_text("Name,E-mail\nAnn,ann@x.org\nBob Müller,Not-An-Address\n")
        assert (rows[1].line, rows[1].email) == (3, "Bob Müller, Not-An-Address")
        assert judge(rows, assigned=(), available=9)[1].verdict == Verdict.BAD_ADDRESS

    def test_codes_go_to_the_first_ones_and_not_to_those_who_get_none(self):
        text = f"{ANN}\nnobody@\n{BEN}\ncarl@example.com"
        verdicts = self.judge(text, available=2)
        assert verdicts == [Verdict.OK, Verdict.BAD_ADDRESS, Verdict.OK, Verdict.NO_CODE_LEFT]

    def test_every_verdict_has_words(self):
        assert set(VERDICTS) == set(Verdict)

    def test_addresses_with_a_plus_are_different_ones(self):
        assert self.judge(f"ann+1@x.org\nann+2@x.org\n{ANN}") == [Verdict.OK] * 3

    def test_internationalised_domains_are_addresses(self):
        assert self.judge("ann@bücher.example\nben@xn--bcher-kva.example") == [Verdict.OK] * 2

    def test_what_is_too_long_for_a_mailbox_is_no_address(self):
        domain = ".".join(["a" * 60] * 4) + ".org"
        good, bad = (f"{'b' * number}@{domain}" for number in (6, 7))
        assert (len(good), len(bad)) == (254, 255)
        assert self.judge(f"{good}\n{bad}") == [Verdict.OK, Verdict.BAD_ADDRESS]
