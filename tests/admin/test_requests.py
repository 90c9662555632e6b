"""Orders that buyers request: found in the list, declined with a reason, told by mail."""

from decimal import Decimal
from unittest import mock

from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.admin.base import AdminCase, admin_url
from tests.enqueued import catch_enqueued, unheard
from token_payments.assignments import operations as assignment_operations
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations

REASON = "The course is full until May."


class ListTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        self.url = admin_url("tokenorder", "changelist")

    def ask(self, order: TokenOrder, quantity: int = 2):
        return assignment_operations.request_cancellation(
            order.pk,
            quantity=quantity,
            reason="",
            actor=self.buyer,
            idempotency_key=f"ask-{order.pk}",
            now=timezone.now(),
        )

    def test_what_waits_is_counted_in_the_links_above_the_list(self) -> None:
        factories.make_order(self.item, buyer=self.buyer)
        factories.make_order(self.item, buyer=self.buyer)
        wanted = factories.make_processed_order(self.item, buyer=self.buyer)
        self.ask(wanted)

        text = self.read(self.url)

        for label in ("Requested (2)", "Cancellation requests (1)", "Processing (0)"):
            self.assertIn(label, text)
        self.assertIn("asks to cancel 2", text)

    def test_orders_with_an_open_wish_to_cancel_are_found(self) -> None:
        factories.make_processed_order(self.item, buyer=self.buyer)
        wanted = factories.make_processed_order(self.item, buyer=self.buyer)
        answered = factories.make_processed_order(self.item, buyer=self.buyer)
        self.ask(wanted)
        now = timezone.now()
        order_operations.decline_cancellation(
            self.ask(answered).pk, answer="No", actor=self.buyer, now=now
        )

        query = {"status": "cancellation_requested"}
        found = self.client.get(self.url, query).context["cl"].result_list

        self.assertEqual(list(found), [wanted])

    def test_a_note_is_shown_by_its_beginning(self) -> None:
        factories.make_order(self.item, buyer=self.buyer, note="Please <b>invoice</b> " + "x" * 99)

        text = self.read(self.url)

        self.assertIn("Note: Please &lt;b&gt;invoice&lt;/b&gt; x", text)
        self.assertNotIn("x" * 60, text)

    def test_more_orders_and_wishes_take_no_more_queries(self) -> None:
        self.ask(factories.make_processed_order(self.item, buyer=self.buyer))
        self.read(self.url)
        with CaptureQueriesContext(connection) as few:
            self.read(self.url)
        for _ in range(3):
            self.ask(factories.make_processed_order(self.item, buyer=self.buyer))

        with self.assertNumQueries(len(few)):
            self.read(self.url)


class DetailsTests(AdminCase):
    def test_a_request_tells_its_note_and_who_asked(self) -> None:
        order = factories.make_order(
            self.item, buyer=self.buyer, note="First line\n<script>second", tax_rate=Decimal("7.7")
        )

        text = self.read(self.order_page(order))

        self.assertIn("First line<br>&lt;script&gt;second", text)
        self.assertIn("by Bea Buyer", text)
        self.assertIn('name="tax_rate" value="7.7"', text)
        self.assertNotIn('name="note"', text)

    def test_a_processed_order_tells_how_its_total_comes_about(self) -> None:
        order = factories.make_processed_order(
            self.item, buyer=self.buyer, quantity=2, tax_rate=Decimal(20)
        )

        text = self.read(self.order_page(order))

        self.assertIn("£298.00 + £59.60 tax (20%) = £357.60", text)

    def test_nobody_is_mailed_about_an_order_that_a_course_admin_adds(self) -> None:
        told = {**settings.TOKEN_PAYMENTS, "ORDERS_EMAIL": ["orders@example.com"]}
        with override_settings(TOKEN_PAYMENTS=told):
            data = {"buyer": "buyer", "item": self.item.pk, "quantity": 2, **factories.ADDRESS}
            self.post(admin_url("tokenorder", "add"), data)

        self.assertEqual(TokenOrder.objects.count(), 1)
        self.assertEqual(mail.outbox, [])


class DeclineTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        self.order = factories.make_order(self.item, buyer=self.buyer)
        self.url = self.order_page(self.order, "decline")

    def status(self) -> str:
        self.order.refresh_from_db()
        return self.order.status

    def test_it_asks_for_a_reason_first(self) -> None:
        self.assertIn("Decline this Token Order?", self.read(self.url))

        for reason in ("", "   ", "x\0y", "x" * 256):
            answer = self.post(self.url, {"reason": reason})
            self.assertTrue(answer.context["form"].errors)
        self.assertEqual(self.status(), OrderStatus.REQUESTED)
        self.assertEqual(mail.outbox, [])

    def test_the_buyer_is_told_the_reason_once(self) -> None:
        answer = self.post(self.url, {"reason": REASON})

        self.assertRedirects(answer, self.order_page(self.order))
        self.assertContains(answer, "is declined. The buyer is told by e-mail.")
        self.assertContains(answer, REASON)
        self.assertEqual(self.status(), OrderStatus.CANCELLED)
        self.assertEqual(self.order.log.first().actor, self.course_admin)
        (sent,) = mail.outbox
        self.assertEqual(sent.to, [self.buyer.email])
        self.assertIn(REASON, sent.body)
        self.post(self.url, {"reason": REASON})
        self.assertEqual(len(mail.outbox), 1)

    def test_the_first_of_two_reasons_counts(self) -> None:
        self.post(self.url, {"reason": REASON})

        answer = self.post(self.url, {"reason": "Another one"})

        self.assertContains(answer, "has been declined already")
        self.order.refresh_from_db()
        self.assertEqual(self.order.decline_reason, REASON)
        self.assertEqual(self.order.log.filter(action="declined").count(), 1)

    def test_an_order_that_is_processed_meanwhile_stays(self) -> None:
        factories.process(self.order)

        asked = self.client.get(self.url, follow=True)
        answer = self.post(self.url, {"reason": REASON})

        self.assertContains(asked, "Only a requested order can be declined")
        self.assertContains(answer, "This can&#x27;t be done any more: the order is processed.")
        self.assertEqual(self.status(), OrderStatus.PROCESSED)
        self.assertEqual(mail.outbox, [])

    def test_a_declined_order_says_so(self) -> None:
        self.post(self.url, {"reason": REASON})

        self.assertIn("Declined", self.read(admin_url("tokenorder", "changelist")))
        labels = [
            each.label for each in self.client.get(self.order_page(self.order)).context["changes"]
        ]
        self.assertEqual(labels, [])


class MailTests(AdminCase):
    """Which steps have the buyer told."""

    def queued(self, url: str, data=None) -> list:
        with catch_enqueued("mail_order") as queue:
            self.post(url, data)
        return [call.args for call in queue.call_args_list]

    def test_cancelling_an_order(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer)

        told = self.queued(self.order_page(order, "cancel"), {"refund_amount": "0"})

        self.assertEqual(told, [(order.pk, "cancelled")])

    def test_cancelling_what_was_declined_meanwhile(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)

        def decline(*args, **kwargs):
            declined = unheard(order_operations.decline_order)(
                order.pk, reason=REASON, actor=self.course_admin, now=timezone.now()
            )
            return cancel(*args, **kwargs) if declined else None

        cancel = order_operations.cancel_order
        with mock.patch("token_payments.orders.operations.cancel_order", decline):
            told = self.queued(self.order_page(order, "cancel"), {"refund_amount": "0"})

        self.assertEqual(told, [])

    def test_processing_an_order_of_wallet_tokens(self) -> None:
        account = factories.make_account()
        order = factories.make_wallet_order(account, factories.make_type(), buyer=self.buyer)

        told = self.queued(self.order_page(order, "finish_processing"))

        self.assertEqual(told, [(order.pk, "processed")])
        self.assertEqual(self.queued(self.order_page(order, "finish_processing")), [])
