"""Bulk jobs in the admin: from a file to a look at each row, to a job that is followed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.admin.base import AdminCase, admin_url
from tests.enqueued import catch_enqueued
from token_payments.admin.bulk.beginning import _pack
from token_payments.assignments.rows import Row
from token_payments.bulk import operations as bulk_operations
from token_payments.imports.members_file import read_names
from token_payments.imports.recipients import read_file
from token_payments.models import BulkJob, CodeAssignment, Redemption
from token_payments.wallets import operations as wallet_operations

JOBS = "/admin/token_payments/bulkjob"
REDEEM, ASSIGN = f"{JOBS}/redeem/", f"{JOBS}/assign/"
ALL = ("add_bulkjob", "change_bulkjob", "view_bulkjob", "add_redemption", "change_tokenorder")


class BulkJobCase(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.gold = factories.make_type("Gold")
        factories.make_course("course-v1:Acme+GOLD+2026", display_name="Gilding")
        cls.priced = factories.make_item(
            "course-v1:Acme+GOLD+2026", methods=["wallet"], token_prices={cls.gold: 2}
        )
        cls.members = [factories.make_user(f"member{number}") for number in range(3)]
        cls.account = factories.make_account(members=cls.members)
        factories.issue_tokens(cls.account, cls.gold, 4)
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer, quantity=2)

    def setUp(self) -> None:
        super().setUp()
        self.user = self.sign_in(*ALL)

    def key(self, url: str) -> str:
        return str(self.client.get(url).context["form"]["idempotency_key"].value())

    def fill(self, text: str = "", **more: Any) -> dict[str, Any]:
        facts = {"account": "Acme", "token_type": self.gold.pk, "item": self.priced.pk}
        file = SimpleUploadedFile("list.csv", text.encode()) if text else ""
        key = self.key(REDEEM)
        return {"file": file, "pasted": "", "idempotency_key": key, **facts, **more}

    def read_post(self, url: str, data: dict[str, Any]) -> str:
        answer = self.post(url, data)
        self.assertEqual(answer.status_code, 200)
        return re.sub(r"\s+", " ", answer.content.decode())

    def carried(self, url: str, data: dict[str, Any]) -> dict[str, Any]:
        """What the preview's form sends on."""
        return dict(self.post(url, data).context["hidden"])


