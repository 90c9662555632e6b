"""The mail with an order's codes: what the buyer reads, and what is attached."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from unittest import mock

from django.conf import settings
from django.core import mail
from django.test import TestCase, override_settings
from django.utils import timezone

from tests import factories
from token_payments.notifications import mails
from token_payments.orders import operations as order_operations

COURSE = "course-v1:Acme+FIRE+2026"


class CodesMailTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE, course={"display_name": "Fire & Safety"})
        cls.buyer = factories.make_user("buyer", name="Bea Buyer")
        cls.order = factories.make_processed_order(
            cls.item, buyer=cls.buyer, redeem_by=datetime(2099, 7, 1, 23, tzinfo=UTC)
        )
        cls.codes = factories.list_codes(cls.order)

    def send(self):
        mails.send_codes(self.order, actor=self.buyer, now=timezone.now())
        (message,) = mail.outbox
        return message

    def get_html(self, message) -> str:
        return next(content for content, kind in message.alternatives if kind == "text/html")

    def test_text_and_html_have_every_code_the_link_and_the_last_day_with_its_zone(self) -> None:
        message = self.send()

        for body in (message.body, self.get_html(message)):
            for code in self.codes:
                self.assertIn(code, body)
            self.assertIn("Bea Buyer", body)
            self.assertIn(f"/token-payments/checkout/{COURSE}/", body)
            self.assertIn("July 1, 2099", body)
            self.assertIn("Europe/London", body)

    def test_plain_text_is_not_escaped_and_html_is(self) -> None:
        message = self.send()

        self.assertIn("Fire & Safety", message.body)
        self.assertIn("Fire &amp; Safety", self.get_html(message))
        self.assertEqual(message.subject, f"Your tokens for Fire & Safety ({self.order.number})")

    def test_all_codes_are_attached_for_a_spreadsheet(self) -> None:
        ((name, content, _),) = self.send().attachments

        raw = content if isinstance(content, bytes) else content.encode()
        rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
        self.assertEqual(name, f"{self.order.number}.csv")
        self.assertEqual([row["Token Code"] for row in rows], self.codes)
        self.assertTrue(rows[0]["Link"].endswith(f"#code={self.codes[0]}"))

    @override_settings(TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, "CODES_IN_MAIL": 1})
    def test_a_long_list_says_how_many_more_are_attached(self) -> None:
        message = self.send()

        self.assertIn("… and 2 more in the attached file.", message.body)
        self.assertNotIn(self.codes[1], message.body)
        self.assertNotIn(self.codes[1], self.get_html(message))

    @mock.patch("token_payments.notifications.mails.codes.MAX_ATTACHED", 2)
    @override_settings(TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, "CODES_IN_MAIL": 1})
    def test_more_than_mails_can_carry_are_to_be_downloaded(self) -> None:
        message = self.send()

        self.assertEqual(message.attachments, [])
        for body in (message.body, self.get_html(message)):
            self.assertIn("… and 2 more.", body)
            self.assertIn(f"/token-payments/tokens/orders/{self.order.pk}/tokens/", body)
            self.assertNotIn("attached", body)

    def test_nothing_is_said_about_more_when_all_are_listed(self) -> None:
        self.assertNotIn("more in the attached file", self.send().body)

    def test_nothing_is_sent_or_logged_when_no_code_is_available_any_more(self) -> None:
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=timezone.now())

        mails.send_codes(self.order, actor=self.buyer, now=timezone.now())

        self.assertEqual(mail.outbox, [])
        self.assertFalse(self.order.log.filter(action="codes_mailed").exists())
