"""Tokens are given from what was typed, pasted or uploaded: seen first, confirmed, and once."""

from __future__ import annotations

import time
from io import BytesIO

import ddt
from django.http import HttpResponse
from openpyxl import Workbook

from tests import factories
from tests.portal.assignments.base import ANN, BEN, COURSE, LearnersCase
from tests.portal.told import WARNING, assert_told
from token_payments.assignments import queries as assignment_queries
from token_payments.models import AssignmentBatch, CodeAssignment, TokenOrderAction
from token_payments.orders import operations as order_operations
from token_payments.portal.assignments.learners import DONE
from token_payments.presenters.once import make_key

TWO_BAD = (
    "Name;E-mail\r\nAnn Lee;ANN@Example.com\r\n\r\nNo One;nobody@\r\n"
    "Ben Ode;ben@example.com\r\nAnn again;ann@example.com\r\n"
)


def make_xlsx(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@ddt.ddt
class PreviewTests(LearnersCase):
    def assert_nothing_happened(self) -> None:
        self.assertFalse(AssignmentBatch.objects.exists())
        self.assertFalse(CodeAssignment.objects.exists())
        self.assertFalse(self.order.log.filter(action=TokenOrderAction.CODES_ASSIGNED).exists())
        self.queue.assert_not_called()

    def test_each_row_has_its_verdict_and_nothing_is_saved(self) -> None:
        page = self.upload(f"\ufeff{TWO_BAD}".encode())
        self.assertTemplateUsed(page, "token_payments/assignments/preview.html")
        text = self.text(page)
        for part in (
            "2 get a token",
            "2 rows are left out",
            "4 nobody@ This is not an e-mail address",
            "6 Ann again ann@example.com This address is in the list already",
            "2 Ann Lee ann@example.com Gets a token",
            "5 Ben Ode ben@example.com Gets a token",
            "Correct the address",
            "Nothing has been sent or saved yet",
        ):
            self.assertIn(part, text.replace("4 No One nobody@", "4 nobody@"))
        self.assert_nothing_happened()

    @ddt.data(
        {"email": " ANN@example.com ", "name": "Ann"},
        {"pasted": f"Ann <{ANN}>"},
        {"pasted": f"Ann, {ANN.upper()}"},
    )
    def test_each_way_leads_to_the_same(self, data) -> None:
        page = self.look(**data)
        self.assertEqual(page.context["good"], [assignment_queries.Row(1, "Ann", ANN)])
        self.assert_nothing_happened()

    def test_a_spreadsheet_is_read_too(self) -> None:
        page = self.upload(make_xlsx(("Nom", "Courriel"), ("Zoë", ANN), ("Ben", BEN)), "a.xlsx")
        self.assertEqual(page.context["packed"], f"Zoë,{ANN}\r\nBen,{BEN}\r\n")

    @ddt.data(
        ({}, "Enter an address, paste a list, or choose a file."),
        ({"email": ANN, "pasted": BEN}, "Use one way at a time"),
        ({"pasted": "   \n  nobody "}, "No e-mail address was found"),
        ({"email": "a\0@example.com"}, "Null characters are not allowed"),
        ({"email": "a" * 255 + "@example.com"}, "at most 254 characters"),
        ({"email": ANN, "is_open": "maybe"}, "Select a valid choice"),
    )
    @ddt.unpack
    def test_what_cant_be_read_is_said_at_the_field(self, data, text) -> None:
        page = self.look(**data)
        self.assertContains(page, text)
        self.assertContains(page, "<title>Error: Give tokens")
        self.assert_nothing_happened()

    @ddt.data(
        (b"", "No e-mail address was found"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "Save it as XLSX or CSV"),
        (b"PK\x03\x04 not really", "This file can&#x27;t be read"),
        (b"a@example.com\n" * 160_000, "The list is too large"),
        ("\n".join(f"a{n}@example.com" for n in range(5001)).encode(), "At most 5,000 people"),
    )
    @ddt.unpack
    def test_files_that_are_no_lists_are_refused_in_words(self, content, text) -> None:
        self.assertContains(self.upload(content), text)
        self.assert_nothing_happened()

    def test_a_bad_row_alone_can_be_changed_but_not_confirmed(self) -> None:
        page = self.look(email="nobody@", name="No One")
        self.assertContains(page, "Nobody in this list gets a token")
        self.assertNotContains(page, self.url("confirm_tokens"))
        again = self.look(edit="1", email="nobody@", name="No One", is_open="1")
        self.assertContains(again, 'value="nobody@"')
        self.assertNotContains(again, "tp-error")

    def test_a_list_can_be_changed_bad_rows_too(self) -> None:
        page = self.upload(TWO_BAD.encode())
        self.assertContains(page, "nobody@")
        people = page.context["people"]
        again = self.look(edit="1", pasted=people, is_open="")
        self.assertContains(again, "Ann Lee,ann@example.com")
        self.assertEqual(self.look(pasted=people).context["left_out"], 2)

    def test_who_holds_or_redeemed_one_gets_no_second(self) -> None:
        self.assign(ANN)
        factories.redeem(self.ben, self.item, factories.list_codes(self.order)[4])
        page = self.look(pasted=f"{ANN}\n{BEN.upper()}\ncarl@example.com")
        self.assertEqual([row.email for row in page.context["good"]], ["carl@example.com"])
        self.assertContains(page, "Has a token of this order already</td>", count=2)

    def test_more_than_there_are_tokens_the_first_ones_get_them(self) -> None:
        page = self.look(pasted="\n".join(f"p{n}@example.com" for n in range(8)))
        self.assertEqual((page.context["given"], page.context["left_out"]), (5, 3))
        self.assertContains(page, "No token is left")

    def test_addresses_with_a_plus_are_different_ones(self) -> None:
        page = self.look(pasted="ann+a@example.com\nann+b@example.com\nann@example.com")
        self.assertEqual(page.context["given"], 3)

    def test_hostile_names_are_text(self) -> None:
        page = self.look(pasted=f'"</textarea><script>alert(1)</script>",{ANN}')
        self.assertNotContains(page, "<script>alert")
        self.confirm(page)
        self.assertNotContains(self.get("order_learners"), "<script>alert")

    def test_5000_rows_take_less_than_a_second_and_the_page_stays_small(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=4000)
        lines = [f"Person Number {n};person{n}@example.com" for n in range(4997)]
        content = "\n".join(["Name;E-mail", *lines, "x;bad", "y;bad@", "z;@"]).encode()
        url = self.url("give_tokens", order_id=order.pk)
        start = time.perf_counter()
        page = self.client.post(url, {"file": BytesIO(content)})
        took = time.perf_counter() - start
        self.assertEqual((page.context["given"], page.context["left_out"]), (4000, 1000))
        self.assertLess(len(page.content), 1_000_000)
        self.assertLess(took, 2)  # of a busy machine; 0.4 s on a quiet one

    def test_the_form_is_for_orders_that_have_tokens(self) -> None:
        self.assertContains(self.get("give_tokens"), "5 tokens can be given.")
        self.assign(*(f"p{n}@example.com" for n in range(5)))
        self.assertContains(self.get("give_tokens"), "No token of this order is left.")

    def test_an_example_can_be_downloaded_and_read_again(self) -> None:
        content = b"".join(self.get("learners_example").streaming_content)
        self.assertEqual(self.upload(content).context["given"], 2)

    def test_more_learners_than_places_are_told_before_anything_is_sent(self) -> None:
        factories.change_course(COURSE, max_student_enrollments_allowed=1)
        self.assertNotContains(self.look(pasted=ANN), "left in this course")
        preview = self.look(pasted=f"{ANN}\n{BEN}")
        self.assertContains(preview, "Only 1 place is left in this course")
        self.assertEqual(self.confirm(preview).status_code, 302)

    def test_queries_are_as_many_for_a_long_list(self) -> None:
        self.look(pasted=ANN)
        with self.assertNumQueries(19):
            self.look(pasted=ANN)
        with self.assertNumQueries(19):
            self.look(pasted="\n".join(f"p{n}@example.com" for n in range(500)))


@ddt.ddt
class ConfirmTests(LearnersCase):
    def assert_refused(self, answer: HttpResponse, done: str) -> None:
        assert_told(self, answer, self.url("order_learners"), DONE[done], how=WARNING)

    def test_confirmed_they_get_their_tokens_and_mails_are_queued_once(self) -> None:
        answer = self.confirm(self.upload(TWO_BAD.encode()))
        batch = AssignmentBatch.objects.get()
        self.assertRedirects(answer, self.url("assignment_batch", batch_id=batch.pk))
        rows = batch.assignments.values_list("name", "email", "is_open")
        self.assertEqual(list(rows), [("Ann Lee", ANN, False), ("Ben Ode", BEN, False)])
        self.queue.assert_called_once_with(self.order.pk)

    def test_left_open_whoever_has_the_code_may_use_it(self) -> None:
        page = self.look(email=ANN, is_open="1")
        self.assertContains(page, "Whoever has a code can use it.")
        self.confirm(page)
        assignment = CodeAssignment.objects.get()
        self.assertTrue(assignment.is_open)
        self.redeem(self.ben, assignment)

    def test_confirmed_twice_they_get_one_token(self) -> None:
        page = self.look(pasted=f"{ANN}\n{BEN}")
        answers = [self.confirm(page), self.confirm(page)]
        self.assertEqual(answers[0]["Location"], answers[1]["Location"])
        self.assertEqual(self.addresses(), [ANN, BEN])

    def test_the_key_of_another_list_is_refused(self) -> None:
        page = self.look(pasted=f"{ANN}\n{BEN}")
        self.confirm(page)
        answer = self.confirm(page, rows="Carl,carl@example.com\r\n")
        self.assert_refused(answer, "conflict")
        self.assertEqual(self.addresses(), [ANN, BEN])

    def test_what_changed_meanwhile_is_shown_before_anything_is_sent(self) -> None:
        page = self.look(pasted=f"{ANN}\n{BEN}")
        self.assign(ANN)
        again = self.confirm(page)
        self.assertContains(again, "Something has changed since you looked")
        self.assertEqual(again.context["given"], 1)
        self.assertEqual(self.addresses(), [ANN])
        self.queue.assert_not_called()
        self.confirm(again)
        self.assertEqual(self.addresses(), [ANN, BEN])

    def test_too_few_left_meanwhile_nobody_gets_one(self) -> None:
        page = self.look(pasted=f"{ANN}\n{BEN}")
        self.assign(*(f"p{n}@example.com" for n in range(4)))
        again = self.confirm(page)
        self.assertEqual((again.context["given"], again.context["left_out"]), (1, 1))
        self.assertEqual(len(self.addresses()), 4)

    def test_an_order_cancelled_meanwhile_gives_nothing(self) -> None:
        page = self.look(email=ANN)
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=self.order.created_at)
        answer = self.confirm(page)
        self.assert_refused(answer, "not_givable")
        self.assertEqual(self.addresses(), [])

    @ddt.data(
        {},
        {"rows": "x", "idempotency_key": "y"},
        {"rows": "\r\n", "idempotency_key": make_key()},
        {"rows": "one,two,three\r\n", "idempotency_key": make_key()},
        {"rows": "a,ann@example.com\r\n"},
        {"rows": "a,a\0@example.com", "idempotency_key": make_key()},
        {"rows": "\r\n".join(f"a,a{n}@x.org" for n in range(5001)), "idempotency_key": make_key()},
    )
    def test_nonsense_gives_nothing(self, data) -> None:
        answer = self.post("confirm_tokens", data)
        self.assert_refused(answer, "expired_form")
        self.assertEqual(self.addresses(), [])

    def test_a_tampered_address_is_judged_as_any_other(self) -> None:
        data = {"rows": "a,not an address\r\n", "idempotency_key": make_key()}
        self.assertContains(self.post("confirm_tokens", data), "This is not an e-mail address")
        self.assertEqual(self.addresses(), [])

    def test_a_full_list_of_5000_is_confirmed(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=5000)
        ids = {"order_id": order.pk}
        lines = "\n".join(f"Zoë Müller {n},person{n}@example.com" for n in range(5000))
        page = self.post("give_tokens", {"pasted": lines}, **ids)
        data = {"rows": page.context["packed"], "idempotency_key": make_key(), "is_open": ""}
        answer = self.post("confirm_tokens", data, **ids)
        self.assertEqual(answer.status_code, 302)
        self.assertEqual(CodeAssignment.objects.filter(batch__order=order).count(), 5000)
        self.assertContains(self.client.get(answer["Location"]), "5,000 tokens given")

    def test_a_get_leads_to_the_form(self) -> None:
        self.assertRedirects(self.get("confirm_tokens"), self.url("give_tokens"))
