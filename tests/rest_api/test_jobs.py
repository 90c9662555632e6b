"""Many at once: what is answered, how it goes on, and what is said of each row."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from unittest import mock

from django.core import mail
from django.test import TransactionTestCase, override_settings
from django.utils import timezone

from tests import factories
from tests.enqueued import catch_enqueued
from tests.rest_api.base import ApiClient
from token_payments.bulk import queries as bulk_queries
from token_payments.models import BulkJob, BulkRow, CodeAssignment, PendingTask, Redemption
from token_payments.outbox.dispatch import resume_pending

COURSE = "course-v1:Api+BULK+2026"
PAY = "/redemptions/bulk/"


class JobsCase(TransactionTestCase):
    """With real commits: workers begin after them, and here they are done at once."""

    def setUp(self) -> None:
        gold = factories.make_type()
        item = factories.make_shop(COURSE, methods=["wallet", "token_code"], token_prices={gold: 2})
        self.names = [f"member{number}" for number in range(4)]
        members = [factories.make_user(name) for name in self.names]
        self.manager = factories.make_user("manager")
        self.account = factories.make_account(managers=[self.manager], members=members)
        self.issue = factories.issue_tokens(self.account, gold, 5)
        self.wallet = factories.find_wallet(self.account, gold)
        self.order = factories.make_processed_order(item, buyer=self.manager, quantity=2)
        self.client_ = ApiClient(self.manager)

    def pay(self, *names: str, **more: Any) -> Any:
        body = {"item_key": COURSE, "wallet": self.wallet.pk, "tokens": 2, "members": list(names)}
        return self.client_.post(PAY, body, **more)

    def list_rows(self, job: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        answer = self.client_.get(f"/jobs/{job['id']}/rows/", **query).json()
        while True:
            rows += answer["results"]
            if not answer["next"]:
                return rows
            answer = self.client_.get(answer["next"]).json()

    def read(self, job: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.client_.get(f"/jobs/{job['id']}/").json()
        return found


class RedeemingTest(JobsCase):
    def test_it_is_accepted_and_then_done(self) -> None:
        answer = self.pay("member0", "nobody", "member1@example.com", "member2", "MEMBER0")
        self.assertEqual(answer.status_code, 202)
        job = answer.json()
        self.assertEqual((job["state"], job["rows"]["total"]), ("waiting", 5))
        self.assertTrue(answer["Location"].endswith(f"/api/v1/jobs/{job['id']}/"))

        job = self.client_.client.get(answer["Location"]).json()
        self.assertEqual((job["state"], job["account"]), ("done", self.account.pk))
        wanted = {"total": 5, "waiting": 0, "done": 2, "skipped": 1, "failed": 2, "cancelled": 0}
        self.assertEqual(job["rows"], wanted)
        rows = self.list_rows(job, page_size=2)
        self.assertEqual(
            [(row["number"], row["state"], row["reason"]) for row in rows],
            [
                (1, "done", ""),
                (2, "failed", "not_a_member"),
                (3, "done", ""),
                (4, "failed", "insufficient_tokens"),
                (5, "skipped", "duplicate"),
            ],
        )
        made = {str(each) for each in Redemption.objects.values_list("uuid", flat=True)}
        self.assertEqual({row["redemption"] for row in rows} - {None}, made)
        failed = self.list_rows(job, state="failed")
        self.assertEqual([row["entered"] for row in failed], ["nobody", "member2"])
        self.assertEqual(len(self.list_rows(job, reason="not_a_member")), 1)

        receipts = sorted(one.to[0] for one in mail.outbox)
        self.assertEqual(receipts, ["member0@example.com", "member1@example.com"])

    def test_failed_rows_are_tried_again_after_topping_up(self) -> None:
        job = self.pay(*self.names).json()
        self.assertEqual(self.read(job)["rows"]["failed"], 2)
        factories.issue_tokens(self.account, self.issue.wallet.token_type, 10)
        answer = self.client_.post(f"/jobs/{job['id']}/retry/")
        self.assertEqual(answer.status_code, 202)
        job = self.read(job)
        self.assertEqual((job["rows"]["done"], job["run"], job["state"]), (4, 2, "done"))
        self.assertEqual(Redemption.objects.count(), 4)

    def test_the_same_key_is_the_same_job(self) -> None:
        first = self.pay("member0", key="k")
        again = self.pay("member0", key="k")
        self.assertEqual((again.status_code, again.json()), (202, first.json()))
        self.assertEqual(again["Location"], first["Location"])
        self.assertEqual(again["Idempotent-Replayed"], "true")
        self.assertEqual(self.pay("member1", key="k").status_code, 422)
        self.assertEqual(BulkJob.objects.count(), 1)

    def test_without_a_broker_it_waits_and_goes_on_by_itself(self) -> None:
        task = "token_payments.tasks.work.run_bulk_job.delay"
        with mock.patch(task, side_effect=OSError("no broker")):
            job = self.pay("member0").json()
        self.assertEqual(self.read(job)["state"], "waiting")
        self.assertEqual(PendingTask.objects.count(), 1)
        resume_pending(now=timezone.now() + timedelta(minutes=3))
        self.assertEqual(self.read(job)["state"], "done")
        self.assertFalse(PendingTask.objects.exists())

    def test_cancelled_before_it_began_nothing_is_tried(self) -> None:
        with catch_enqueued("run_bulk_job"):
            job = self.pay(*self.names).json()
        answer = self.client_.post(f"/jobs/{job['id']}/cancel/").json()
        self.assertEqual((answer["state"], answer["cancelled_by"]), ("cancelled", "manager"))
        self.assertEqual(answer["rows"]["cancelled"], 4)
        again = self.client_.post(f"/jobs/{job['id']}/retry/")
        self.assertEqual((again.status_code, again.json()["code"]), (409, "invalid_transition"))
        self.assertFalse(Redemption.objects.exists())

    def test_too_many_rows_or_bytes_are_refused(self) -> None:
        answer = self.pay(*(f"n{number}" for number in range(bulk_queries.MAX_ROWS + 1)))
        self.assertEqual(answer.status_code, 400)
        self.assertIn("members", answer.json()["errors"])
        answer = self.pay("x" * 5_000_000)
        self.assertEqual((answer.status_code, answer.json()["code"]), (413, "body_too_large"))
        self.assertEqual(self.pay().status_code, 400)
        self.assertFalse(BulkJob.objects.exists())

    def test_what_keeps_everybody_out_is_a_problem_and_no_job(self) -> None:
        body = {"item_key": COURSE, "wallet": self.wallet.pk, "tokens": 3, "members": ["member0"]}
        answer = self.client_.post(PAY, body)
        self.assertEqual((answer.status_code, answer.json()["code"]), (409, "token_price_changed"))
        self.assertFalse(BulkJob.objects.exists())

    @override_settings(TOKEN_PAYMENTS={"API_JOBS_PER_USER": "1/h", "CODE_KEYS": {"test": "k" * 32}})
    def test_jobs_have_a_throttle_of_their_own(self) -> None:
        self.assertEqual(self.pay("member0").status_code, 202)
        answer = self.pay("member1")
        self.assertEqual(answer.status_code, 429)
        self.assertGreater(int(answer["Retry-After"]), 0)
        self.assertEqual(BulkJob.objects.count(), 1)

    def test_lists_hold_ones_own_jobs_and_take_the_same_statements_for_many(self) -> None:
        job = self.pay("member0").json()
        stranger = ApiClient(factories.make_user("stranger"))
        self.assertEqual(stranger.get("/jobs/").json()["results"], [])
        self.assertEqual(stranger.get(f"/jobs/{job['id']}/").status_code, 404)
        self.assertEqual(stranger.get(f"/jobs/{job['id']}/rows/").status_code, 404)
        self.assertEqual(stranger.post(f"/jobs/{job['id']}/cancel/").status_code, 404)
        with self.assertNumQueries(COUNT):
            self.client_.get("/jobs/")
        for name in self.names[1:]:
            self.pay(name)
        with self.assertNumQueries(COUNT):
            found = self.client_.get("/jobs/").json()["results"]
        self.assertEqual(len(found), 4)
        self.assertEqual(len(self.client_.get("/jobs/", state="waiting").json()["results"]), 0)


COUNT = 8  # site, session, user, two for what the user may, the jobs by key and by row, their rows


class AssigningTest(JobsCase):
    def give(self, *addresses: str, **more: Any) -> Any:
        body = {"recipients": [{"email": each, "name": "Ann"} for each in addresses], **more}
        return self.client_.post(f"/orders/{self.order.pk}/assignments/bulk/", body)

    def test_rows_are_refused_by_themselves_and_the_others_are_mailed(self) -> None:
        answer = self.give("ann@example.com", "no address", "bob@example.com", "cyd@example.com")
        self.assertEqual(answer.status_code, 202)
        job = self.read(answer.json())
        self.assertEqual(
            (job["kind"], job["state"], job["order"]), ("assign", "done", self.order.pk)
        )
        rows = self.list_rows(job)
        self.assertEqual(
            [(row["state"], row["reason"]) for row in rows],
            [("done", ""), ("failed", "bad_address"), ("done", ""), ("failed", "no_code_left")],
        )
        given = set(CodeAssignment.objects.values_list("pk", flat=True))
        self.assertEqual({row["assignment"] for row in rows} - {None}, given)
        sent = sorted(one.to[0] for one in mail.outbox)
        self.assertEqual(sent, ["ann@example.com", "bob@example.com"])

    def test_five_thousand_are_one_request(self) -> None:
        with catch_enqueued("run_bulk_job"):
            answer = self.give(*(f"p{number}@example.com" for number in range(5000)))
        self.assertEqual(answer.status_code, 202)
        self.assertEqual(BulkRow.objects.count(), 5000)
        self.assertLess(len(json.dumps(answer.json())), 1000)

    def test_an_order_that_gives_nothing_makes_no_job(self) -> None:
        requested = factories.make_order(self.order.course, buyer=self.manager)
        path = f"/orders/{requested.pk}/assignments/bulk/"
        answer = self.client_.post(path, {"recipients": [{"email": "ann@example.com"}]})
        self.assertEqual((answer.status_code, answer.json()["code"]), (409, "invalid_transition"))
        self.assertFalse(BulkJob.objects.exists())
