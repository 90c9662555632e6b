"""What buyers, course admins and helpers are told of an order, and how often."""

from __future__ import annotations

import uuid
from decimal import Decimal
from smtplib import SMTPRecipientsRefused

import ddt
from django.conf import settings
from django.core import mail
from django.test import TestCase

from tests import factories
from tests.notifications.base import (
    COURSE,
    NOW,
    REDEEM_BY,
    list_addresses,
    make_code_order,
    read,
    transport,
    with_settings,
)
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import MailOutcomeUnknown
from token_payments.models import CancellationRequest, OrderDelegate, TokenOrder
from token_payments.notifications import mails
from token_payments.orders import operations as order_operations
from token_payments.outbox.models import Notice

DESK = ["orders@example.com", "boss@example.com"]
BUYER = "buyer@example.com"
ADMIN = f"{settings.LMS_ROOT_URL}/admin/token_payments/tokenorder"
PORTAL = f"{settings.LMS_ROOT_URL}/token-payments/tokens/orders"


class MailsTestCase(TestCase):
    def tell(self, kind, order=None):
        mails.send_order_mail((order or self.order).pk, kind, now=NOW)

    def assert_both(self, message, *parts):
        for body in read(message):
            for part in parts:
                self.assertIn(part, body)


@with_settings(ORDERS_EMAIL=DESK)
class RequestTests(MailsTestCase):
    def setUp(self):
        self.item = factories.make_shop(
            COURSE, course={"display_name": "Fire & <b>Safety</b>"}, price=100
        )
        self.buyer = factories.make_user("buyer", name="Bea Buyer")
        self.order = factories.make_order(
            self.item,
            buyer=self.buyer,
            quantity=1200,
            tax_rate=Decimal(20),
            purchase_order="PO-77",
            note="Please by Friday\r\nOpen: http://evil.example/",
            account=factories.make_account("Acme Academy"),
        )

    def test_every_address_of_the_desk_is_told_what_is_wanted_and_where_to_answer(self):
        self.tell("requested")

        self.assertEqual(list_addresses(), [*DESK, BUYER])
        for message in mail.outbox[:2]:
            number = self.order.number
            self.assertEqual(
                message.subject, f"Order {number} requested: 1,200 tokens, Fire & <b>Safety</b>"
            )
            parts = ("Bea Buyer", "1,200", "£144,000.00", "PO-77", "Acme Academy", "Acme Ltd")
            self.assert_both(message, *parts, number, f"{ADMIN}/{self.order.pk}/change/")
            self.assertIn("Note: Please by Friday Open: http", message.body)

    def test_the_buyer_gets_a_copy_without_the_desks_address(self):
        self.tell("requested")
        message = mail.outbox[2]
        self.assertIn("We have your request", message.subject)
        self.assert_both(message, "Hello Bea Buyer,", "PO-77", f"{PORTAL}/{self.order.pk}/")
        for body in read(message):
            self.assertNotIn(ADMIN, body)

    def test_told_once(self):
        self.tell("requested")
        self.tell("requested")
        self.assertEqual(len(mail.outbox), 3)

    def test_nobody_at_the_desk(self):
        with with_settings(ORDERS_EMAIL=[]):
            self.tell("requested")
        self.assertEqual(list_addresses(), [BUYER])

    def test_a_request_that_was_answered_meanwhile_needs_no_mail(self):
        factories.process(self.order)
        self.tell("requested")
        self.assertEqual(mail.outbox, [])

    def test_an_address_that_fails_keeps_nobody_back_and_is_tried_again_alone(self):
        down = ConnectionRefusedError("refused")
        with (
            transport(lambda address: down if address == DESK[0] else None),
            self.assertRaises(ConnectionRefusedError),
        ):
            self.tell("requested")
        self.assertEqual(list_addresses(), [DESK[1], BUYER])
        self.tell("requested")
        self.assertEqual(list_addresses(), [DESK[1], BUYER, DESK[0]])

    def test_an_address_that_is_refused_for_good_is_logged_without_it(self):
        refused = SMTPRecipientsRefused({DESK[0]: (550, b"no such user")})
        broken = transport(lambda address: refused if address == DESK[0] else None)
        with broken, self.assertLogs("token_payments.notifications.mails", "WARNING") as logs:
            self.tell("requested")
        self.assertEqual(list_addresses(), [DESK[1], BUYER])
        self.assertIn(f"order:{self.order.pk}:requested", logs.output[0])
        self.assertNotIn(DESK[0], logs.output[0])

    def test_a_mail_that_may_have_left_is_not_sent_again(self):
        with (
            transport(lambda address: MailOutcomeUnknown() if address == BUYER else None),
            self.assertLogs("token_payments.notifications.mails", "WARNING"),
        ):
            self.tell("requested")
        self.tell("requested")
        self.assertEqual(list_addresses(), DESK)
        self.assertEqual(Notice.objects.filter(sent_at=None).count(), 1)

    def test_a_buyer_without_an_address_keeps_nobody_back(self):
        self.buyer.email = ""
        self.buyer.save()
        with self.assertLogs("token_payments.notifications.mails", "WARNING"):
            self.tell("requested")
        self.assertEqual(list_addresses(), DESK)

    def test_declined_with_the_reason(self):
        order_operations.decline_order(
            self.order.pk, reason="No <b>budget</b>", actor=self.buyer, now=NOW
        )
        self.tell("declined")
        self.tell("declined")
        (message,) = mail.outbox
        self.assertEqual(message.to, [BUYER])
        text, html = read(message)
        self.assertIn("The reason: No <b>budget</b>", text)
        self.assertIn("No &lt;b&gt;budget&lt;/b&gt;", html)
        self.assertIn("was declined", message.subject)

    def test_cancelled_before_there_was_a_token(self):
        order_operations.cancel_order(
            self.order.pk, actor=self.buyer, now=NOW, reason="Wrong course"
        )
        self.tell("cancelled")
        (message,) = mail.outbox
        self.assert_both(message, "No token had been used.", "Wrong course")

    def test_a_declined_order_is_not_called_cancelled(self):
        order_operations.decline_order(self.order.pk, reason="No", actor=self.buyer, now=NOW)
        self.tell("cancelled")
        self.assertEqual(mail.outbox, [])

    def test_the_desk_is_told_of_a_withdrawn_order_once_and_not_its_buyer_who_did_it(self):
        order_operations.withdraw_order(self.order.pk, actor=self.buyer, now=NOW)
        for kind in ("withdrawn", "withdrawn", "cancelled", "requested"):
            self.tell(kind)
        self.assertEqual(list_addresses(), DESK)
        for message in mail.outbox:
            self.assertIn(f"Order {self.order.number} withdrawn", message.subject)
            self.assert_both(message, "Bea Buyer", "1,200", f"{ADMIN}/{self.order.pk}/change/")

    def test_the_buyer_is_told_who_else_withdrew_the_order(self):
        manager = factories.make_user("mary", name="Mary Manager")
        order_operations.withdraw_order(self.order.pk, actor=manager, now=NOW)
        self.tell("withdrawn")
        self.assertEqual(list_addresses(), [*DESK, BUYER])
        self.assert_both(mail.outbox[2], "Mary Manager", f"{PORTAL}/{self.order.pk}/")

    def test_nobody_is_told_that_an_order_was_withdrawn_that_was_not(self):
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=NOW)
        self.tell("withdrawn")
        self.assertEqual(mail.outbox, [])

    def test_what_is_not_processed_is_not_called_ready(self):
        self.tell("processed")
        self.assertEqual(mail.outbox, [])


