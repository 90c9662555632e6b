"""Codes in full: shown, copied, downloaded and mailed, each time with the log written first."""

from __future__ import annotations

import csv
import io
import tracemalloc
from unittest.mock import patch

import ddt
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.portal.order_page.base import COURSE, OrderCase
from tests.portal.told import URGENT, assert_told
from token_payments import tasks
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import ConfigurationError
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page import reveal
from token_payments.portal.order_page.code_pages import PROBLEMS
from token_payments.presenters.code_csv import write_code_list
from token_payments.presenters.once import make_key

OTHER_KEY = {"CODE_KEYS": {"new": "another key of more than 32 characters"}}


@ddt.ddt
class RevealTests(OrderCase):
    def test_one_page_is_shown_in_full_and_logged_with_who_saw_it(self) -> None:
        answer = self.post("order_tokens_reveal", user=self.delegate, query="?status=available")

        for code in self.codes[1:5]:
            self.assertContains(answer, code)
        self.assertNotContains(answer, self.codes[0])
        self.assertIn("no-store", answer["Cache-Control"])
        self.assertEqual(self.find_logged("codes_revealed"), [(self.delegate, 4)])

    def test_one_token_is_shown_among_masked_ones(self) -> None:
        answer = self.post("order_tokens_reveal", {"serial": "3"})

        self.assertContains(answer, self.codes[2])
        self.assertNotContains(answer, self.codes[3])
        self.assertEqual(self.find_logged("codes_revealed"), [(self.buyer, 1)])

    def test_scripts_get_the_codes_by_serial_number(self) -> None:
        answer = self.post_json("order_tokens_reveal", {"serial": "3"})

        self.assertEqual(answer.json()["codes"], {"3": self.codes[2]})
        self.assertIn("no-store", answer["Cache-Control"])

    def test_opening_the_address_shows_nothing_and_leads_to_the_list(self) -> None:
        for name in ("order_tokens_reveal", "order_tokens_copy", "order_tokens_csv"):
            answer = self.client.get(self.url(name))
            self.assertEqual(answer.status_code, 302)
            answer = self.get(name)
            self.assertRedirects(answer, self.url())
        self.assertFalse(self.order.log.filter(action__startswith="codes_re").exists())

    @ddt.data("99", "0", "-1", "x", "", "9" * 30, "\0", "²")
    def test_a_token_that_the_order_does_not_have_is_not_found(self, serial) -> None:
        for name in ("order_tokens_reveal", "order_tokens_copy"):
            self.assertEqual(self.post(name, {"serial": serial}).status_code, 404)
        self.assertEqual(self.find_logged("codes_revealed"), [])

    def test_a_number_that_only_another_order_has_is_not_found_here(self) -> None:
        other = self.make_order(9)

        for name in ("order_tokens_reveal", "order_tokens_copy"):
            self.assertEqual(self.post(name, {"serial": "8"}).status_code, 404)
            self.assertEqual(self.find_logged("codes_revealed", order=other), [])

    def test_the_log_is_written_before_a_code_is_given(self) -> None:
        with patch("token_payments.orders.reveals.add_log_entry", side_effect=RuntimeError):
            for name in ("order_tokens_reveal", "order_tokens_copy", "order_tokens_csv"):
                with self.assertRaises(RuntimeError):
                    self.post(name)
            with self.assertRaises(RuntimeError):
                self.post("order_sheet")

    @override_settings(TOKEN_PAYMENTS=OTHER_KEY)
    @ddt.data(
        "order_tokens_reveal",
        "order_tokens_copy",
        "order_tokens_csv",
        "order_tokens_mail",
        "order_sheet",
    )
    def test_without_the_orders_secret_the_reason_is_told_and_nothing_is_logged(self, name):
        answer = self.post(name, {"idempotency_key": make_key()} if "mail" in name else {})

        self.assertContains(answer, "the site&#x27;s settings are incomplete", status_code=503)
        self.assertFalse(
            self.order.log.filter(
                action__in=[
                    "codes_revealed",
                    "codes_copied",
                    "codes_downloaded",
                    "codes_mailed",
                    "codes_printed",
                ]
            ).exists()
        )

    def test_an_error_report_has_no_code(self) -> None:
        self.client.raise_request_exception = False
        target = "token_payments.portal.order_page.reveal.JsonResponse"
        with (
            patch(target, side_effect=RuntimeError("broken")),
            override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False, ADMINS=[("A", "a@example.com")]),
            self.assertLogs("django.request", "ERROR") as logged,
        ):
            self.post_json("order_tokens_reveal")
        record = logged.records[0]
        from django.views.debug import ExceptionReporter

        report = ExceptionReporter(record.request, *record.exc_info).get_traceback_html()
        self.assertIn("reveal_tokens", report)
        for code in self.codes:
            self.assertNotIn(code, report)


