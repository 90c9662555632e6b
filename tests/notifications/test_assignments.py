"""Mails to learners: what they say, and that each leaves once, whatever the mail server does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPRecipientsRefused,
)
from tempfile import TemporaryDirectory
from unittest import mock

import ddt
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.notifications.base import (
    NOW,
    REDEEM_BY,
    assign,
    list_addresses,
    list_states,
    make_code_order,
    read,
    transport,
    with_settings,
)
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import MailOutcomeUnknown
from token_payments.models import CodeAssignment, TokenCode, TokenOrder
from token_payments.notifications import mails
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries

ANN, BEN, CAT = "ann@example.com", "ben@example.com", "cat@example.com"
DOWN = ConnectionRefusedError("refused")
LATER = SMTPRecipientsRefused({BEN: (451, b"greylisted, come back")})
NEVER = SMTPRecipientsRefused({BEN: (550, b"5.1.1 no such user")})


class AssignmentsTestCase(TestCase):
    def setUp(self):
        self.order = make_code_order()

    def deliver(self, *, now=NOW, limit=100, **arguments):
        return mails.send_assignments(self.order.pk, clock=lambda: now, limit=limit, **arguments)

    def code_of(self, address):
        code = TokenCode.objects.get(assignments__email=address, assignments__live=True)
        return dict(order_queries.iterate_codes(self.order))[code]

    def error_of(self, address):
        return CodeAssignment.objects.get(email=address).mail_error


@ddt.ddt
class TextTests(AssignmentsTestCase):
    def test_a_learner_is_told_all_that_is_needed(self):
        assign(self.order, ANN, name="Ann Lee")
        self.deliver()

        (message,) = mail.outbox
        code = self.code_of(ANN)
        self.assertEqual(message.to, [ANN])
        self.assertEqual(message.subject, "Your token for Fire & <b>Safety</b>")
        for body in read(message):
            self.assertIn("Hello Ann Lee,", body)
            self.assertIn("Bea Buyer", body)
            self.assertIn("Acme Ltd", body)
            self.assertIn(code, body)
            self.assertIn(f"{settings.LMS_ROOT_URL}/token-payments/checkout/", body)
            self.assertIn(f"#code={code}", body)
            self.assertIn("December 1, 2026 (Europe/London)", body)
            self.assertIn(ANN, body)
            self.assertIn("create one with this address", body)
            self.assertIn("You didn", body)

    def test_titles_and_names_are_text_in_html(self):
        hostile = "<script>alert(1)</script> & Co"
        assign(self.order, ANN, name=hostile)
        self.deliver()

        text, html = read(mail.outbox[0])
        self.assertIn(f"Hello {hostile},", text)
        self.assertIn("Fire & <b>Safety</b>", text)
        self.assertNotIn("<script", html)
        self.assertNotIn("<b>Safety", html)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co", html)

    def test_a_name_is_one_line_and_not_a_whole_letter(self):
        assign(self.order, ANN, name="Ann,\r\n\r\nyou have won\u2028: " + "x" * 200)
        self.deliver()

        text, _ = read(mail.outbox[0])
        self.assertTrue(text.startswith("Hello Ann, you have won : xxx"))
        self.assertNotIn("x" * 151, text)

    def test_a_title_with_line_breaks_makes_one_subject_line(self):
        item = self.order.item
        item.title = "Fire\r\nBcc: all@example.com\n"
        item.save()
        assign(self.order, ANN)
        self.deliver()

        (message,) = mail.outbox
        self.assertEqual(message.subject, "Your token for Fire Bcc: all@example.com")
        self.assertEqual(message.recipients(), [ANN])

    def test_a_code_that_is_open_to_others_says_so(self):
        assign(self.order, ANN, is_open=True)
        self.deliver()

        for body in read(mail.outbox[0]):
            self.assertIn("Whoever has this token can use it", body)
            self.assertNotIn(ANN, body)

    def test_no_day_is_named_where_there_is_none(self):
        TokenOrder.objects.update(redeem_by=None)
        assign(self.order, ANN)
        self.deliver()

        for body in read(mail.outbox[0]):
            self.assertNotIn("Use it by", body)

    def test_without_a_name_the_greeting_is_bare(self):
        assign(self.order, ANN)
        self.deliver()
        self.assertTrue(mail.outbox[0].body.startswith("Hello,\n"))

    def test_the_account_is_the_organisation(self):
        TokenOrder.objects.update(account=factories.make_account("Acme Academy"))
        assign(self.order, ANN)
        self.deliver()
        self.assertIn("Bea Buyer (Acme Academy)", mail.outbox[0].body)

    @ddt.data((8, "1 day left", "1 day is left"), (5, "4 days left", "4 days are left"))
    @ddt.unpack
    def test_a_reminder_says_how_many_days_are_left(self, days, subject, sentence):
        self.remind(NOW + timedelta(days=days))

        message = mail.outbox[1]
        self.assertEqual(message.subject, f"{subject}: your token for Fire & <b>Safety</b>")
        for body in read(message):
            self.assertIn(sentence, body)
            self.assertIn("still unused", body)
            self.assertIn(f"#code={self.code_of(ANN)}", body)

    def test_the_last_day_is_named_as_such(self):
        self.remind(NOW + timedelta(days=9))

        self.assertTrue(mail.outbox[1].subject.startswith("Last day: "))
        for body in read(mail.outbox[1]):
            self.assertIn("Today is the last day", body)

    def remind(self, now):
        assign(self.order, ANN)
        self.deliver()
        self.assertEqual(
            len(assignment_operations.remind(self.order.pk, actor=self.order.buyer, now=now)), 1
        )
        self.deliver(now=now)

    def test_a_first_mail_that_failed_is_sent_as_the_first_one(self):
        assign(self.order, BEN)
        with transport(lambda address: NEVER):
            self.deliver()
        self.assertTrue(assignment_operations.send_again(CodeAssignment.objects.get().pk, now=NOW))
        self.deliver()
        self.assertTrue(mail.outbox[0].subject.startswith("Your token for"))

    def test_an_operators_template_counts_and_still_makes_one_subject_line(self):
        assign(self.order, ANN)
        with TemporaryDirectory() as folder:
            path = Path(folder, "token_payments", "emails", "assigned.subject.txt")
            path.parent.mkdir(parents=True)
            path.write_text("Welcome to\n{{ course|upper|safe }}!\n", encoding="utf-8")
            first = {**settings.TEMPLATES[0], "DIRS": [folder, *settings.TEMPLATES[0]["DIRS"]]}
            with override_settings(TEMPLATES=[first, *settings.TEMPLATES[1:]]):
                self.deliver()
        self.assertEqual(mail.outbox[0].subject, "Welcome to FIRE & <B>SAFETY</B>!")

    @override_settings(LANGUAGE_CODE="fr")
    def test_it_is_in_the_language_of_the_site(self):
        assign(self.order, ANN)
        self.deliver()
        text, html = read(mail.outbox[0])
        self.assertIn('lang="fr"', html)
        self.assertIn("1 décembre 2026", text)


@ddt.ddt
class DeliveryTests(AssignmentsTestCase):
    def setUp(self):
        super().setUp()
        assign(self.order, ANN, BEN, CAT)

    def test_a_second_run_sends_nothing(self):
        self.assertEqual(self.deliver(), mails.Delivery(sent=3))
        self.assertEqual(self.deliver(), mails.Delivery())
        self.assertEqual(list_addresses(), [ANN, BEN, CAT])
        self.assertEqual(set(list_states(self.order).values()), {"sent"})

    def test_what_a_dead_worker_claimed_is_not_sent_again(self):
        ben = CodeAssignment.objects.get(email=BEN)
        self.assertIsNotNone(assignment_operations.claim_mail(ben.pk, now=NOW))

        self.deliver(now=NOW + timedelta(hours=1))

        self.assertEqual(list_addresses(), [ANN, CAT])
        self.assertEqual(list_states(self.order), {ANN: "sent", BEN: "sending", CAT: "sent"})
        self.assertTrue(assignment_operations.send_again(ben.pk, now=NOW + timedelta(hours=1)))
        self.deliver(now=NOW + timedelta(hours=1))
        self.assertEqual(list_addresses(), [ANN, CAT, BEN])

    @ddt.data(
        (NEVER, "550 5.1.1 no such user"),
        (SMTPDataError(554, b"looks like spam"), "554 looks like spam"),
        (ValueError("Invalid address"), "can't be sent to this address"),
        (MailOutcomeUnknown(), "may have arrived or not"),
    )
    @ddt.unpack
    def test_an_address_that_is_refused_for_good_says_why_and_the_others_are_sent(
        self, error, words
    ):
        with transport(lambda address: error if address == BEN else None):
            self.assertEqual(self.deliver(), mails.Delivery(sent=2, failed=1))
        self.assertEqual(list_states(self.order), {ANN: "sent", BEN: "failed", CAT: "sent"})
        self.assertIn(words, self.error_of(BEN))
        self.deliver()
        self.assertEqual(list_addresses(), [ANN, CAT])

    @ddt.data(DOWN, LATER, SMTPDataError(452, b"full"), SMTPAuthenticationError(535, b"no"))
    def test_what_could_not_be_sent_waits_and_is_sent_once_when_it_can(self, error):
        with transport(lambda address: error if address == BEN else None):
            self.assertEqual(self.deliver(), mails.Delivery(sent=2, postponed=1))
        self.assertEqual(list_states(self.order)[BEN], "waiting")

        self.assertEqual(self.deliver(), mails.Delivery(sent=1))

        self.assertEqual(list_addresses(), [ANN, CAT, BEN])

    def test_the_last_try_says_that_it_failed(self):
        with transport(lambda address: LATER if address == BEN else None):
            delivery = self.deliver(may_postpone=False)
        self.assertEqual(delivery, mails.Delivery(sent=2, failed=1))
        self.assertIn("451 greylisted", self.error_of(BEN))

    def test_a_server_that_is_down_is_not_asked_for_everybody(self):
        assign(self.order, "dan@example.com", "eve@example.com")
        asked = []
        with transport(lambda address: asked.append(address) or DOWN):
            delivery = self.deliver()
        self.assertEqual((delivery.is_down, delivery.postponed), (True, 3))
        self.assertEqual(len(asked), 3)
        self.assertEqual(set(list_states(self.order).values()), {"waiting"})

    def test_when_the_server_stays_down_everybody_has_failed_also_who_was_not_tried(self):
        assign(self.order, "dan@example.com", "eve@example.com")
        with transport(lambda address: DOWN):
            delivery = self.deliver(may_postpone=False)
        self.assertEqual(delivery.failed, 5)
        self.assertEqual(set(list_states(self.order).values()), {"failed"})
        self.assertIn("could not be reached", self.error_of("eve@example.com"))

    @mock.patch("token_payments.assignments.mails.PIECE", 2)
    def test_no_statement_names_every_learner_of_a_large_order(self):
        assign(self.order, "dan@example.com", "eve@example.com")
        with transport(lambda address: DOWN), CaptureQueriesContext(connection) as queries:
            delivery = self.deliver(may_postpone=False)
        self.assertEqual(delivery.failed, 5)
        given_up = [
            each["sql"] for each in queries if "UPDATE" in each["sql"] and " IN (" in each["sql"]
        ]
        self.assertTrue(given_up)
        for sql in given_up:
            self.assertLess(sql.split(" IN (")[1].split(")")[0].count(","), 2, sql)

    def test_addresses_that_are_put_off_keep_nobody_back(self):
        assign(self.order, "dan@example.com", "eve@example.com")
        slow = {ANN, BEN, CAT}
        with transport(lambda address: LATER if address in slow else None):
            self.deliver()
            self.deliver(now=NOW + timedelta(minutes=1))
        self.assertEqual(list_addresses(), ["dan@example.com", "eve@example.com"])

    def test_a_run_sends_so_many_and_says_how_many_are_left(self):
        self.assertEqual(self.deliver(limit=2), mails.Delivery(sent=2, left=1))
        self.assertEqual(self.deliver(limit=2), mails.Delivery(sent=1))

    def test_used_cancelled_and_taken_back_codes_are_mailed_to_nobody(self):
        learner = factories.make_user("ann")
        factories.redeem(learner, self.order.item, self.code_of(ANN), now=NOW)
        cat = CodeAssignment.objects.get(email=CAT)
        assignment_operations.revoke(cat.pk, actor=self.order.buyer, now=NOW)
        self.deliver()
        self.assertEqual(list_addresses(), [BEN])
        self.assertIn("used or cancelled", self.error_of(ANN))

    def test_of_a_cancelled_order_nothing_is_mailed_and_nothing_waits_for_ever(self):
        order_operations.cancel_order(self.order.pk, actor=self.order.buyer, now=NOW)
        self.assertEqual(self.deliver(), mails.Delivery(failed=3))
        self.assertEqual(mail.outbox, [])
        self.assertEqual(set(list_states(self.order).values()), {"failed"})

    def test_after_the_last_day_nothing_is_mailed(self):
        self.assertEqual(self.deliver(now=REDEEM_BY), mails.Delivery(failed=3))
        self.assertEqual(mail.outbox, [])

    def test_without_the_key_it_fails_in_words_and_is_sent_once_the_key_is_back(self):
        with with_settings(CODE_KEYS={"other": "x" * 40}):
            self.assertEqual(self.deliver(), mails.Delivery(failed=3))
        self.assertIn("the site's key for it is missing", self.error_of(ANN))
        self.assertEqual(mail.outbox, [])
        for assignment in CodeAssignment.objects.all():
            assignment_operations.send_again(assignment.pk, now=NOW)
        self.assertEqual(self.deliver(), mails.Delivery(sent=3))

    def test_another_order_is_left_alone(self):
        other = factories.make_processed_order(self.order.item, buyer=self.order.buyer)
        assign(other, "zoe@example.com")
        self.deliver()
        self.assertEqual(list_states(other), {"zoe@example.com": "waiting"})

    def test_no_code_and_no_address_in_the_logs(self):
        broken = transport(lambda address: NEVER if address == BEN else None)
        with self.assertLogs("token_payments", "DEBUG") as logs, broken:
            self.deliver()
        written = "\n".join(logs.output)
        for secret in (self.code_of(ANN), self.code_of(BEN), BEN, ANN):
            self.assertNotIn(secret, written)


class BrokenConnectionTests(AssignmentsTestCase):
    """With Django's own backend: what it raises where."""

    def setUp(self):
        super().setUp()
        assign(self.order, ANN)

    @override_settings(EMAIL_BACKEND="tests.notifications.backends.BreaksWhileSending")
    def test_a_connection_that_breaks_while_sending_is_not_tried_again(self):
        self.assertEqual(self.deliver(), mails.Delivery(failed=1))
        self.assertIn("may have arrived or not", self.error_of(ANN))

    @override_settings(EMAIL_BACKEND="tests.notifications.backends.BreaksWhileConnecting")
    def test_one_that_breaks_before_is(self):
        self.assertEqual(self.deliver(), mails.Delivery(postponed=1))

    @override_settings(EMAIL_BACKEND="tests.notifications.backends.BreaksAtTheGoodbye")
    def test_one_that_breaks_afterwards_has_sent_it(self):
        self.assertEqual(self.deliver(), mails.Delivery(sent=1))
        self.assertEqual(list_addresses(), [ANN])