class OrderTests(MailsTestCase):
    def setUp(self):
        self.order = make_code_order(currency="GBP", unit_price=Decimal(100))
        self.buyer = self.order.buyer

    def test_the_buyer_is_told_that_tokens_are_ready_without_a_code(self):
        self.tell("processed")
        self.tell("processed")
        (message,) = mail.outbox
        self.assertEqual(message.to, [BUYER])
        self.assertEqual(
            message.subject,
            f"Your tokens are ready ({self.order.number}): Fire & <b>Safety</b>",
        )
        self.assert_both(message, f"{PORTAL}/{self.order.pk}/", "December 1, 2026 (Europe/London)")
        for code in factories.list_codes(self.order):
            for body in read(message):
                self.assertNotIn(code, body)

    def test_cancelled_with_what_stays_and_the_refund(self):
        for number, code in enumerate(factories.list_codes(self.order)[:2]):
            learner = factories.make_user(f"learner{number}")
            factories.redeem(learner, self.order.item, code, now=NOW)
        order_operations.cancel_order(
            self.order.pk, actor=self.buyer, now=NOW, refund_amount=Decimal(300), reason="Too many"
        )
        self.tell("cancelled")
        (message,) = mail.outbox
        text, html = read(message)
        self.assertIn("3 unused tokens were cancelled", text)
        self.assertIn("2 tokens were redeemed before: those learners stay enrolled.", text)
        self.assertIn("The refund is £300.00.", text)
        self.assertIn("Too many", html)
        self.assertIn("£300.00", html)

    def test_a_refund_of_earlier_is_not_told_again(self):
        assignment_operations.cancel_unused(
            self.order.pk,
            quantity=1,
            refund_amount=Decimal(100),
            actor=self.buyer,
            idempotency_key="k",
            now=NOW,
        )
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=NOW)
        self.tell("cancelled")
        self.assertIn("4 unused tokens", mail.outbox[0].body)
        self.assertNotIn("refund", mail.outbox[0].body)

    def test_a_helper_is_told_who_named_them_and_not_when_it_was_undone(self):
        helper = factories.make_user("dora", name="Dora <i>Deal</i>")
        delegate = assignment_operations.add_delegate(self.order, helper, actor=self.buyer, now=NOW)
        mails.send_delegate_mail(delegate.pk, now=NOW)
        mails.send_delegate_mail(delegate.pk, now=NOW)
        (message,) = mail.outbox
        self.assertEqual(message.to, ["dora@example.com"])
        self.assert_both(message, "Bea Buyer", f"{PORTAL}/{self.order.pk}/", "Acme Ltd")
        self.assertNotIn("<i>", read(message)[1])

        OrderDelegate.objects.all().delete()
        mails.send_delegate_mail(delegate.pk, now=NOW)
        self.assertEqual(len(mail.outbox), 1)


