"""Owners cancel unused tokens, or ask for it; what learners were given stays."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal

import ddt
from django.conf import settings
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.enqueued import catch_enqueued
from tests.portal.told import QUIET, WARNING, assert_told
from token_payments.assignments import operations as assignment_operations
from token_payments.models import CancellationRequest, TokenOrderCancellation
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.cancelling import DONE
from token_payments.presenters.once import make_key

COURSE = "course-v1:Acme+Fire+2026"
MAY_CANCEL = {**settings.TOKEN_PAYMENTS, "BUYERS_MAY_CANCEL": True}
FEW = 13  # queries: two of the session, two of the transaction, two of the host's page


class CancellingCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.item = factories.make_shop(COURSE, price=Decimal(10))
        cls.buyer = factories.make_user("buyer", name="Bea Buyer")
        cls.admin = factories.make_user("course_admin", name="Carl Admin")
        cls.manager = factories.make_user("manager", name="Mary Manager")
        cls.helper = factories.make_user("helper")
        cls.stranger = factories.make_user("stranger")
        cls.account = factories.make_account(managers=[cls.manager])
        cls.order = factories.make_processed_order(
            cls.item, buyer=cls.buyer, account=cls.account, quantity=5, tax_rate=Decimal(20)
        )
        assignment_operations.add_delegate(
            cls.order, cls.helper, actor=cls.buyer, now=cls.order.created_at
        )

    def url(self, order=None):
        return reverse("token_payments:order_cancel", args=[(order or self.order).pk])

    def get(self, user=None, order=None, **data):
        self.client.force_login(user or self.buyer)
        return self.client.get(self.url(order), data)

    def post(self, act, user=None, order=None, **data):
        self.client.force_login(user or self.buyer)
        return self.client.post(
            self.url(order), {"act": act, "idempotency_key": make_key(), **data}
        )

    def assign(self, *names):
        people = [assignment_operations.Recipient(f"{name}@example.com") for name in names]
        by = {"actor": self.buyer, "idempotency_key": uuid.uuid4().hex, "now": timezone.now()}
        return assignment_operations.assign_codes(self.order.pk, people, **by)

    def read_hidden(self, page):
        names = "act|idempotency_key|quantity|serials|reason"
        return dict(re.findall(rf'name="({names})" value="([^"]*)"', page.text))

    def cancelled(self):
        return order_queries.count_order(self.order, now=timezone.now()).cancelled

    def assert_back(self, answer, done, order=None):
        how = WARNING if done == "changed" else QUIET
        return assert_told(self, answer, self.url(order), DONE[done], how=how)


@ddt.ddt
@override_settings(TOKEN_PAYMENTS=MAY_CANCEL)
class CancelTests(CancellingCase):
    def test_the_form_says_how_many_and_what_one_is_refunded_with(self):
        self.assign("ann")
        page = self.get()
        for text in ("4 unused tokens can be cancelled", "1 more is unused but assigned", "£12.00"):
            self.assertContains(page, text)

    def test_the_refund_is_shown_before_anything_is_cancelled(self):
        page = self.post("preview", quantity="3", reason="They left <b>")
        self.assertContains(page, "Cancel 3 tokens?")
        self.assertContains(page, "£36.00")
        self.assertContains(page, "They left &lt;b&gt;")
        self.assertContains(page, "Yes, cancel 3 tokens")
        self.assertEqual(self.cancelled(), 0)

    def test_chosen_ones_are_named_and_cancelled(self):
        page = self.post("preview", quantity="3", serials="4, 1-2")
        self.assertContains(page, "no. 1-2, 4")
        sent = self.read_hidden(page)
        self.assert_back(self.client.post(self.url(), sent), "cancelled")
        gone = self.order.codes.filter(status="cancelled").values_list("serial", flat=True)
        self.assertEqual(sorted(gone), [1, 2, 4])
        self.assertContains(self.get(), "no. 1-2, 4")

    @ddt.data(
        ("2", "1-3", "You chose 3 tokens by their numbers"),
        ("1", "x", "such as 3, 7-9"),
        ("1", "1," * 200, "such as 3, 7-9"),
        ("2", "1-2", "1 of these 2 can be cancelled"),
        ("1", "1", "1 is assigned to a learner: take it back first."),
        ("1", "99", "0 of these 1 can be cancelled"),
    )
    @ddt.unpack
    def test_what_is_wrong_with_chosen_ones_is_told_and_nothing_is_cancelled(
        self, quantity, serials, text
    ):
        self.assign("ann")
        answer = self.post("cancel", quantity=quantity, serials=serials)
        self.assertContains(answer, text)
        self.assertContains(answer, "<title>Error: ")
        self.assertEqual(self.cancelled(), 0)

    def test_the_confirmed_form_cancels_once_however_often_it_is_sent(self):
        page = self.post("preview", quantity="3", reason="They left")
        sent = self.read_hidden(page)
        for _ in range(2):
            page = self.assert_back(self.client.post(self.url(), sent), "cancelled")
        done = TokenOrderCancellation.objects.get()
        self.assertEqual((done.quantity, done.refund_amount, done.reason), (3, 36, "They left"))
        self.assertEqual(done.actor, self.buyer)
        for text in ("The tokens are cancelled.", "£36.00", "They left", "Bea Buyer"):
            self.assertContains(page, text)

    def test_one_key_is_for_one_number(self):
        key = make_key()
        self.post("cancel", quantity="1", idempotency_key=key)
        answer = self.post("cancel", quantity="2", idempotency_key=key)
        self.assertContains(answer, "sent before with another number")
        self.assertNotContains(answer, key)
        self.assertEqual(self.cancelled(), 1)

    @ddt.data("preview", "cancel")
    def test_more_than_are_nobodys_is_refused_with_what_to_do(self, act):
        self.assign("ann", "ben")
        answer = self.post(act, quantity="4")
        self.assertContains(answer, "Only 3 tokens can be cancelled")
        self.assertContains(answer, "2 more are unused but assigned to learners: take them back")
        self.assertContains(answer, 'href="#tp-quantity"')
        self.assertEqual(self.cancelled(), 0)

    @ddt.data("", "0", "-1", "1.5", "x", "1\0", "9" * 25)
    def test_what_is_no_number_is_refused_at_its_field(self, quantity):
        answer = self.post("preview", quantity=quantity)
        self.assertContains(answer, 'aria-invalid="true"')
        self.assertContains(answer, "<title>Error: ")
        self.assertEqual(self.post("cancel", quantity=quantity).status_code, 200)
        self.assertEqual(self.cancelled(), 0)

    @ddt.data(
        {"reason": "x" * 256}, {"reason": "a\0b"}, {"idempotency_key": "x"}, {"idempotency_key": ""}
    )
    def test_an_odd_form_cancels_nothing(self, odd):
        answer = self.post("cancel", **{"quantity": "1", **odd})
        self.assertContains(answer, "tp-summary")
        self.assertEqual(self.cancelled(), 0)

    def test_an_act_that_isnt_one_only_shows_the_form(self):
        self.assertEqual(self.post("destroy", quantity="1").status_code, 200)
        self.assertEqual(self.cancelled(), 0)

    def test_the_switch_that_was_turned_meanwhile_is_told(self):
        self.post("preview", quantity="3")
        with override_settings(TOKEN_PAYMENTS={**MAY_CANCEL, "BUYERS_MAY_CANCEL": False}):
            answer = self.post("cancel", quantity="3")
            self.assertContains(answer, "Send a request instead")
            self.assertContains(answer, "Send request")
            self.assert_back(self.post("preview", quantity="3"), "changed")
        self.assertEqual(self.cancelled(), 0)

    def test_an_order_that_was_cancelled_meanwhile_is_told(self):
        order_operations.cancel_order(self.order.pk, actor=self.admin, now=timezone.now())
        page = self.assert_back(self.post("cancel", quantity="1"), "changed")
        self.assertContains(page, "the order has changed")
        self.assertContains(page, "The whole order was cancelled.")

    def test_after_the_last_day_it_is_a_request(self):
        day = timezone.now() + timedelta(days=2)
        order = factories.make_processed_order(self.item, buyer=self.buyer, redeem_by=day)
        self.assertContains(self.get(order=order), "Next")
        type(order).objects.filter(pk=order.pk).update(redeem_by=timezone.now())
        page = self.get(order=order)
        self.assertContains(page, "The last day to redeem them is over")
        self.assert_back(self.post("request", order=order, quantity="1"), "requested", order)

    def test_an_order_without_a_price_has_no_refund(self):
        type(self.order).objects.filter(pk=self.order.pk).update(unit_price=None, currency="")
        self.assertContains(self.get(), "no refund is recorded")
        self.assertContains(self.post("preview", quantity="1"), "None: the order has no price")
        self.assert_back(self.post("cancel", quantity="1"), "cancelled")
        self.assertEqual(TokenOrderCancellation.objects.get().refund_amount, 0)

    def test_tokens_of_a_wallet_are_taken_out_of_it(self):
        order = factories.make_wallet_order(
            self.account,
            factories.make_type(),
            buyer=self.buyer,
            unit_price=Decimal(2),
            currency="GBP",
        )
        order_operations.start_processing(order.pk, actor=self.admin, now=timezone.now())
        self.assertContains(self.get(order=order), "10 tokens are unspent")
        page = self.post("preview", order=order, quantity="4")
        self.assertContains(page, "taken out of the wallet of Acme")
        self.assertContains(page, "£8.00")
        self.assert_back(self.post("cancel", order=order, quantity="4"), "cancelled", order)
        self.assertContains(self.post("cancel", order=order, quantity="7"), "Only 6 tokens")

    def test_a_manager_of_the_account_cancels_too(self):
        self.assert_back(self.post("cancel", self.manager, quantity="1"), "cancelled")
        self.assertEqual(TokenOrderCancellation.objects.get().actor, self.manager)

    @ddt.data("helper", "stranger", "operator")
    def test_who_is_no_owner_finds_nothing_and_changes_nothing(self, username):
        user = getattr(self, username, None) or factories.make_user(username, is_superuser=True)
        self.assertEqual(self.get(user).status_code, 404)
        for act in ("preview", "cancel", "request", "withdraw"):
            self.assertEqual(self.post(act, user, quantity="1").status_code, 404)
        self.assertEqual(self.cancelled(), 0)
        self.assertFalse(CancellationRequest.objects.exists())


@ddt.ddt
class RequestTests(CancellingCase):
    def ask(self, **data):
        with catch_enqueued("mail_cancellation") as queue:
            answer = self.post("request", **{"quantity": "3", "reason": "They left", **data})
        return answer, queue

    def withdraw(self, wish, user=None):
        return self.post("withdraw", user, request=wish.pk)

    def test_a_request_cancels_nothing_and_is_sent_on(self):
        answer, queue = self.ask()
        self.assert_back(answer, "requested")
        wish = CancellationRequest.objects.get()
        self.assertEqual((wish.quantity, wish.reason, wish.actor), (3, "They left", self.buyer))
        queue.assert_called_once_with(wish.pk, "requested")
        self.assertEqual(self.cancelled(), 0)
        page = self.get(self.manager)
        for text in ("Request to cancel 3 tokens", "Bea Buyer", "Withdraw the request"):
            self.assertContains(page, text)
        self.assertNotContains(page, "Send request")

    def test_sent_twice_it_is_one(self):
        key = make_key()
        for _ in range(2):
            self.assert_back(self.ask(idempotency_key=key)[0], "requested")
        self.assertEqual(CancellationRequest.objects.count(), 1)
        self.assertContains(self.ask(idempotency_key=key, quantity="2")[0], "with another number")

    def test_a_second_one_waits_for_the_first(self):
        self.ask()
        answer, queue = self.ask(quantity="1")
        self.assert_back(answer, "changed")
        queue.assert_not_called()

    def test_buyers_cannot_cancel_by_a_form_of_their_own_making(self):
        self.assertContains(self.post("cancel", quantity="1"), "Send a request instead")
        self.assert_back(self.post("preview", quantity="1"), "changed")
        self.assertEqual(self.cancelled(), 0)

    def test_assigned_ones_are_not_asked_for(self):
        self.assign(*"abc")
        answer, _ = self.ask()
        self.assertContains(answer, "Only 2 tokens can be cancelled")
        self.assertFalse(CancellationRequest.objects.exists())

    def test_it_is_withdrawn_by_whoever_looks_after_the_order(self):
        self.ask()
        wish = CancellationRequest.objects.get()
        for _ in range(2):
            self.assert_back(self.withdraw(wish, self.manager), "withdrawn")
        page = self.get()
        self.assertContains(page, "Withdrawn.")
        self.assertContains(page, "Mary Manager")
        self.assertContains(page, "Send request")

    def test_what_was_answered_meanwhile_is_told(self):
        self.ask()
        wish = CancellationRequest.objects.get()
        now = timezone.now()
        order_operations.decline_cancellation(
            wish.pk, answer="Too late.", actor=self.admin, now=now
        )
        self.assert_back(self.withdraw(wish), "changed")
        page = self.get()
        self.assertContains(page, "Too late.")
        self.assertContains(page, "Carl Admin")

    def test_a_granted_one_says_what_came_of_it(self):
        self.ask()
        wish = CancellationRequest.objects.get()
        assignment_operations.grant_cancellation(
            wish.pk, refund_amount=Decimal(30), actor=self.admin, now=timezone.now()
        )
        page = self.get()
        self.assertContains(page, "Cancelled, £30.00 refunded.")
        self.assertContains(page, "Refunded in all: £30.00")

    @ddt.data("", "x", "0", "9" * 30, "1\0")
    def test_withdrawing_what_isnt_there_is_not_found(self, request):
        self.ask()
        self.assertEqual(self.post("withdraw", request=request).status_code, 404)
        self.assertIsNotNone(order_queries.find_open_request(self.order))

    def test_a_request_names_the_tokens_that_were_chosen(self):
        self.assert_back(self.post("request", quantity="2", serials="5, 3"), "requested")
        self.assertEqual(CancellationRequest.objects.get().serials, "3, 5")
        self.assertContains(self.get(), "no. 3, 5")

    def test_nobody_withdraws_a_request_of_another_order(self):
        self.ask()
        wish = CancellationRequest.objects.get()
        own = factories.make_processed_order(self.item, buyer=self.stranger)
        answer = self.post("withdraw", self.stranger, order=own, request=wish.pk)
        self.assertEqual(answer.status_code, 404)
        self.assertIsNotNone(order_queries.find_open_request(self.order))


class WithdrawOrderTests(CancellingCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.order = factories.make_order(cls.item, buyer=cls.buyer, account=cls.account)
        assignment_operations.add_delegate(
            cls.order, cls.helper, actor=cls.buyer, now=cls.order.created_at
        )

    def test_the_overview_leads_to_the_question_and_yes_withdraws_it_once(self):
        self.client.force_login(self.buyer)
        overview = reverse("token_payments:order", args=[self.order.pk])
        self.assertContains(self.client.get(overview), "Withdraw the order")
        self.assertContains(self.get(), "Yes, withdraw the order")
        with catch_enqueued("mail_order") as queue:
            for _ in range(2):
                self.assert_back(self.post("withdraw_order"), "order_withdrawn")
        queue.assert_called_with(self.order.pk, "withdrawn")
        self.order.refresh_from_db()
        self.assertEqual(self.order.status, "cancelled")
        self.assertEqual(self.order.log.filter(action="withdrawn").count(), 1)
        page = self.client.get(overview)
        self.assertContains(page, "The order was withdrawn")
        self.assertContains(page, reverse("token_payments:request_order"))
        self.assertNotContains(page, "Withdraw the order")
        self.assertContains(self.get(), "This order was withdrawn before it was processed.")

    def test_a_manager_of_its_account_may_and_a_helper_and_a_stranger_may_not(self):
        for user in (self.helper, self.stranger):
            self.assertEqual(self.post("withdraw_order", user).status_code, 404)
        self.client.force_login(self.helper)
        overview = reverse("token_payments:order", args=[self.order.pk])
        self.assertNotContains(self.client.get(overview), "Withdraw the order")
        self.assertFalse(self.order.log.filter(action="withdrawn").exists())
        self.assert_back(self.post("withdraw_order", self.manager), "order_withdrawn")

    def test_one_that_was_processed_meanwhile_stays_and_nobody_is_told(self):
        factories.process(self.order)
        with catch_enqueued("mail_order") as queue:
            self.assert_back(self.post("withdraw_order"), "changed")
        queue.assert_not_called()
        self.order.refresh_from_db()
        self.assertEqual(self.order.status, "processed")

    def test_nothing_else_can_be_cancelled_of_it(self):
        self.assert_back(self.post("request", quantity="1"), "changed")


class NothingToCancelTests(CancellingCase):
    def test_a_declined_one_says_why(self):
        order = factories.make_order(self.item, buyer=self.buyer)
        by = {"actor": self.admin, "now": timezone.now()}
        order_operations.decline_order(order.pk, reason="No contract.", **by)
        self.assertContains(self.get(order=order), "No contract.")

    def test_one_that_is_being_processed_asks_to_come_back(self):
        order = factories.make_order(self.item, buyer=self.buyer)
        order_operations.start_processing(order.pk, actor=self.admin, now=timezone.now())
        self.assertContains(self.get(order=order), "Come back when it is processed")

    def test_all_assigned_says_to_take_some_back(self):
        self.assign(*"abcde")
        page = self.get()
        self.assertContains(page, "All unused tokens are assigned")
        self.assertContains(page, reverse("token_payments:order_learners", args=[self.order.pk]))

    def test_all_used_says_so(self):
        for number, code in enumerate(factories.list_codes(self.order)):
            factories.redeem(factories.make_user(f"learner{number}"), self.item, code)
        self.assertContains(self.get(), "No unused tokens of this order are left.")

    def test_the_number_of_queries_does_not_grow(self):
        self.get()
        with self.assertNumQueries(FEW):
            self.client.get(self.url())
        by = {"actor": self.admin, "now": timezone.now()}
        for number in range(3):
            key = f"key{number}"
            wish = assignment_operations.request_cancellation(
                self.order.pk, quantity=1, reason="", idempotency_key=key, **by
            )
            assignment_operations.grant_cancellation(wish.pk, refund_amount=Decimal(1), **by)
        with self.assertNumQueries(FEW):
            self.client.get(self.url())