class RedeemingTest(BulkJobCase):
    LIST = (
        "Name,E-mail\nAnn,member0@example.com\nNo one,nobody@example.com\nBen,MEMBER1@example.com"
    )

    def test_each_row_is_looked_at_and_nothing_is_done(self) -> None:
        text = self.read_post(REDEEM, self.fill(self.LIST))
        for part in (
            "2 of 3 rows",
            "1 row for which nothing is done",
            "nobody@example.com",
            "Not a member of the account, or unknown",
            "4 Gold",
        ):
            self.assertIn(part, text)
        self.assertFalse(BulkJob.objects.exists())

    def test_confirmed_it_is_begun_once_and_followed(self) -> None:
        form = {**self.carried(REDEEM, self.fill(self.LIST)), "confirm": "1"}
        with catch_enqueued("run_bulk_job"):
            text = self.read_post(REDEEM, form)
            self.post(REDEEM, form)
        job = BulkJob.objects.get()
        self.assertEqual((job.actor, job.tokens, job.quantity), (self.user, 2, 3))
        self.assertIn("The job has begun.", text)
        self.assertIn("data-progress", text)
        self.assertIn("Cancel the job", text)
        progress = self.client.get(admin_url("bulkjob", "progress", job.pk)).json()
        self.assertEqual(progress, {"status": "processing", "made": 0, "quantity": 3})

        bulk_operations.run_job(job.pk, clock=timezone.now)

        progress = self.client.get(admin_url("bulkjob", "progress", job.pk)).json()
        self.assertEqual(progress, {"status": "done", "made": 3, "quantity": 3})
        text = self.read(admin_url("bulkjob", "change", job.pk))
        self.assertIn("Try failed rows again", text)
        self.assertNotIn("Cancel the job", text)
        self.assertIn("Not a member of the account, or unknown", text)
        self.assertEqual(Redemption.objects.filter(item=self.priced).count(), 2)
        listed = self.read(admin_url("bulkjob", "changelist"))
        self.assertIn("3 of 3 rows, 1 failed", listed)
        failed = self.read(admin_url("bulkjob", "change", job.pk), {"state": "failed"})
        self.assertNotIn("member0@example.com", failed)

    def test_the_list_takes_the_same_statements_for_many(self) -> None:
        counts = []
        for number in (1, 3):
            for _ in range(number):
                form = {**self.carried(REDEEM, self.fill(self.LIST)), "confirm": "1"}
                with catch_enqueued("run_bulk_job"):
                    self.post(REDEEM, form)
            with CaptureQueriesContext(connection) as queries:
                self.assertIn("0 of 3 rows", self.read(admin_url("bulkjob", "changelist")))
            counts.append(len(queries))
        self.assertEqual(BulkJob.objects.count(), 4)
        self.assertEqual(counts[0], counts[1])

    def test_the_result_is_a_file(self) -> None:
        form = {**self.carried(REDEEM, self.fill(self.LIST)), "confirm": "1"}
        self.post(REDEEM, form)
        job = BulkJob.objects.get()
        answer = self.client.get(admin_url("bulkjob", "result", job.pk))
        lines = b"".join(answer.streaming_content).decode().splitlines()
        self.assertEqual(len(lines), 4)
        self.assertIn("nobody@example.com,,Failed", lines[2])
        self.assertIn("not_a_member", lines[2])

    def test_failed_rows_are_tried_again(self) -> None:
        self.post(REDEEM, {**self.carried(REDEEM, self.fill(self.LIST)), "confirm": "1"})
        job = BulkJob.objects.get()
        user = factories.make_user("nobody")
        wallet_operations.set_member(self.account, user, "member", actor=self.user)
        factories.issue_tokens(self.account, self.gold, 4)
        text = self.read_post(admin_url("bulkjob", "retry", job.pk), {})
        self.assertIn("The rows that failed are tried again.", text)
        self.assertEqual(Redemption.objects.filter(item=self.priced).count(), 3)

    def test_cancelled_nothing_more_is_tried(self) -> None:
        with catch_enqueued("run_bulk_job"):
            self.post(REDEEM, {**self.carried(REDEEM, self.fill(self.LIST)), "confirm": "1"})
        job = BulkJob.objects.get()
        text = self.read_post(admin_url("bulkjob", "cancel", job.pk), {})
        self.assertIn("no further row is tried", text)
        self.assertIn("Not tried: 3", text)
        bulk_operations.run_job(job.pk, clock=timezone.now)
        self.assertFalse(Redemption.objects.filter(item=self.priced).exists())
        done = self.read_post(admin_url("bulkjob", "retry", job.pk), {})
        self.assertIn("Only a job that is done can be tried again.", done)

    def test_another_price_than_the_previews_begins_nothing(self) -> None:
        form = {**self.carried(REDEEM, self.fill(self.LIST)), "confirm": "1"}
        self.priced.token_prices.update(quantity=3)
        text = self.read_post(REDEEM, form)
        self.assertIn("Nothing was begun. The price has changed.", text)
        self.assertFalse(BulkJob.objects.exists())
        form = {**self.carried(REDEEM, self.fill(self.LIST)), "confirm": "1"}
        self.post(REDEEM, form)
        self.assertEqual(BulkJob.objects.get().tokens, 3)

    def test_changing_leads_back_with_the_rows_to_edit(self) -> None:
        form = {**self.carried(REDEEM, self.fill(self.LIST)), "edit": "1"}
        text = self.read_post(REDEEM, form)
        self.assertIn("nobody@example.com", text)
        self.assertIn('value="Acme"', text)

    def test_pasted_rows_do_as_well(self) -> None:
        text = self.read_post(REDEEM, self.fill(pasted="member0\nmember1"))
        self.assertIn("2 of 2 rows", text)

    def test_mistakes_are_told_at_their_field(self) -> None:
        other = factories.make_type("Silver")
        for data, told in (
            (self.fill(), "Choose a file, or paste rows."),
            (self.fill("member0", pasted="member1"), "Choose a file or paste rows, not both."),
            (self.fill("\n\n"), "Nobody was found in it."),
            (self.fill("member0", account="Nobody Ltd"), "No account has the name"),
            (self.fill("member0", token_type=other.pk), "The account has no tokens of this type."),
            (self.fill("member0", idempotency_key="forged"), "This form is incomplete."),
            (self.fill("\0\0\0"), "This file can&#x27;t be read."),
        ):
            with self.subTest(told):
                self.assertIn(told, self.read_post(REDEEM, data))
        wallet_operations.freeze_account(self.account.pk, actor=self.user, reason="Unpaid")
        text = self.read_post(REDEEM, self.fill("member0"))
        self.assertIn("Nothing was begun. The account is frozen.", text)
        self.assertFalse(BulkJob.objects.exists())

    def test_who_may_not_pay_for_others_one_by_one_begins_nothing(self) -> None:
        self.sign_in("add_bulkjob", "view_bulkjob", "view_redemption")
        self.assertEqual(self.client.get(REDEEM).status_code, 403)
        self.assertEqual(self.client.post(REDEEM, {"confirm": "1"}).status_code, 403)
        self.assertNotIn(REDEEM, self.read(admin_url("bulkjob", "changelist")))

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_nothing_is_begun(self) -> None:
        text = self.read_post(REDEEM, {"pasted": "member0", "confirm": "1"})
        self.assertIn("Token payments are switched off", text)
        self.assertFalse(BulkJob.objects.exists())


