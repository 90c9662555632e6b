"""Notices that nothing asks for any more are forgotten, and no mail leaves twice by that."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from unittest import mock

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from freezegun import freeze_time

from tests.reminders.base import RemindersTestCase, at
from token_payments import tasks
from token_payments.l10n.dates import end_of_day
from token_payments.notifications import mails
from token_payments.outbox import notices
from token_payments.outbox.models import Notice
from token_payments.outbox.notices import MARGIN, claim_notice, claim_together, release_notice

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LAST = date(2027, 5, 3)
SECOND = timedelta(seconds=1)


@pytest.mark.django_db
def test_what_may_be_asked_for_at_any_time_is_kept() -> None:
    claim_notice("order:1:processed", now=NOW)
    claim_together(["redemption:1"], now=NOW)
    assert notices.purge_notices(now=NOW + timedelta(days=36_500)) == 0
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_a_notice_is_forgotten_a_margin_after_the_last_time_that_it_is_wanted() -> None:
    claim_notice("doctor:1", now=NOW, wanted_until=NOW)
    claim_together(["due:1", "due:2"], now=NOW, wanted_until=NOW + SECOND)
    assert notices.purge_notices(now=NOW + MARGIN) == 0
    assert notices.purge_notices(now=NOW + MARGIN + SECOND) == 1
    assert notices.purge_notices(now=NOW + MARGIN + 2 * SECOND) == 2
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_whoever_claims_again_says_anew_how_long_it_is_wanted() -> None:
    claim_notice("due:1", now=NOW, wanted_until=NOW)
    release_notice("due:1")
    claim_notice("due:1", now=NOW, wanted_until=NOW + MARGIN)
    Notice.objects.create(key="due:2", claimed_at=None)  # of a release that didn't say
    claim_together(["due:2", "due:3"], now=NOW, wanted_until=NOW + MARGIN)
    assert notices.purge_notices(now=NOW + 2 * MARGIN) == 0
    assert notices.purge_notices(now=NOW + 2 * MARGIN + SECOND) == 3


@pytest.mark.django_db
def test_the_purge_goes_in_pieces_and_finds_them_by_an_index() -> None:
    claim_together([f"due:{number}" for number in range(7)], now=NOW, wanted_until=NOW)
    with (
        mock.patch.object(notices, "PURGED_AT_ONCE", 3),
        CaptureQueriesContext(connection) as queries,
    ):
        assert notices.purge_notices(now=NOW + 2 * MARGIN) == 7
    deleted = [query for query in queries if query["sql"].startswith("DELETE")]
    assert len(deleted) == 3
    if connection.vendor == "sqlite":
        rows = Notice.objects.filter(forget_after__lt=NOW).order_by("forget_after")
        assert "token_payments_notice_old" in rows.explain()


@pytest.mark.django_db
def test_command_and_task_forget() -> None:
    claim_notice("due:1", now=NOW, wanted_until=NOW)
    with freeze_time(NOW + 2 * MARGIN):
        output = StringIO()
        call_command("token_payments_purge_notices", stdout=output)
        assert output.getvalue() == "Forgotten: 1 notices.\n"
        claim_notice("due:2", now=NOW, wanted_until=NOW)
        assert tasks.scheduled.purge_notices() == 1


class RemindersTests(RemindersTestCase):
    """The same months with a purge after every run, and without: people get the same mails."""

    def set_the_stage(self) -> None:
        self.issue(5, LAST)
        self.issue(7, LAST + timedelta(days=2))
        self.issue(3, LAST + timedelta(days=40))
        order = self.order(LAST)
        self.give(order, "lena@example.com", on=date(2027, 3, 25))

    def live(self, *, is_purged: bool) -> list[tuple[date, str, str]]:
        mails = []
        for number in range(120):
            day = date(2027, 3, 22) + timedelta(days=number)
            for _ in range(2):
                mails += [(day, *message.to, message.body) for message in self.run_on(day)]
                if is_purged:
                    notices.purge_notices(now=at(day, 9))
        return mails

    def test_nobody_is_told_twice_and_in_the_end_nothing_is_left(self) -> None:
        self.set_the_stage()
        Notice.objects.all().delete()
        kept = self.live(is_purged=False)
        assert Notice.objects.count() >= 2 * len(kept) > 20
        Notice.objects.all().delete()
        with mock.patch.object(notices, "MARGIN", timedelta()):
            assert self.live(is_purged=True) == kept
        assert not Notice.objects.exists()

    def test_what_is_due_keeps_its_notice(self) -> None:
        self.issue(5, LAST)
        self.run_on(LAST - timedelta(days=7))
        over = end_of_day(LAST) + MARGIN
        assert notices.purge_notices(now=over) == 0
        assert notices.purge_notices(now=over + SECOND) == 2, (
            "of the tokens, and of the mail of the day"
        )

    @override_settings(TOKEN_PAYMENTS={"DOCTOR_EMAIL": ["ops@example.com"]})
    def test_the_doctors_mail_of_a_day_is_forgotten_too(self) -> None:
        now = at(LAST)
        for _ in range(2):
            mails.send_doctor_mail(lines=["x"], errors=1, now=now)
        assert len(mail.outbox) == 1
        assert notices.purge_notices(now=now + MARGIN) == 0
        assert notices.purge_notices(now=now + MARGIN + timedelta(days=1)) == 1
