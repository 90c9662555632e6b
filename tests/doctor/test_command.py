"""``token_payments_doctor`` as an operator and as a program sees it."""

from __future__ import annotations

import json
from contextlib import redirect_stderr
from io import StringIO
from unittest import mock

from ddt import data, ddt
from django.core.management import CommandError, call_command, execute_from_command_line
from django.db import OperationalError
from freezegun import freeze_time

from common.djangoapps.student.models import CourseEnrollment
from tests.doctor.world import NOW, World, change
from token_payments.models import TokenCode, TokenIssue

FIND = "token_payments.management.commands.token_payments_doctor.examine"


@ddt
@freeze_time(NOW)
class DoctorTest(World):
    def run_doctor(self, *arguments: str) -> tuple[int, str]:
        """Exit code and what was printed."""
        output = StringIO()
        try:
            call_command("token_payments_doctor", *arguments, stdout=output, no_color=True)
        except SystemExit as end:
            return int(end.code or 0), output.getvalue()
        except CommandError as error:
            return error.returncode, output.getvalue() + str(error)
        return 0, output.getvalue()

    def remaining(self) -> int:
        return TokenIssue.objects.get(pk=self.issue.pk).remaining

    def break_two(self) -> None:
        """One error that can be repaired and one that can't."""
        change(TokenIssue, self.issue.pk, remaining=4000)
        change(TokenCode, self.order.codes.get(serial=3).pk, status="redeemed")

    def test_all_is_well(self) -> None:
        assert self.run_doctor() == (0, "0 errors, 0 notes.\n")

    def test_a_finding_tells_what_it_is_about_and_what_to_do(self) -> None:
        self.break_two()
        code, text = self.run_doctor()
        assert code == 1
        assert f"error: issue {self.issue.pk} (issue_sums)\n  4000 tokens remain, but" in text
        assert "The ledger is the truth." in text
        assert f"code 3 of order {self.order.number}, ending in" in text
        assert "Repair:" not in text
        assert text.endswith("2 errors, 0 notes, 1 can be repaired (--repair --yes).\n")

    def test_notes_are_no_errors(self) -> None:
        CourseEnrollment.objects.update(is_active=False)
        code, text = self.run_doctor()
        assert code == 0
        assert text.startswith("note: ")
        assert text.endswith("0 errors, 1 note.\n")

    def test_repair_alone_only_says_what_it_would_do(self) -> None:
        self.break_two()
        code, text = self.run_doctor("--repair")
        assert code == 1
        assert f"  Repair: set what remains of issue {self.issue.pk} to " in text
        assert self.remaining() == 4000

    def test_repair_with_yes_does_it_and_what_is_left_decides(self) -> None:
        self.break_two()
        code, text = self.run_doctor("--repair", "--yes")
        assert code == 1
        assert "  Done: set what remains of issue" in text
        assert text.endswith("1 error, 0 notes, 1 repaired.\n")
        assert self.remaining() < 10
        assert self.run_doctor("--check", "issue_sums") == (0, "0 errors, 0 notes.\n")

    def test_a_run_that_repaired_all_ends_well(self) -> None:
        change(TokenIssue, self.issue.pk, remaining=4000)
        assert self.run_doctor("--repair", "--yes")[0] == 0

    @data(["--yes"], ["--check", "no_such"])
    def test_what_makes_no_sense_could_not_run(self, arguments: list[str]) -> None:
        with self.assertRaises(SystemExit) as end, redirect_stderr(StringIO()):
            execute_from_command_line(["manage.py", "token_payments_doctor", *arguments])
        assert end.exception.code == 2

    def test_only_the_named_checks_run(self) -> None:
        self.break_two()
        code, text = self.run_doctor("--check", "entry_signs", "--check", "redeemed_codes")
        assert code == 1
        assert text.count("error: ") == 1
        assert "(redeemed_codes)" in text

    @data(OperationalError("gone away"), RuntimeError("no host"))
    def test_what_could_not_be_ended_is_neither_well_nor_ill(self, error: Exception) -> None:
        with mock.patch(FIND, side_effect=error), self.assertLogs(level="ERROR"):
            code, text = self.run_doctor()
        assert code == 2
        assert f"{type(error).__name__}: {error}" in text

    def test_json(self) -> None:
        self.break_two()
        code, text = self.run_doctor("--json")
        report = json.loads(text)
        assert code == 1
        assert (report["errors"], report["notes"], report["repaired"]) == (2, 0, 0)
        assert report["failure"] is None
        first = report["findings"][0]
        assert set(first) == {
            "check", "severity", "subject", "text", "advice", "repair", "repaired",
        }  # fmt: skip
        assert (first["check"], first["severity"]) == ("issue_sums", "error")
        assert first["repair"].startswith("set what remains")
        assert first["repaired"] is False

    def test_json_of_a_healthy_database_and_after_a_repair(self) -> None:
        assert json.loads(self.run_doctor("--json")[1])["findings"] == []
        change(TokenIssue, self.issue.pk, remaining=4000)
        report = json.loads(self.run_doctor("--json", "--repair", "--yes")[1])
        assert (report["errors"], report["repaired"]) == (0, 1)
        assert report["findings"][0]["repaired"] is True

    def test_json_of_what_could_not_be_ended_is_json(self) -> None:
        with mock.patch(FIND, side_effect=RuntimeError("boom")), self.assertLogs(level="ERROR"):
            code, text = self.run_doctor("--json")
        report, _ = json.JSONDecoder().raw_decode(text)
        assert (code, report["failure"]) == (2, "RuntimeError: boom")
