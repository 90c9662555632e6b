"""``manage.py token_payments_bulk``: files paid for and given out, interrupted and gone on with."""

from __future__ import annotations

import csv
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import factories
from tests.bulk.base import COURSE, MINUTE, BulkCase, count_payments, states
from token_payments.checkout import operations as checkout_operations
from token_payments.models import BulkJob, CodeAssignment
from token_payments.wallets import operations as wallet_operations

MEMBERS = "Name;User name\nAnn;member0\nBen;member1@example.com\nNo one;nobody\nAnn again;MEMBER0\n"


class CommandTest(BulkCase):
    def setUp(self) -> None:
        super().setUp()
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, text: str) -> str:
        path = self.folder / "list.csv"
        path.write_text(text)
        return str(path)

    def call(self, *arguments: object, code: int = 0) -> str:
        out = StringIO()
        ended = pytest.raises(SystemExit) if code else nullcontext()
        with ended as error:
            call_command("token_payments_bulk", *map(str, arguments), stdout=out)
        if error is not None:
            self.assertEqual(error.value.code, code)
        return out.getvalue()

    def pay(self, *more: str, text: str = MEMBERS, code: int = 1) -> str:
        facts = ["--wallet", self.wallet.pk, "--item", COURSE, "--tokens", 2, "--by", "manager"]
        return self.call("redeem", *facts, *more, self.write(text), code=code)

    def test_a_dry_run_says_what_would_be_done_and_does_nothing(self) -> None:
        said = self.pay("--dry-run", code=0)
        assert "3 nobody: Not a member of the account, or unknown (not_a_member)" in said
        assert "4 MEMBER0: Is in the list twice (duplicate)" in said
        assert "2 of 4 rows would be paid for, with 4 of 20 tokens. Nothing was done." in said
        assert not BulkJob.objects.exists()

    def test_members_are_paid_for_and_the_result_is_a_file(self) -> None:
        result = self.folder / "result.csv"
        said = self.pay("--result", str(result))
        assert "Done: 2, skipped: 1, failed: 1, waiting: 0, not tried: 0." in said
        assert "1 failed: Not a member of the account, or unknown (not_a_member)" in said
        assert count_payments() == {"member0": 1, "member1": 1}
        lines = list(csv.reader(result.read_text(encoding="utf-8-sig").splitlines()))
        assert lines[0][:4] == ["Row", "Who", "Name", "Result"]
        assert [(line[1], line[3], line[5]) for line in lines[1:]] == [
            ("member0", "Done", ""),
            ("member1@example.com", "Done", ""),
            ("nobody", "Failed", "not_a_member"),
            ("MEMBER0", "Skipped", "duplicate"),
        ]

    def test_interrupted_the_same_command_goes_on_where_it_stopped(self) -> None:
        real, calls = checkout_operations.redeem, []

        def interrupt(**arguments: Any) -> Any:
            calls.append(arguments)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return real(**arguments)

        text = "\n".join(self.names)
        place = "token_payments.bulk.redeeming.redeem"
        with mock.patch(place, interrupt), pytest.raises(KeyboardInterrupt):
            self.pay(text=text, code=0)
        assert len(count_payments()) == 2
        BulkJob.objects.update(claimed_until=timezone.now())  # a minute later
        self.pay(text=text, code=0)
        assert count_payments() == dict.fromkeys(self.names, 1)
        assert states(BulkJob.objects.get()) == ["done"] * 5

    def test_it_waits_while_a_worker_has_the_job(self) -> None:
        text = "member0"
        with mock.patch("token_payments.tasks.work.work_on", return_value=False):
            self.pay(text=text, code=0)
        BulkJob.objects.update(state="running", claimed_until=timezone.now() + 9 * MINUTE)

        def pass_time(_seconds: float) -> None:
            BulkJob.objects.update(claimed_until=timezone.now())

        with mock.patch("time.sleep", pass_time):
            said = self.pay(text=text, code=0)
        assert "A worker is at it" in said
        assert "Done: 1" in said

    def test_failed_rows_are_tried_again(self) -> None:
        self.pay()
        job = BulkJob.objects.get()
        user = factories.make_user("nobody")
        wallet_operations.set_member(self.account, user, "member", actor=self.manager)
        said = self.call("retry", job.uuid)
        assert "Done: 3, skipped: 1, failed: 0" in said
        assert "Done: 3" in self.call("show", job.uuid)
        with pytest.raises(CommandError, match="is done: cancel is not possible"):
            self.call("cancel", job.uuid, "--by", "manager")

    def test_all_that_wait_are_gone_on_with(self) -> None:
        first = self.redeem("member0")
        second = self.redeem("member1", idempotency_key="other")
        third = self.redeem("member2", idempotency_key="third")
        said = self.call("cancel", third.uuid, "--by", "manager")
        assert "not tried: 1" in said
        self.call("resume")
        assert states(first) == states(second) == ["done"]
        assert count_payments() == {"member0": 1, "member1": 1}

    def test_tokens_are_given_out(self) -> None:
        path = self.write("Name,E-mail\nAnn Lee,ann@example.com\nBad,bad@\nBob,bob@example.com\n")
        facts = ["--order", self.order.number, "--by", "manager@example.com"]
        said = self.call("assign", *facts, "--dry-run", path)
        assert "3 bad@: This is not an e-mail address (bad_address)" in said
        assert "2 of 3 rows would get a token. Nothing was done." in said
        self.call("assign", *facts, path, code=1)
        given = list(CodeAssignment.objects.values_list("name", "email"))
        assert given == [("Ann Lee", "ann@example.com"), ("Bob", "bob@example.com")]

    def test_what_cant_be_is_told(self) -> None:
        empty = self.write("")
        listed = ["--item", COURSE, "--tokens", "2"]
        for arguments, text in (
            (["redeem", "--wallet", "999", *listed, "--by", "manager", empty], "no wallet 999"),
            (
                ["redeem", "--wallet", self.wallet.pk, *listed, "--by", "manager", empty],
                "can't be read",
            ),
            (["assign", "--order", "TO-9", "--by", "manager", empty], "no order TO-9"),
            (["assign", "--order", "TO-9", "--by", "manager", "/no/such"], "can't be read"),
            (["show", "nonsense"], "no job nonsense"),
        ):
            with pytest.raises(CommandError, match=text):
                self.call(*arguments)
        path = self.write("member0\n")
        with pytest.raises(CommandError, match=r"Nothing was done.*\(not_a_manager\)"):
            self.call("redeem", "--wallet", self.wallet.pk, *listed, "--by", "stranger", path)
        with pytest.raises(CommandError, match=r"price has changed"):
            self.pay("--tokens", "3")
        assert not BulkJob.objects.exists()
