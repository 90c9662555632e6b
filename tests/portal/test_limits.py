"""What mails others is done so often within an hour, and then no more; repeats are free."""

from __future__ import annotations

from unittest import mock

from django.core import mail
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.portal.order_page.base import OrderCase
from tests.portal.orders.base import REQUEST, OrdersCase
from token_payments.assignments import operations as assignment_operations
from token_payments.models import CancellationRequest, OrderDelegate, TokenOrder
from token_payments.notifications import mails
from token_payments.presenters.once import make_key
from token_payments.throttling import Limit

OFTEN = "You have done this very often"


def allow(limit: Limit, rate: str):
    """Another rate for one of them."""
    rates = {**{each: each.rates for each in Limit}, limit: [rate]}
    return mock.patch.object(Limit, "rates", property(rates.get))


class RequestTests(OrdersCase):
    def test_so_many_orders_are_requested_and_no_more(self) -> None:
        with allow(Limit.ORDERS, "2/h"):
            reviews = [self.review() for _ in range(3)]
            for review in reviews[:2]:
                self.send(review)
                self.send(review)
            self.assertContains(self.send(reviews[2]), OFTEN)
            again = self.send(reviews[0])
        self.assertEqual(TokenOrder.objects.count(), 2)
        page = self.client.get(again.headers["Location"])
        self.assertContains(page, "This request was sent before")

    def test_numbers_of_others_are_not_guessed_one_after_the_other(self) -> None:
        factories.make_order(self.item, buyer=self.stranger, purchase_order="PO-2")
        with allow(Limit.NUMBERS, "1/h"):
            self.assertContains(self.review(purchase_order="PO-2"), "has this purchase order")
            for number in ("PO-2", "PO-3"):
                answer = self.review(purchase_order=number)
                self.assertContains(answer, OFTEN)
                self.assertNotContains(answer, "has this purchase order")
            self.client.force_login(self.manager)
            self.assertEqual(self.client.get(REQUEST).status_code, 200)
            self.assertNotContains(self.review(purchase_order="PO-3"), OFTEN)


class OrderTests(OrderCase):
    def setUp(self) -> None:
        super().setUp()
        enqueue = mock.patch("token_payments.notifications.consequences.enqueue")
        self.queue = self.enterContext(enqueue)

    def test_helpers(self) -> None:
        people = [factories.make_user(f"p{number}") for number in range(3)]
        with allow(Limit.DELEGATES, "2/h"):
            for person in people:
                answer = self.post("order_people", {"who": person.email})
        self.assertContains(answer, OFTEN)
        self.assertFalse(OrderDelegate.objects.filter(user=people[2]).exists())
        self.assertEqual(self.queue.call_count, 2)

    @override_settings(LANGUAGE_CODE="en")
    def test_a_helper_who_is_named_again_is_told_once_a_day(self) -> None:
        for _ in range(3):
            now = timezone.now()
            assignment_operations.remove_delegate(
                self.order, self.delegate, actor=self.buyer, now=now
            )
            named = assignment_operations.add_delegate(
                self.order, self.delegate, actor=self.buyer, now=now
            )
            mails.send_delegate_mail(named.pk, now=now)
        self.assertEqual(len(mail.outbox), 1)

    def test_wishes_to_cancel(self) -> None:
        with allow(Limit.CANCELLATIONS, "1/h"):
            for _ in range(2):
                form = {"act": "request", "quantity": "1", "idempotency_key": make_key()}
                answer = self.post("order_cancel", form)
                wish = CancellationRequest.objects.get()
                self.post("order_cancel", {"act": "withdraw", "request": wish.pk})
        self.assertContains(answer, OFTEN)
        self.queue.assert_called_once()

    def test_lists_of_codes_by_mail(self) -> None:
        with allow(Limit.LISTS, "2/h"):
            first = {"idempotency_key": make_key()}
            for form in (first, first, {"idempotency_key": make_key()}):
                self.assertEqual(self.post("order_tokens_mail", form).status_code, 302)
            answer = self.post("order_tokens_mail", {"idempotency_key": make_key()})
        self.assertContains(answer, OFTEN, status_code=429)
        self.assertEqual(self.queue.call_count, 2)