class AssigningTest(BulkJobCase):
    def send(self, text: str, **more: Any) -> str:
        file = SimpleUploadedFile("list.csv", text.encode())
        key = self.key(ASSIGN)
        data = {"order": self.order.number, "file": file, "idempotency_key": key, "is_open": ""}
        return self.read_post(ASSIGN, {**data, **more})

    def test_rows_are_looked_at_then_given_their_tokens(self) -> None:
        text = "Ann Lee;ann@example.com\nBob;bob@\nCyd;cyd@example.com\nDan;dan@example.com"
        looked = self.send(text)
        self.assertIn("2 of 4 rows", looked)
        self.assertIn("This is not an e-mail address", looked)
        self.assertIn("No token is left", looked)
        file = SimpleUploadedFile("list.csv", text.encode())
        facts = {"order": self.order.number, "idempotency_key": self.key(ASSIGN), "is_open": "1"}
        form = {**self.carried(ASSIGN, {**facts, "file": file}), "confirm": "1"}
        self.post(ASSIGN, form)
        given = list(CodeAssignment.objects.values_list("name", "email", "is_open"))
        self.assertEqual(
            given, [("Ann Lee", "ann@example.com", True), ("Cyd", "cyd@example.com", True)]
        )

    def test_an_order_that_is_none_or_gives_nothing_is_told(self) -> None:
        self.assertIn("There is no order of Token Codes", self.send("a@b.cd", order="TO-000999"))
        requested = factories.make_order(self.item, buyer=self.buyer)
        told = self.send("ann@example.com", order=requested.number)
        self.assertIn("Nothing was begun.", told)
        self.assertFalse(BulkJob.objects.exists())


@pytest.mark.parametrize("names", [["user", "ann"], ["a;b", "c, d", 'e"f'], ["ann", "user"]])
def test_what_the_preview_carries_on_is_what_it_showed(names: list[str]) -> None:
    assert read_names(_pack(names).encode()) == names
    rows = [Row(n, f"{name} X", f"p{n}@x.org") for n, name in enumerate(names, start=1)]
    rows.append(Row(len(rows) + 1, "", "last@x.org"))
    assert read_file(_pack(rows).encode()) == rows
