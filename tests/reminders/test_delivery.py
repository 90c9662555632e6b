"""Reminders that can't be sent, that are sent by several workers, and what a run costs and says."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from freezegun import freeze_time

from tests import factories
from tests.notifications.base import list_addresses, transport
from tests.reminders.base import START, RemindersTestCase, at
from token_payments import tasks
from token_payments.errors import MailOutcomeUnknown
from token_payments.models import Account, AccountRole, TokenIssue
from token_payments.notifications import mails
from token_payments.outbox.notices import claim_together, release_together
from token_payments.wallets import operations as wallet_operations

LAST = date(2027, 5, 3)
DAY = LAST - timedelta(days=7)
TOMORROW = DAY + timedelta(days=1)
MANAGER = "manager@example.com"
#: Queries of a run, those of each mail (a transaction, a claim, a confirmation), and of a page of
#: every kind of what ends.
FIXED, EACH, PER_PAGE = 25, 5, 11
DOWN = ConnectionRefusedError("refused")


def run_by_command() -> tuple[str, int]:
    output, code = StringIO(), 0
    try:
        call_command("token_payments_remind", stdout=output)
    except SystemExit as end:
        code = int(end.code or 0)
    return output.getvalue().strip(), code


class FailuresTests(RemindersTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.issue(6, LAST)
        for number in range(4):
            person = factories.make_user(f"person{number}")
            account = factories.make_account(f"Account {number}", managers=[person])
            self.issue(number + 1, LAST, account=account)

    def run_with(self, behave: Any, day: date = DAY, **arguments: Any) -> mails.Reminded:
        mail.outbox.clear()
        with transport(behave):
            return mails.send_reminders(clock=lambda: at(day), **arguments)

    def test_who_could_not_be_mailed_is_by_the_next_run_and_nobody_else(self) -> None:
        run = self.run_with(lambda address: DOWN if address == MANAGER else None)
        assert (run.sent, run.postponed) == (4, 1)
        run = self.run_with(lambda address: None)
        assert (run.sent, list_addresses()) == (1, [MANAGER])
        assert self.run_with(lambda address: None).sent == 0

    def test_the_next_day_tells_what_this_one_could_not(self) -> None:
        self.run_with(lambda address: DOWN if address == MANAGER else None)
        assert self.run_with(lambda address: None, TOMORROW).sent == 1
        assert "6 days left" in mail.outbox[0].body

    def test_a_refusal_for_good_holds_for_this_day_ahead_alone(self) -> None:
        refused = SMTPRecipientsRefused({MANAGER: (550, b"no such user")})
        run = self.run_with(lambda address: refused if address == MANAGER else None)
        assert (run.sent, run.failed, run.postponed) == (4, 1, 0)
        assert self.run_with(lambda address: None, TOMORROW).sent == 0
        assert self.run_with(lambda address: None, LAST - timedelta(days=1)).sent == 5

    def test_what_may_have_left_isnt_sent_again(self) -> None:
        run = self.run_with(lambda address: MailOutcomeUnknown() if address == MANAGER else None)
        assert (run.sent, run.failed) == (4, 1)
        assert self.run_with(lambda address: None).sent == 0

    def test_a_server_that_is_down_ends_the_run(self) -> None:
        run = self.run_with(lambda address: SMTPServerDisconnected())
        assert (run.sent, run.postponed, run.left, run.is_down) == (0, 3, 2, True)
        assert self.run_with(lambda address: None).sent == 5

    def test_a_worker_that_dies_while_it_sends_leaves_nothing_to_double(self) -> None:
        def die(address: str) -> None:
            if address == MANAGER:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.run_with(die)
        run = self.run_with(lambda address: None)
        assert MANAGER not in list_addresses()
        assert run.sent == 4

    def test_what_comes_up_later_that_day_waits_for_the_next_mail(self) -> None:
        assert self.run_with(lambda address: None).sent == 5
        self.issue(9, DAY + timedelta(days=7), on=DAY - timedelta(days=1))
        assert self.run_with(lambda address: None).sent == 0
        assert self.run_with(lambda address: None, TOMORROW).sent == 1
        assert "9 Gold" in mail.outbox[0].body

    def test_another_worker_that_was_quicker_is_left_to_it(self) -> None:
        def spy(address: str) -> None:
            if address == MANAGER:
                assert mails.send_reminders(clock=lambda: at(DAY)).sent == 4

        assert self.run_with(spy).sent == 1
        assert sorted(list_addresses()) == sorted(
            [MANAGER, *(f"person{number}@example.com" for number in range(4))]
        )

    def test_what_changes_while_others_are_mailed_is_seen(self) -> None:
        account = Account.objects.get(name="Account 0")

        def change(address: str) -> None:
            if address == MANAGER:
                person = get_user_model().objects.get(username="person0")
                other = factories.make_user("other")
                wallet_operations.set_member(account, other, AccountRole.MANAGER, actor=None)
                wallet_operations.set_member(account, person, AccountRole.MEMBER, actor=None)
                TokenIssue.objects.filter(wallet__account__name="Account 1").update(remaining=0)

        with mock.patch("token_payments.notifications.mails.reminders.BATCH", 1):
            assert self.run_with(change).sent == 3
        assert "person0@example.com" not in list_addresses()
        assert "person1@example.com" not in list_addresses()

    def test_a_limit_leaves_the_others_to_the_next_run(self) -> None:
        run = self.run_with(lambda address: None, limit=2)
        assert (run.sent, run.left) == (2, 3)
        assert self.run_with(lambda address: None).sent == 3

    def test_the_task_goes_on_by_itself_and_asks_a_server_that_is_down_again(self) -> None:
        left = [DOWN]
        fewer = mock.patch("token_payments.tasks.scheduled.REMINDERS_PER_RUN", 2)
        fewer.start()
        self.addCleanup(fewer.stop)
        last = LAST - timedelta(days=1)
        with (
            override_settings(CELERY_TASK_EAGER_PROPAGATES=False),
            freeze_time(at(last)),
            transport(lambda address: left.pop() if address == MANAGER and left else None),
        ):
            tasks.scheduled.send_reminders.delay()
        assert len(list_addresses()) == len(set(list_addresses())) == 5

    def test_the_command_says_what_it_did(self) -> None:
        with freeze_time(at(DAY)):
            with transport(lambda address: DOWN if address == MANAGER else None):
                assert run_by_command() == ("Reminded: 4, failed: 0, to be sent: 1.", 1)
            assert run_by_command() == ("Reminded: 1, failed: 0, to be sent: 0.", 0)
            assert run_by_command() == ("Reminded: 0, failed: 0, to be sent: 0.", 0)

    def test_nobody_is_told_while_the_plugin_is_off(self) -> None:
        with freeze_time(at(DAY)), override_settings(TOKEN_PAYMENTS_ENABLED=False):
            said = "Token payments are switched off: nobody was reminded."
            assert run_by_command() == (said, 0)
            tasks.scheduled.send_reminders()
        assert mail.outbox == []


class TogetherTests(RemindersTestCase):
    def test_all_or_none_is_claimed(self) -> None:
        now = at(DAY)
        assert claim_together(["a", "b"], now=now)
        assert not claim_together(["b", "c"], now=now)
        assert claim_together(["c"], now=now)
        release_together(["a", "b"])
        assert claim_together(["a", "b", "d"], now=now)
        assert not claim_together(["d"], now=now)


class CostTests(RemindersTestCase):
    def count(self) -> tuple[int, int]:
        """Mails, and queries but the host's own, which looks up a site for each address."""
        with CaptureQueriesContext(connection) as queries:
            run = mails.send_reminders(clock=lambda: at(DAY))
        ours = [query for query in queries if "site_configuration" not in query["sql"]]
        return run.sent, len(ours)

    def add(self, number: int) -> None:
        person = factories.make_user(f"person{number}")
        account = factories.make_account(f"Account {number}", managers=[person])
        self.issue(2, LAST, account=account)
        order = self.order(LAST, buyer=person)
        self.give(order, f"learner{number}@example.com", on=START)

    def test_it_takes_as_many_queries_for_two_as_for_forty_and_five_for_each_mail(self) -> None:
        self.add(0)
        assert self.count() == (2, FIXED + 2 * EACH)
        for number in range(1, 21):
            self.add(number)
        assert self.count() == (40, FIXED + 40 * EACH)

    def test_larger_sites_are_read_in_pages(self) -> None:
        for number in range(5):
            self.add(number)
        with mock.patch("token_payments.reminders.queries.PAGE", 2):
            sent, number = self.count()
        assert sent == 10
        assert number <= FIXED + 10 * EACH + 2 * PER_PAGE

    def test_on_a_day_without_anything_due_it_is_next_to_nothing(self) -> None:
        self.issue(1, LAST + timedelta(days=90))
        with self.assertNumQueries(2):
            mails.send_reminders(clock=lambda: at(DAY))
