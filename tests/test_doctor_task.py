"""The doctor's daily run: logged, and mailed when something is wrong, once a day."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import TestCase

from tests import factories
from tests.notifications.base import with_settings
from token_payments.models import TokenIssue
from token_payments.tasks.scheduled import run_doctor

OPS = ["ops@example.com", "Books@Example.com"]


class DoctorTaskTest(TestCase):
    def break_books(self) -> TokenIssue:
        issue = factories.issue_tokens(factories.make_account(), factories.make_type(), 5)
        TokenIssue.objects.filter(pk=issue.pk).update(remaining=4)
        return issue

    def run_task(self, found: int) -> None:
        with with_settings(DOCTOR_EMAIL=OPS):
            assert run_doctor() == found

    def test_nothing_wrong_is_logged_and_mailed_to_nobody(self) -> None:
        with self.assertLogs("token_payments.doctor.examination", "INFO") as logged:
            self.run_task(0)
        assert logged.output == ["INFO:token_payments.doctor.examination:errors: 0"]
        assert not mail.outbox

    def test_an_error_is_logged_and_mailed_to_each_once_a_day(self) -> None:
        issue = self.break_books()
        with self.assertLogs("token_payments.doctor.examination", "ERROR") as logged:
            self.run_task(1)
            self.run_task(1)
        assert f"issue {issue.pk} (issue_sums)" in logged.output[0]
        assert [one.to for one in mail.outbox] == [[address] for address in OPS]
        sent = mail.outbox[0]
        assert sent.subject == "Token payments: the doctor found 1 error"
        assert "4 tokens remain, but the entries add up to 5." in sent.body
        assert "token_payments_doctor" in sent.body

    def test_the_next_day_it_is_mailed_again(self) -> None:
        self.break_books()
        for number in (1, 2):
            noon = datetime(2026, 12, number, 12, tzinfo=UTC)
            with mock.patch("token_payments.tasks.scheduled.timezone.now", return_value=noon):
                self.run_task(1)
        assert len(mail.outbox) == 4

    def test_without_addresses_the_log_has_it(self) -> None:
        self.break_books()
        with self.assertLogs("token_payments.doctor.examination", "ERROR"):
            assert run_doctor() == 1
        assert not mail.outbox

    def test_a_mail_server_that_is_away_is_tried_again(self) -> None:
        self.break_books()
        away = mock.patch(
            "token_payments.hosts.edxapp.EdxappHost.send_to", side_effect=ConnectionRefusedError
        )
        with away, with_settings(DOCTOR_EMAIL=OPS), pytest.raises(OSError):  # noqa: PT011
            run_doctor.run()
        self.run_task(1)
        assert len(mail.outbox) == 2

    def test_one_that_breaks_off_is_told(self) -> None:
        def break_off(**_arguments: Any) -> Any:
            raise RuntimeError("the table is gone")
            yield

        with (
            mock.patch("token_payments.doctor.examination.examine", break_off),
            self.assertLogs("token_payments.doctor.examination", "ERROR"),
        ):
            self.run_task(0)
        assert "could not end" in mail.outbox[0].subject
        assert "RuntimeError" in mail.outbox[0].body
        assert "the table is gone" not in mail.outbox[0].body

    def test_the_command_does_the_same(self) -> None:
        output = StringIO()
        call_command("token_payments_doctor", "--daily", stdout=output)
        assert output.getvalue().strip() == "0 errors."
        self.break_books()
        with with_settings(DOCTOR_EMAIL=OPS), pytest.raises(SystemExit) as caught:
            call_command("token_payments_doctor", "--daily", stdout=output)
        assert caught.value.code == 1
        assert "4 tokens remain" in output.getvalue()
        assert len(mail.outbox) == 2
        with pytest.raises(CommandError, match="no other option"):
            call_command("token_payments_doctor", "--daily", "--json")
