"""Work that no broker took, that was lost or given up: it is found, done once, and forgotten."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any
from unittest.mock import patch

import ddt
from celery import current_app
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import TransactionTestCase
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from tests import factories
from tests.notifications.base import (
    DOWN,
    assign,
    list_addresses,
    list_states,
    make_code_order,
    run,
    transport,
)
from token_payments import tasks
from token_payments.models import PendingTask
from token_payments.orders import operations as order_operations
from token_payments.outbox import pending
from token_payments.outbox.dispatch import TASKS, Resumed, enqueue, resume_pending

ANN = "ann@example.com"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def broker_down(name: str) -> Any:
    """Nothing is taken of this task."""
    return patch.object(current_app.tasks[f"{TASKS}.{name}"], "delay", side_effect=BrokerDown)


def resume(after: timedelta) -> Resumed:
    return resume_pending(now=timezone.now() + after)


@ddt.ddt
class PendingTest(TransactionTestCase):
    """With real commits."""

    def setUp(self) -> None:
        self.order = make_code_order(redeem_by=None)

    def queue_unheard(self, kind: str = "processed") -> None:
        with broker_down("mail_order"), self.assertLogs("django.db.backends.base", "ERROR"):
            enqueue("mail_order", order_id=self.order.pk, kind=kind)

    def test_what_is_done_is_forgotten(self) -> None:
        enqueue("mail_order", order_id=self.order.pk, kind="processed")
        assert len(mail.outbox) == 1
        assert not PendingTask.objects.exists()

    def test_what_is_rolled_back_was_never_written_down(self) -> None:
        with self.assertRaises(RuntimeError), transaction.atomic():
            enqueue("mail_order", order_id=self.order.pk, kind="processed")
            raise RuntimeError
        assert not PendingTask.objects.exists()

    def test_without_a_broker_it_waits_and_is_sent_once(self) -> None:
        self.queue_unheard()
        assert not mail.outbox
        assert resume(MINUTE) == Resumed()  # who wrote it down may still be at it
        assert resume(5 * MINUTE) == Resumed(queued=1)
        assert resume(HOUR) == Resumed()
        assert list_addresses() == [self.order.buyer.email]

    def test_a_broker_that_stays_away_ends_the_run_and_loses_nothing(self) -> None:
        for kind in ("processed", "requested", "declined"):
            self.queue_unheard(kind)
        with broker_down("mail_order"), self.assertLogs("token_payments.outbox.dispatch", "ERROR"):
            assert resume(5 * MINUTE) == Resumed(waiting=3)
        assert resume(5 * MINUTE) == Resumed(queued=3)
        assert not PendingTask.objects.exists()

    def test_what_a_worker_lost_is_found_after_some_hours(self) -> None:
        with patch.object(tasks.mails.mail_order, "delay"):  # taken, and never heard of again
            enqueue("mail_order", order_id=self.order.pk, kind="processed")
        assert resume(HOUR) == Resumed()
        assert resume(4 * HOUR) == Resumed(queued=1)
        assert list_addresses() == [self.order.buyer.email]

    def test_what_was_given_up_by_a_worker_is_tried_again(self) -> None:
        PendingTask.objects.create(
            task=tasks.mails.mail_order.name,
            arguments=f'[{self.order.pk}, "processed"]',
            created_at=timezone.now(),
            queued_at=timezone.now(),
        )
        with transport(lambda address: DOWN):
            run(tasks.mails.mail_order, self.order.pk, "processed")
        assert not mail.outbox
        assert resume(4 * HOUR) == Resumed(queued=1)
        assert list_addresses() == [self.order.buyer.email]
        assert not PendingTask.objects.exists()

    def test_after_three_days_nobody_wants_to_know(self) -> None:
        self.queue_unheard()
        with self.assertLogs("token_payments.outbox.dispatch", "ERROR"):
            assert resume(3 * DAY) == Resumed(given_up=1)
        assert not mail.outbox
        assert not PendingTask.objects.exists()

    def test_what_is_given_up_is_given_up_in_pieces(self) -> None:
        for kind in ("processed", "requested", "declined"):
            self.queue_unheard(kind)
        with (
            patch("token_payments.outbox.dispatch.LIMIT", 2),
            self.assertLogs("token_payments.outbox.dispatch"),
        ):
            assert resume(3 * DAY) == Resumed(queued=1, given_up=2)
        assert not PendingTask.objects.exists()

    def test_a_task_of_another_release_keeps_nobody_waiting(self) -> None:
        PendingTask.objects.create(
            task="token_payments.tasks.of_tomorrow", arguments="[1]", created_at=timezone.now()
        )
        self.queue_unheard()
        assert resume(5 * MINUTE) == Resumed(queued=1)
        assert list_addresses() == [self.order.buyer.email]
        assert [pending.task for pending in PendingTask.objects.all()] == [
            "token_payments.tasks.of_tomorrow"
        ]

    def test_the_same_mail_wanted_while_it_is_sent_is_not_forgotten(self) -> None:
        """What is written down after the work had begun is of another change."""
        begun = timezone.now() - MINUTE
        self.queue_unheard()
        arguments = {"order_id": self.order.pk, "kind": "processed"}
        pending.complete(tasks.mails.mail_order.name, arguments, begun=begun)
        assert PendingTask.objects.count() == 1

    def test_two_that_resume_at_once_hand_it_over_once(self) -> None:
        self.queue_unheard()
        [work] = PendingTask.objects.all()
        sent: list[int] = []
        for _ in range(2):
            pending.dispatch(work, lambda: sent.append(1), now=timezone.now())
        assert sent == [1]

    def test_a_list_of_codes_is_the_brokers_alone_once_it_was_taken(self) -> None:
        with patch.object(tasks.mails.mail_codes, "delay"):
            enqueue(
                "mail_codes",
                order_id=self.order.pk,
                actor_id=self.order.buyer.pk,
                recipient_id=None,
            )
        assert not PendingTask.objects.exists()

    def test_a_list_of_codes_that_was_not_taken_is_sent_later(self) -> None:
        with broker_down("mail_codes"), self.assertLogs("django.db.backends.base", "ERROR"):
            enqueue(
                "mail_codes",
                order_id=self.order.pk,
                actor_id=self.order.buyer.pk,
                recipient_id=None,
            )
        assert resume(5 * MINUTE) == Resumed(queued=1)
        assert resume(4 * HOUR) == Resumed()
        assert list_addresses() == [self.order.buyer.email]
        assert self.order.log.filter(action="codes_mailed").count() == 1

    def test_an_orders_codes_are_made_later(self) -> None:
        order = factories.make_order(self.order.item, buyer=self.order.buyer)
        order_operations.start_processing(order.pk, actor=order.buyer, now=timezone.now())
        with broker_down("process_order"), self.assertLogs("django.db.backends.base", "ERROR"):
            enqueue("process_order", order_id=order.pk)
        resume(5 * MINUTE)
        order.refresh_from_db()
        assert order.status == "processed"

    def test_mails_to_learners_are_sent_later(self) -> None:
        assign(self.order, ANN)
        with broker_down("mail_assignments"), self.assertLogs("django.db.backends.base", "ERROR"):
            enqueue("mail_assignments", order_id=self.order.pk)
        assert list_states(self.order) == {ANN: "waiting"}
        resume(5 * MINUTE)
        assert list_states(self.order) == {ANN: "sent"}

    @ddt.data(
        ("mail_order", {"order_id": 1, "kind": "cancelled"}),
        ("mail_codes", {"order_id": 1, "actor_id": 2, "recipient_id": None}),
        ("mail_cancellation", {"request_id": 1, "kind": "answered"}),
        ("mail_delegate", {"delegate_id": 1}),
        ("mail_reversal", {"redemption_id": 1}),
        ("mail_assignments", {"order_id": 1}),
        ("process_order", {"order_id": 1}),
    )
    @ddt.unpack
    def test_everything_that_is_queued_can_be_resumed(
        self, name: str, arguments: dict[str, Any]
    ) -> None:
        with broker_down(name), self.assertLogs("django.db.backends.base", "ERROR"):
            enqueue(name, **arguments)
        with patch.object(current_app.tasks[f"{TASKS}.{name}"], "delay") as delay:
            assert resume(5 * MINUTE).queued == 1
        delay.assert_called_once_with(**arguments)

    def test_what_an_older_release_wrote_without_names_is_done(self) -> None:
        PendingTask.objects.create(
            task=tasks.mails.mail_order.name,
            arguments=f'[{self.order.pk}, "processed"]',
            created_at=timezone.now(),
        )
        assert resume(5 * MINUTE) == Resumed(queued=1)
        assert list_addresses() == [self.order.buyer.email]
        assert not PendingTask.objects.exists()

    def test_an_argument_of_a_newer_release_is_left_out(self) -> None:
        with self.assertLogs("token_payments.outbox.dispatch", "WARNING") as logs:
            enqueue("mail_order", order_id=self.order.pk, kind="processed", tone="friendly")
        assert logs.output[0].endswith("mail_order: left out tone")
        assert list_addresses() == [self.order.buyer.email]
        assert not PendingTask.objects.exists()

    def test_the_command_says_what_it_did(self) -> None:
        self.queue_unheard()
        PendingTask.objects.update(created_at=timezone.now() - HOUR)
        out = StringIO()
        with (
            broker_down("mail_order"),
            self.assertLogs("token_payments.outbox.dispatch", "ERROR"),
            self.assertRaisesMessage(CommandError, "No broker takes it: 1 more wait."),
        ):
            call_command("token_payments_resume_pending", stdout=out)
        call_command("token_payments_resume_pending", stdout=out)
        first, second = out.getvalue().splitlines()
        assert first == "Queued again: 0, given up: 0."
        assert second == "Queued again: 1, given up: 0."