class WalletOrderTests(MailsTestCase):
    def setUp(self):
        self.buyer = factories.make_user("buyer", name="Bea Buyer")
        self.order = factories.make_wallet_order(
            factories.make_account("Acme Academy"),
            factories.make_type("Gold"),
            buyer=self.buyer,
            quantity=500,
            redeem_by=REDEEM_BY,
            now=NOW,
        )

    def test_tokens_are_in_the_wallet_until_their_day(self):
        order_operations.start_processing(self.order.pk, actor=self.buyer, now=NOW)
        self.tell("processed")
        (message,) = mail.outbox
        self.assert_both(message, "500 tokens", "wallet", "December 1, 2026 (Europe/London)")
        self.assertIn("Gold for Acme Academy", message.subject)

    def test_cancelled_tokens_are_not_learners(self):
        order_operations.start_processing(self.order.pk, actor=self.buyer, now=NOW)
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=NOW)
        self.tell("cancelled")
        self.assertIn("500 unused tokens were cancelled", mail.outbox[0].body)
        self.assertNotIn("enrolled", mail.outbox[0].body)


@ddt.ddt
@with_settings(ORDERS_EMAIL=DESK)
class CancellationTests(MailsTestCase):
    def setUp(self):
        self.order = make_code_order(currency="GBP", unit_price=Decimal(100))
        self.manager = factories.make_user("manager", name="Mia Manager")
        self.wish = assignment_operations.request_cancellation(
            self.order.pk,
            quantity=2,
            reason="Two <people> left",
            actor=self.manager,
            idempotency_key=uuid.uuid4().hex,
            now=NOW,
        )

    def tell_of(self, kind):
        for _ in range(2):
            mails.send_cancellation_mail(self.wish.pk, kind, now=NOW)

    def test_the_desk_is_told_who_asks_for_what(self):
        self.tell_of("requested")
        self.assertEqual(list_addresses(), DESK)
        text, html = read(mail.outbox[0])
        self.assertIn("Mia Manager asks you to cancel 2 unused tokens", text)
        self.assertIn("The reason: Two <people> left", text)
        self.assertIn("Two &lt;people&gt; left", html)
        self.assertIn(f"{ADMIN}/{self.order.pk}/change/", text)

    def test_whoever_asked_is_told_what_was_cancelled(self):
        assignment_operations.grant_cancellation(
            self.wish.pk, refund_amount=Decimal(150), actor=self.order.buyer, now=NOW
        )
        self.tell_of("answered")
        (message,) = mail.outbox
        self.assertEqual(message.to, ["manager@example.com"])
        self.assert_both(message, "2 unused tokens", "as you asked", "The refund is £150.00.")

    def test_whoever_asked_is_told_why_not(self):
        order_operations.decline_cancellation(
            self.wish.pk, answer="They <were> cheap", actor=self.order.buyer, now=NOW
        )
        self.tell_of("answered")
        text, html = read(mail.outbox[0])
        self.assertIn("That was not granted.", text)
        self.assertIn("The answer: They <were> cheap", text)
        self.assertIn("They &lt;were&gt; cheap", html)

    @ddt.data("requested", "answered")
    def test_nobody_is_told_what_is_not_so(self, kind):
        if kind == "requested":
            order_operations.decline_cancellation(
                self.wish.pk, answer="", actor=self.order.buyer, now=NOW
            )
        self.tell_of(kind)
        self.assertEqual(mail.outbox, [])

    def test_whoever_withdraws_a_wish_is_not_told_so(self):
        order_operations.withdraw_cancellation(self.wish.pk, actor=self.manager, now=NOW)
        self.tell_of("answered")
        self.assertEqual(mail.outbox, [])
        self.assertIsNotNone(CancellationRequest.objects.get().answered_at)


class SubjectTests(MailsTestCase):
    def test_no_subject_has_a_line_break_or_is_endless(self):
        self.order = make_code_order()
        item = self.order.item
        item.title = "Fire\r\nBcc: all@example.com\x0b\n" + "x" * 180
        item.save()
        self.tell("processed")
        TokenOrder.objects.update(status="requested")
        self.tell("requested")
        for message in mail.outbox:
            self.assertNotRegex(message.subject, r"[\r\n\x0b]")
            self.assertLessEqual(len(message.subject), 200)
            self.assertEqual(message.recipients(), [BUYER])