class CopyTests(OrderCase):
    def test_all_that_are_available_and_nobodys_are_given_one_a_line(self) -> None:
        answer = self.post_json("order_tokens_copy")

        self.assertEqual(answer.json()["text"].split("\n"), self.codes[2:5])
        self.assertEqual(answer.json()["message"], "Copied 3 codes.")
        self.assertEqual(self.find_logged("codes_copied"), [(self.buyer, 3)])

    def test_one_is_given_alone_also_when_it_is_assigned(self) -> None:
        answer = self.post_json("order_tokens_copy", {"serial": "2"}, user=self.manager)

        self.assertEqual(answer.json()["text"], self.codes[1])
        self.assertEqual(self.find_logged("codes_copied"), [(self.manager, 1)])

    def test_without_scripts_there_is_a_page_to_copy_from(self) -> None:
        answer = self.post("order_tokens_copy")

        self.assertContains(answer, "\n".join(self.codes[2:5]))
        self.assertIn("no-store", answer["Cache-Control"])

    def test_too_many_at_once_are_refused_and_not_logged(self) -> None:
        with patch.object(reveal, "COPIED_AT_ONCE", 2):
            answer = self.post_json("order_tokens_copy")
            page = self.post("order_tokens_copy")

        self.assertEqual(answer.status_code, 409)
        self.assertIn("Download them as CSV", answer.json()["message"])
        self.assertContains(page, "Download them as CSV", status_code=409)
        self.assertNotIn("text", answer.json())
        self.assertEqual(self.find_logged("codes_copied"), [])

    def test_nothing_to_copy_is_told(self) -> None:
        order = self.make_order(1)
        self.assign("ann@example.com", order=order)

        answer = self.post_json("order_tokens_copy", order=order)

        self.assertEqual(answer.status_code, 409)
        self.assertEqual(self.find_logged("codes_copied", order=order), [])


class DownloadTests(OrderCase):
    def download(self, **other) -> tuple[bytes, list[dict[str, str]]]:
        answer = self.post("order_tokens_csv", **other)
        self.assertTrue(answer.streaming)
        self.assertIn(f'"{self.order.number}.csv"', answer["Content-Disposition"])
        self.assertIn("no-store", answer["Cache-Control"])
        content = b"".join(answer.streaming_content)
        return content, list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    def test_it_has_every_token_with_its_link_and_whose_it_is(self) -> None:
        _, rows = self.download()

        self.assertEqual([row["Token Code"] for row in rows], self.codes)
        self.assertEqual([row["Link"] != "" for row in rows], [False, *[True] * 4, False])
        self.assertTrue(rows[2]["Link"].startswith("http"))
        self.assertIn(COURSE, rows[2]["Link"])
        self.assertTrue(rows[2]["Link"].endswith(f"#code={self.codes[2]}"))
        self.assertEqual({row["Course"] for row in rows}, {"Fire & Safety"})
        self.assertEqual(rows[1]["Assigned to"], "Ann Archer")
        self.assertEqual(rows[1]["Assigned e-mail"], "ann@example.com")
        self.assertEqual((rows[0]["E-mail"], rows[0]["Status"]), ("lee@example.com", "Redeemed"))

    def test_a_name_that_a_spreadsheet_would_run_is_text(self) -> None:
        _, rows = self.download()

        self.assertEqual(rows[0]["Learner"], "'=Lee Learner")

    def test_it_is_logged_with_who_downloaded(self) -> None:
        self.download(user=self.delegate)

        self.assertEqual(self.find_logged("codes_downloaded"), [(self.delegate, 6)])

    def test_memory_is_that_of_a_batch_however_many_tokens_there_are(self) -> None:
        peaks = {}
        for quantity in (3000, 12000):
            order = self.make_order(quantity)
            rows = write_code_list(order, order_queries.iterate_codes(order))
            tracemalloc.start()
            size = sum(len(piece) for piece in rows)
            peaks[quantity] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            self.assertGreater(size, quantity * 100)

        self.assertLess(peaks[12000], peaks[3000] * 2)


