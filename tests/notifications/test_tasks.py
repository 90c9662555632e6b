"""The mails' tasks: queued on commit, run again when the mail server is down, never twice."""

from __future__ import annotations

import uuid
from typing import Any
from unittest.mock import patch

import ddt
from django.core import mail
from django.db import transaction
from django.test import TestCase, TransactionTestCase
from kombu.exceptions import OperationalError as BrokerDown

from tests import factories
from tests.notifications.base import (
    DOWN,
    NOW,
    assign,
    list_addresses,
    list_states,
    make_code_order,
    run,
    transport,
    with_settings,
)
from token_payments import tasks
from token_payments.assignments import operations as assignment_operations
from token_payments.notifications.consequences import mail_of_order, mail_of_request
from token_payments.orders import operations as order_operations
from token_payments.outbox.dispatch import enqueue

ANN, BEN, CAT = "ann@example.com", "ben@example.com", "cat@example.com"


def fail_at_first(address: str, *, times: int) -> Any:
    left = [DOWN] * times
    return lambda asked: left.pop() if asked == address and left else None


@ddt.ddt
class QueueTests(TransactionTestCase):
    """With real commits."""

    def setUp(self):
        self.order = make_code_order(redeem_by=None)

    def test_nothing_leaves_before_the_commit_or_after_a_rollback(self):
        with transaction.atomic():
            enqueue("mail_order", order_id=self.order.pk, kind="processed")
            self.assertEqual(mail.outbox, [])
        self.assertEqual(len(mail.outbox), 1)
        assign(self.order, ANN)
        with self.assertRaises(RuntimeError), transaction.atomic():
            enqueue("mail_assignments", order_id=self.order.pk)
            raise RuntimeError
        self.assertEqual(len(mail.outbox), 1)

    @ddt.data(
        ("mail_order", lambda order: enqueue("mail_order", order_id=order.pk, kind="processed")),
        ("mail_assignments", lambda order: enqueue("mail_assignments", order_id=order.pk)),
        ("mail_delegate", lambda order: enqueue("mail_delegate", delegate_id=1)),
        (
            "mail_cancellation",
            lambda order: enqueue("mail_cancellation", request_id=1, kind="answered"),
        ),
    )
    @ddt.unpack
    def test_without_a_broker_nothing_fails_and_it_is_logged(self, name, queue):
        assign(self.order, ANN)
        down = patch(f"token_payments.tasks.mails.{name}.delay", side_effect=BrokerDown("refused"))
        with down, self.assertLogs("django.db.backends.base", "ERROR"), transaction.atomic():
            queue(self.order)
        self.assertEqual(list_states(self.order), {ANN: "waiting"})

    def test_what_was_not_taken_is_sent_when_it_is_queued_again(self):
        assign(self.order, ANN)
        enqueue("mail_assignments", order_id=self.order.pk)
        self.assertEqual(list_addresses(), [ANN])

    def test_an_unknown_kind_is_refused_at_once(self):
        with self.assertRaises(ValueError):
            mail_of_order("lost")
        with self.assertRaises(ValueError):
            mail_of_request("lost")


class TaskTests(TestCase):
    def setUp(self):
        self.order = make_code_order(redeem_by=None)

    def test_a_whole_order_is_sent_in_runs(self):
        assign(self.order, ANN, BEN, CAT)
        with patch("token_payments.tasks.mails.MAILS_PER_RUN", 1):
            tasks.mails.mail_assignments.delay(self.order.pk)
        self.assertEqual(list_addresses(), [ANN, BEN, CAT])

    def test_what_fails_at_first_is_sent_by_the_retry_and_the_others_only_once(self):
        assign(self.order, ANN, BEN, CAT)
        with transport(fail_at_first(BEN, times=2)):
            run(tasks.mails.mail_assignments, self.order.pk)
        self.assertEqual(list_addresses(), [ANN, CAT, BEN])
        self.assertEqual(set(list_states(self.order).values()), {"sent"})

    def test_after_the_last_retry_it_has_failed_in_words(self):
        assign(self.order, ANN, BEN)
        with transport(lambda address: DOWN if address == BEN else None):
            run(tasks.mails.mail_assignments, self.order.pk)
        self.assertEqual(list_states(self.order), {ANN: "sent", BEN: "failed"})
        self.assertEqual(list_addresses(), [ANN])

    def test_the_buyer_is_told_when_the_codes_are_made_and_once_however_often_that_is_done(self):
        order = factories.make_order(self.order.item, buyer=self.order.buyer)
        order_operations.start_processing(order.pk, actor=order.buyer, now=NOW)
        with self.captureOnCommitCallbacks(execute=True):
            tasks.work.process_order.delay(order.pk)
        self.assertEqual(
            [message.subject[:21] for message in mail.outbox], ["Your tokens are ready"]
        )
        with self.captureOnCommitCallbacks(execute=True):
            tasks.work.process_order.delay(order.pk)
        self.assertEqual(len(mail.outbox), 1)

    def test_an_order_that_was_cancelled_while_it_was_processed_is_not_called_ready(self):
        order = factories.make_order(self.order.item, buyer=self.order.buyer)
        order_operations.start_processing(order.pk, actor=order.buyer, now=NOW)
        order_operations.cancel_order(order.pk, actor=order.buyer, now=NOW)
        with self.captureOnCommitCallbacks(execute=True):
            tasks.work.process_order.delay(order.pk)
        self.assertEqual(mail.outbox, [])

    @with_settings(ORDERS_EMAIL=["desk@example.com"])
    def test_a_mail_of_an_order_is_tried_again_and_who_has_it_is_not_told_twice(self):
        order = factories.make_order(self.order.item, buyer=self.order.buyer)
        with transport(fail_at_first(order.buyer.email, times=2)):
            run(tasks.mails.mail_order, order.pk, "requested")
        self.assertEqual(list_addresses(), ["desk@example.com", order.buyer.email])

    def test_the_other_tasks_do_their_work(self):
        delegate = assignment_operations.add_delegate(
            self.order, factories.make_user("dora"), actor=self.order.buyer, now=NOW
        )
        tasks.mails.mail_delegate.delay(delegate.pk)
        wish = assignment_operations.request_cancellation(
            self.order.pk,
            quantity=1,
            reason="",
            actor=self.order.buyer,
            idempotency_key=uuid.uuid4().hex,
            now=NOW,
        )
        with with_settings(ORDERS_EMAIL=["desk@example.com"]):
            tasks.mails.mail_cancellation.delay(wish.pk, "requested")
        self.assertEqual(list_addresses(), ["dora@example.com", "desk@example.com"])
