"""The expiry sweep as a task, as a command, and as an entry of Celery beat."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from unittest import mock

import pytest
from celery import current_app
from celery.schedules import crontab
from ddt import data, ddt
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from token_payments.models import EntryKind, LedgerEntry, TokenIssue
from token_payments.settings import common, production
from token_payments.settings.common import (
    DOCTOR_ENTRY,
    EXPIRY_ENTRY,
    GROUPS_ENTRY,
    INVOICES_ENTRY,
    LOW_BALANCES_ENTRY,
    NOTICES_ENTRY,
    PURGE_ENTRY,
    REMINDERS_ENTRY,
    RESUME_ENTRY,
    SWEEP_ENTRY,
    WEBHOOKS_ENTRY,
    WEBHOOKS_PURGE_ENTRY,
)
from token_payments.tasks.scheduled import expire_issues
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.returns import give_back

OURS = {
    DOCTOR_ENTRY,
    EXPIRY_ENTRY,
    GROUPS_ENTRY,
    INVOICES_ENTRY,
    LOW_BALANCES_ENTRY,
    NOTICES_ENTRY,
    PURGE_ENTRY,
    REMINDERS_ENTRY,
    RESUME_ENTRY,
    SWEEP_ENTRY,
    WEBHOOKS_ENTRY,
    WEBHOOKS_PURGE_ENTRY,
}


def sweep_by_command(*arguments: str) -> str:
    output = StringIO()
    call_command("token_payments_expire", *arguments, stdout=output)
    return output.getvalue().strip()


class ExpiryTestCase(TestCase):
    def setUp(self) -> None:
        self.now = timezone.now()
        self.account, self.gold = factories.make_account(), factories.make_type()

    def issue(self, quantity: int, *, expired: bool = True) -> TokenIssue:
        ends = self.now + timedelta(days=-1 if expired else 1)
        earlier = self.now - timedelta(days=9)
        return factories.issue_tokens(
            self.account, self.gold, quantity, now=earlier, expires_at=ends
        )

    def remaining(self) -> list[int]:
        return list(TokenIssue.objects.order_by("id").values_list("remaining", flat=True))


class TaskTest(ExpiryTestCase):
    def test_all_that_has_expired_goes_to_zero_and_the_rest_stays(self) -> None:
        self.issue(5)
        self.issue(7)
        self.issue(9, expired=False)
        assert expire_issues() == 2
        assert self.remaining() == [0, 0, 9]
        entries = LedgerEntry.objects.filter(kind=EntryKind.EXPIRY).order_by("issue_id")
        assert list(entries.values_list("amount", "actor", "reason")) == [
            (-5, None, ""),
            (-7, None, ""),
        ]
        assert entries[0].created_at >= self.now

    def test_again_there_is_nothing_to_do(self) -> None:
        self.issue(5)
        expire_issues.delay()
        assert expire_issues() == 0
        assert LedgerEntry.objects.filter(kind=EntryKind.EXPIRY).count() == 1

    def test_what_was_done_before_it_was_stopped_is_done(self) -> None:
        for _ in range(5):
            self.issue(3)
        real = wallet_operations.expire_issues
        with (
            mock.patch(
                "token_payments.wallets.spending.expire_issues",
                side_effect=[real(now=self.now, limit=2), KeyboardInterrupt],
            ),
            pytest.raises(KeyboardInterrupt),
        ):
            wallet_operations.expire_all_issues(now=self.now, limit=2)
        assert self.remaining() == [0, 0, 3, 3, 3]
        assert wallet_operations.expire_all_issues(
            now=self.now, limit=2
        ) == wallet_operations.Expired(3, 9)

    def test_each_batch_has_its_own_time(self) -> None:
        for _ in range(3):
            self.issue(3)
        times = iter(self.now + timedelta(seconds=number) for number in range(9))
        wallet_operations.expire_all_issues(now=self.now, limit=1, clock=lambda: next(times))
        entries = LedgerEntry.objects.filter(kind=EntryKind.EXPIRY).order_by("id")
        later = [entry.created_at - self.now for entry in entries]
        assert later == [timedelta(seconds=number) for number in range(3)]

    def test_a_batch_takes_as_many_statements_whatever_its_size(self) -> None:
        for _ in range(30):
            self.issue(3)
        counts = []
        for limit in (1, 20):
            with CaptureQueriesContext(connection) as queries:
                wallet_operations.expire_issues(now=self.now, limit=limit)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 6

    def test_tokens_given_back_to_an_expired_issue_are_expired_at_once(self) -> None:
        learner = factories.make_user("learner")
        item = factories.CatalogueItem.objects.create(item_key="course-v1:A+B+C")
        issue = self.issue(5)
        TokenIssue.objects.filter(pk=issue.pk).update(remaining=2)
        redemption = factories.Redemption.objects.create(
            learner=learner,
            item=item,
            method="wallet",
            wallet=issue.wallet,
            tokens=3,
            mode="verified",
            actor=learner,
            idempotency_key="key",
            created_at=self.now - timedelta(days=3),
            completed_at=self.now,
            state="reversed",
            live=None,
            reversed_at=self.now,
        )
        LedgerEntry.objects.create(
            issue=issue,
            kind=EntryKind.DEBIT,
            amount=-3,
            redemption=redemption,
            created_at=self.now,
        )
        wallet_operations.expire_all_issues(now=self.now)
        give_back(redemption, actor=None, reason="", now=self.now)
        assert wallet_operations.expire_all_issues(now=self.now) == wallet_operations.Expired()
        assert wallet_queries.get_balance(issue.wallet, self.now) == wallet_queries.Balance(
            expired=5
        )


@ddt
class CommandTest(ExpiryTestCase):
    def test_says_how_many_issues_and_tokens(self) -> None:
        for quantity in (5, 6, 7):
            self.issue(quantity)
        assert sweep_by_command("--limit-per-batch", "2") == "Expired: 18 tokens of 3 issues."
        assert sweep_by_command() == "Expired: 0 tokens of 0 issues."

    @data("0", "-1", "many", "10001")
    def test_a_batch_of_no_sensible_size_is_refused(self, limit: str) -> None:
        with pytest.raises(CommandError, match="from 1 to 10000"):
            sweep_by_command("--limit-per-batch", limit)


class ScheduleTest(SimpleTestCase):
    def make_settings(self, **given: object) -> SimpleNamespace:
        return SimpleNamespace(INSTALLED_APPS=[], **given)

    def test_the_lms_has_our_entry_beside_those_of_others(self) -> None:
        lms = self.make_settings(CELERYBEAT_SCHEDULE={"other": {"task": "other"}})
        common.plugin_settings(lms)
        assert lms.CELERYBEAT_SCHEDULE["other"] == {"task": "other"}
        entry = lms.CELERYBEAT_SCHEDULE[EXPIRY_ENTRY]
        assert entry["task"] == expire_issues.name
        assert entry["schedule"] == crontab(minute="17")

    def test_an_entry_of_the_operator_stays(self) -> None:
        own = {"task": "token_payments.tasks.expire_issues", "schedule": 60}
        lms = self.make_settings(CELERYBEAT_SCHEDULE={EXPIRY_ENTRY: own})
        common.plugin_settings(lms)
        production.plugin_settings(lms)
        assert lms.CELERYBEAT_SCHEDULE[EXPIRY_ENTRY] is own

    def test_a_yaml_file_that_replaced_the_schedule_gets_it_again(self) -> None:
        lms = self.make_settings()
        common.plugin_settings(lms)
        lms.CELERYBEAT_SCHEDULE = None
        production.plugin_settings(lms)
        assert set(lms.CELERYBEAT_SCHEDULE) == OURS

    def test_beat_finds_the_entry_and_a_worker_the_task(self) -> None:
        from lms.celery import APP

        for entry in OURS:
            assert settings.CELERYBEAT_SCHEDULE[entry]["task"] in current_app.tasks
        assert APP.conf.beat_schedule[EXPIRY_ENTRY] == settings.CELERYBEAT_SCHEDULE[EXPIRY_ENTRY]