class MailTests(OrderCase):
    def send(self, key: str | None = None, **other):
        with self.captureOnCommitCallbacks(execute=True):
            return self.post("order_tokens_mail", {"idempotency_key": key or make_key()}, **other)

    def test_the_tokens_that_nobody_has_yet_go_to_whoever_asks(self) -> None:
        answer = self.send(user=self.delegate)

        text = "The list of available tokens is being e-mailed to dan@example.com."
        assert_told(self, answer, self.url(), text)
        (message,) = mail.outbox
        self.assertEqual(message.to, ["dan@example.com"])
        for code in self.codes[2:5]:
            self.assertIn(code, message.body)
        for redeemed_or_assigned in self.codes[:2]:
            self.assertNotIn(redeemed_or_assigned, message.body)
        self.assertEqual(self.find_logged("codes_mailed"), [(self.delegate, 3)])

    def test_nothing_is_sent_once_all_of_them_are_assigned(self) -> None:
        for name in "bcd":
            self.assign(f"{name}@example.com")

        answer = self.send()

        page = assert_told(self, answer, self.url(), PROBLEMS["none_available"], how=URGENT)
        self.assertContains(page, "<title>Error: Tokens")
        self.assertContains(page, "cancelled or assigned to a learner, so nothing was sent")
        self.assertContains(page, "All available tokens are assigned")
        self.assertContains(page, "4 available tokens are assigned to learners already")
        self.assertEqual(mail.outbox, [])

    def test_the_same_form_sent_twice_mails_once(self) -> None:
        key = make_key()
        self.send(key)
        self.send(key)
        self.assertEqual(len(mail.outbox), 1)

        self.send()
        self.assertEqual(len(mail.outbox), 2)

    def test_a_form_without_its_key_sends_nothing(self) -> None:
        for key in ("x", "\0", "9" * 500):
            self.assertRedirects(self.send(key), self.url())
        self.assertEqual(mail.outbox, [])

    def test_who_was_no_delegate_any_more_when_it_was_sent_gets_nothing(self) -> None:
        assignment_operations.remove_delegate(
            self.order, self.delegate, actor=self.buyer, now=timezone.now()
        )

        tasks.mails.mail_codes(self.order.pk, self.delegate.pk, self.delegate.pk)

        self.assertEqual(mail.outbox, [])
        self.assertEqual(self.find_logged("codes_mailed"), [])

    def test_somebody_without_an_address_is_told_what_to_do(self) -> None:
        self.delegate.email = ""
        self.delegate.save()

        answer = self.send(user=self.delegate)

        self.assertContains(self.client.get(answer["Location"]), "Add one to your profile")
        self.assertEqual(mail.outbox, [])

    def test_an_order_with_nothing_available_sends_nothing(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)

        answer = self.send(order=order)

        self.assertContains(self.client.get(answer["Location"]), "nothing was sent")
        self.assertEqual(mail.outbox, [])


class KeyErrorTests(OrderCase):
    def test_a_key_that_goes_while_codes_are_written_is_no_server_error(self) -> None:
        with patch(
            "token_payments.orders.operations.reveal_codes", side_effect=ConfigurationError("gone")
        ):
            self.assertEqual(self.post_json("order_tokens_reveal").status_code, 503)
