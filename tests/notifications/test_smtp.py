"""Real conversations with a mail server that has bad days: what may be sent later is, and once."""

from __future__ import annotations

from datetime import timedelta

import ddt
from django.test import TransactionTestCase
from django.utils import timezone

from tests.checkout.base import ReversalSetUp
from tests.enqueued import unheard
from tests.notifications.base import assign, list_states, make_code_order, run
from tests.notifications.smtp_server import (
    BUSY,
    HANG_UP,
    LATER,
    NEVER,
    Step,
    mail_server,
    times,
    use_server,
)
from token_payments import tasks
from token_payments.models import Notice, PendingTask, Redemption
from token_payments.outbox.dispatch import enqueue, resume_pending

AMARA, BUYER = "amara@example.com", "buyer@example.com"
HOUR = timedelta(hours=1)
NO_PORT = 1

#: How each of the first tries ends, and how many connections there are until all is sent.
PUT_OFF: tuple[tuple[str, list[Step], int], ...] = (
    ("it greets nobody", [*times(2, ("greeting", BUSY))], 4),
    ("it hangs up at once", [*times(2, ("greeting", HANG_UP))], 4),
    ("it puts the recipient off", [*times(3, ("recipient", LATER))], 5),
    ("it puts the whole mail off", [("data", LATER), ("data", LATER)], 4),
)


@ddt.ddt
class ReversalOverSMTP(ReversalSetUp, TransactionTestCase):
    """A reversal that is told to the learner and to the buyer of the code."""

    def setUp(self) -> None:
        super().setUp()
        self.redemption: Redemption = unheard(self.reverse)(self.redeem())

    def tell(self) -> None:
        run(tasks.mails.mail_reversal, self.redemption.pk)

    @ddt.data(*PUT_OFF)
    @ddt.unpack
    def test_what_is_put_off_is_sent_by_a_retry(
        self, name: str, plan: list[Step], connections: int
    ) -> None:
        with mail_server(*plan) as mailbox:
            self.tell()
            self.tell()
        assert mailbox.list_recipients() == [AMARA, BUYER]
        assert mailbox.connections == connections, name

    def test_who_is_refused_for_good_isnt_asked_again_and_keeps_nobody_back(self) -> None:
        with mail_server(("recipient", NEVER)) as mailbox:
            self.tell()
        assert mailbox.list_recipients() == [BUYER]
        assert mailbox.connections == 2

    def test_a_mail_that_is_refused_for_what_it_says_isnt_sent_again(self) -> None:
        with mail_server(("data", NEVER)) as mailbox:
            self.tell()
        assert mailbox.list_recipients() == [BUYER]
        assert mailbox.connections == 2

    @ddt.data(("recipient", [BUYER]), ("data", [AMARA, BUYER]))
    @ddt.unpack
    def test_a_mail_that_may_have_arrived_isnt_sent_again(
        self, when: str, arrived: list[str]
    ) -> None:
        """Nobody knows how far the server came that hung up: here it kept it, or not."""
        with mail_server((when, HANG_UP)) as mailbox:
            self.tell()
            self.tell()
        assert mailbox.list_recipients() == arrived
        assert mailbox.connections == 2
        assert Notice.objects.filter(sent_at=None, claimed_at__isnull=False).count() == 1

    def test_a_server_that_is_away_for_hours_is_asked_again_by_the_schedule(self) -> None:
        with use_server(NO_PORT), self.assertLogs("django.db.backends.base", "ERROR"):
            enqueue("mail_reversal", redemption_id=self.redemption.pk)
        assert PendingTask.objects.count() == 1
        with mail_server() as mailbox:
            for hours in (1, 4, 8):
                resume_pending(now=timezone.now() + hours * HOUR)
        assert mailbox.list_recipients() == [AMARA, BUYER]
        assert not PendingTask.objects.exists()


class AssignmentsOverSMTP(TransactionTestCase):
    """Mails to learners, whose states people see."""

    def setUp(self) -> None:
        self.order = make_code_order(3, redeem_by=None)
        assign(self.order, "ann@example.com", "ben@example.com", "cat@example.com")

    def test_each_learner_gets_one_whatever_the_server_does_to_some(self) -> None:
        plan = [("recipient", LATER), ("data", HANG_UP), ("recipient", NEVER)]
        with mail_server(*plan) as mailbox:
            run(tasks.mails.mail_assignments, self.order.pk)
            run(tasks.mails.mail_assignments, self.order.pk)
        assert mailbox.list_recipients() == ["ann@example.com", "ben@example.com"]
        states = {
            "ann@example.com": "sent",
            "ben@example.com": "failed",
            "cat@example.com": "failed",
        }
        assert list_states(self.order) == states
