"""A job that pays for members: each row once, by itself, whatever happens in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import ddt
import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.bulk.base import COURSE, MINUTE, NOW, BulkCase, count_payments, states
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.bulk import running
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import (
    AccountFrozen,
    IdempotencyConflict,
    InvalidTransition,
    JobBusy,
    NotAManager,
    NotOffered,
    TokenPriceChanged,
    TooManyPeople,
)
from token_payments.models import (
    AccountMember,
    AccountRole,
    BulkJob,
    BulkRow,
    JobState,
    Redemption,
    RowState,
    TokenPrice,
)
from token_payments.notifications.table import FOLLOWS
from token_payments.outbox.steps import Step
from token_payments.wallets import operations as wallet_operations

ENROL = "token_payments.hosts.edxapp.EdxappHost.enrol"


class Killed(BaseException):
    """As a process that ends at once: nothing of ours catches it."""


@ddt.ddt
class RedeemingTest(BulkCase):
    def test_members_are_paid_for_and_others_are_told_why_not(self) -> None:
        factories.pay(self.members[1], self.item, self.wallet, now=NOW)
        self.paid.clear()
        job = self.redeem(
            "member0", "MEMBER2@example.com", "nobody", "stranger", "member1", "Member0"
        )
        assert (job.state, job.quantity) == ("waiting", 6)
        self.run_job(job)
        assert states(job) == [
            "done",
            "done",
            "failed: not_a_member",
            "failed: not_a_member",
            "skipped: already_enrolled",
            "skipped: duplicate",
        ]
        assert (job.state, job.ended_at) == ("done", NOW)
        assert count_payments() == {"member0": 1, "member1": 1, "member2": 1}
        made = Redemption.objects.exclude(learner=self.members[1])
        assert set(self.paid) == set(made.values_list("pk", flat=True))
        assert {row.redemption_id for row in job.rows.filter(state="done")} == set(self.paid)
        assert set(made.values_list("actor__username", flat=True)) == {"manager"}

    def test_somebody_named_in_two_ways_is_paid_for_once(self) -> None:
        job = self.run_job(self.redeem("member0", "member0@example.com"))
        assert states(job) == ["done", "skipped: already_enrolled"]
        assert self.available() == 18

    def test_when_tokens_run_out_the_rest_says_so_and_can_be_tried_again(self) -> None:
        wallet_operations.adjust_issue(
            self.wallet.issues.get().pk,
            -17,
            actor=self.manager,
            reason="x",
            idempotency_key="x",
            now=NOW,
        )
        job = self.run_job(self.redeem(*self.names))
        assert states(job) == ["done"] + ["failed: insufficient_tokens"] * 4
        factories.issue_tokens(self.account, self.gold, 20, now=NOW)
        job = bulk_operations.retry_failed(job.pk, now=NOW + MINUTE)
        assert (job.state, job.run, job.ended_at) == ("waiting", 2, None)
        self.run_job(job, clock=lambda: NOW + MINUTE)
        assert states(job) == ["done"] * 5
        assert set(count_payments().values()) == {1}
        assert self.available() == 13

    def test_trying_again_without_a_failed_row_changes_nothing(self) -> None:
        job = self.run_job(self.redeem("member0"))
        assert bulk_operations.retry_failed(job.pk, now=NOW).state == "done"

    def test_a_job_that_isnt_done_isnt_tried_again(self) -> None:
        job = self.redeem("member0")
        with pytest.raises(InvalidTransition):
            bulk_operations.retry_failed(job.pk, now=NOW)

    @ddt.data("before", "after")
    def test_killed_in_the_middle_whoever_comes_next_goes_on(self, when: str) -> None:
        job = self.redeem(*self.names)
        from token_payments.checkout.redeeming import _save_completed

        calls: list[Any] = []

        def die(redemption: Any) -> None:
            calls.append(redemption)
            if when == "after":
                _save_completed(redemption)
            if len(calls) == 3:
                raise Killed

        place = "token_payments.checkout.redeeming._save_completed"
        with mock.patch(place, die), pytest.raises(Killed):
            self.run_job(job)
        waiting = bulk_queries.measure_job(job).waiting
        assert waiting >= 2
        with pytest.raises(JobBusy):  # its lease lasts for a minute
            self.run_job(job)
        self.run_job(job, clock=lambda: NOW + 2 * MINUTE)
        assert states(job) == ["done"] * 5
        assert count_payments() == dict.fromkeys(self.names, 1)
        assert self.available() == 10
        # what was told in the transaction that died was rolled back with it
        assert Redemption.objects.filter(pk__in=self.paid).count() == 5

    def test_a_run_ends_after_its_time_and_the_next_one_goes_on_at_once(self) -> None:
        job = self.redeem(*self.names)
        with mock.patch("token_payments.bulk.redeeming.CHUNK", 2):
            assert bulk_operations.run_job(job.pk, clock=lambda: NOW, run_for=timedelta(0))
            assert bulk_queries.measure_job(job).done == 2
            assert bulk_operations.run_job(job.pk, clock=lambda: NOW, run_for=timedelta(0))
        self.run_job(job)
        assert states(job) == ["done"] * 5

    def test_a_worker_that_lost_its_lease_stops(self) -> None:
        job = self.redeem(*self.names)
        times = iter([NOW, NOW, NOW] + [NOW + MINUTE] * 9)

        def take_over(*_arguments: Any, **_more: Any) -> None:
            BulkJob.objects.filter(pk=job.pk).update(claim=job.uuid)

        with mock.patch.dict(FOLLOWS, {Step.REDEEMED: (take_over,)}):
            assert not bulk_operations.run_job(job.pk, clock=lambda: next(times))
        assert bulk_queries.measure_job(job).done == 1
        assert BulkJob.objects.get().state == "running"

    def test_whether_a_row_is_left_is_asked_in_the_statement_that_ends_the_job(self) -> None:
        """Between two statements somebody could have the failed rows tried again."""
        job = self.redeem("member1")
        BulkJob.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
        for is_left, state in ((True, JobState.RUNNING), (False, JobState.DONE)):
            if not is_left:
                job.rows.update(state=RowState.FAILED)
            with self.assertNumQueries(1):
                running._finish(job.pk, now=NOW)
            job.refresh_from_db()
            assert job.state == state

    def test_cancelled_while_it_runs_what_is_done_stays_and_the_rest_isnt_tried(self) -> None:
        job = self.redeem(*self.names)

        def cancel(_redemption: Redemption) -> None:
            if bulk_queries.measure_job(job).done == 2:
                bulk_operations.cancel_job(job.pk, actor=self.manager, now=NOW)

        with mock.patch.dict(FOLLOWS, {Step.REDEEMED: (cancel,)}):
            self.run_job(job)
        assert states(job) == ["done"] * 2 + ["cancelled"] * 3
        assert (job.state, job.cancelled_by) == ("cancelled", self.manager)
        assert len(count_payments()) == 2
        self.run_job(job)
        assert len(count_payments()) == 2
        with pytest.raises(InvalidTransition):
            bulk_operations.retry_failed(job.pk, now=NOW)

    def test_a_row_that_was_cancelled_while_it_was_paid_for_takes_nothing(self) -> None:
        job = self.redeem("member0", "member1")
        real = factories.checkout_operations.redeem

        def cancel_first(**arguments: Any) -> Any:
            if arguments["learner"] == self.members[0]:
                bulk_operations.cancel_job(job.pk, actor=self.manager, now=NOW)
            return real(**arguments)

        with mock.patch("token_payments.bulk.redeeming.redeem", cancel_first):
            self.run_job(job)
        assert states(job) == ["cancelled", "cancelled"]
        assert count_payments() == {}
        assert self.available() == 20
        assert self.paid == []

    def test_cancelling_again_changes_nothing_and_what_is_done_cant_be(self) -> None:
        job = self.redeem("member0")
        cancelled = bulk_operations.cancel_job(job.pk, actor=self.manager, now=NOW)
        assert (
            bulk_operations.cancel_job(job.pk, actor=self.stranger, now=NOW + MINUTE) == cancelled
        )
        assert BulkJob.objects.get().cancelled_by == self.manager
        done = self.run_job(self.redeem("member1", idempotency_key="other"))
        with pytest.raises(InvalidTransition):
            bulk_operations.cancel_job(done.pk, actor=self.manager, now=NOW)

    def test_a_payment_whose_row_was_not_marked_is_found_by_its_key(self) -> None:
        job = self.redeem("member0")
        self.run_job(job)
        BulkRow.objects.update(state="waiting", redemption=None)
        BulkJob.objects.update(state="running", ended_at=None)
        self.run_job(job)
        assert states(job) == ["done"]
        assert job.rows.get().redemption == Redemption.objects.get()

    def test_a_database_that_is_gone_leaves_the_row_waiting(self) -> None:
        job = self.redeem("member0")
        gone = mock.patch(ENROL, side_effect=OperationalError("gone"))
        with gone, pytest.raises(OperationalError):
            self.run_job(job)
        assert states(job) == ["waiting"]
        self.run_job(job, clock=lambda: NOW + 2 * MINUTE)
        assert states(job) == ["done"]

    def test_what_nobody_foresaw_fails_one_row_and_can_be_tried_again(self) -> None:
        job = self.redeem("member0", "member1")
        with mock.patch(ENROL, side_effect=[RuntimeError("?"), mock.DEFAULT]):
            self.run_job(job)
        assert states(job)[0] == "failed: failed"
        assert job.rows.get(number=1).redemption is None

    def test_who_is_no_manager_any_more_pays_for_nobody(self) -> None:
        job = self.redeem(*self.names)
        AccountMember.objects.filter(user=self.manager).update(role=AccountRole.MEMBER)
        assert states(self.run_job(job)) == ["failed: not_a_manager"] * 5

    def test_whose_account_is_closed_pays_for_nobody(self) -> None:
        job = self.redeem(*self.names)
        self.manager.is_active = False
        self.manager.save()
        assert states(self.run_job(job)) == ["failed: not_a_manager"] * 5
        assert count_payments() == {}

    def test_a_price_that_changed_meanwhile_is_not_paid(self) -> None:
        job = self.redeem(*self.names)
        TokenPrice.objects.update(quantity=3)
        assert set(states(self.run_job(job))) == {"failed: token_price_changed"}

    def test_the_same_key_is_the_same_job(self) -> None:
        job = self.redeem("member0")
        self.run_job(job)
        TokenPrice.objects.update(quantity=3)
        assert self.redeem("member0") == job
        assert BulkRow.objects.count() == 1
        with pytest.raises(IdempotencyConflict):
            self.redeem("member0", "member1")

    def test_what_keeps_everybody_out_is_told_at_once(self) -> None:
        refusals: dict[type[Exception], dict[str, Any]] = {
            NotAManager: {"actor": self.members[0]},
            TokenPriceChanged: {"tokens": 3},
            NotOffered: {"item_key": "course-v1:No+Such+2026"},
            TooManyPeople: {"names": [f"n{number}" for number in range(bulk_queries.MAX_ROWS + 1)]},
            ValueError: {"names": []},
        }
        for error, arguments in refusals.items():
            with pytest.raises(error):
                self.redeem("member0", **arguments)
        wallet_operations.freeze_account(self.account.pk, actor=self.manager, reason="x")
        self.wallet.account.refresh_from_db()
        with pytest.raises(AccountFrozen):
            self.redeem("member0")
        assert not BulkJob.objects.exists()

    def test_a_row_takes_one_statement_more_than_its_payment(self) -> None:
        def pay(number: int) -> None:
            checkout_operations.redeem(
                learner=self.members[number],
                item_key=COURSE,
                method="wallet",
                reference={"wallet": str(self.wallet.pk), "tokens": "2"},
                idempotency_key=f"k{number}",
                now=NOW,
                actor=self.manager,
            )

        pay(0)
        with CaptureQueriesContext(connection) as alone:
            pay(1)
        counts = []
        for names in (self.names[2:3], self.names[3:5]):
            job = self.redeem(*names, idempotency_key=names[0])
            with CaptureQueriesContext(connection) as queries:
                self.run_job(job)
            counts.append(len(queries))
        assert counts[1] - counts[0] <= len(alone) + 1


class PreviewTest(BulkCase):
    def preview(self, *names: str, **arguments: Any) -> bulk_queries.RedeemPreview:
        arguments = {
            "actor": self.manager,
            "wallet": self.wallet,
            "item_key": COURSE,
            "tokens": 2,
            "names": names,
            "now": NOW,
            **arguments,
        }
        return bulk_queries.preview_redeeming(**arguments)

    def test_it_says_of_each_row_what_the_job_then_does(self) -> None:
        factories.pay(self.members[1], self.item, self.wallet, now=NOW)
        names = ["member0", "nobody", "member1", "member0@example.com", "member2", "stranger"]
        preview = self.preview(*names)
        assert [row.reason for row in preview.rows] == [
            "",
            "not_a_member",
            "already_enrolled",
            "duplicate",
            "",
            "not_a_member",
        ]
        assert (preview.payable, preview.cost, preview.available) == (2, 4, 18)
        job = self.run_job(self.redeem(*names))
        done = [state == "done" for state in states(job)]
        assert done == [not row.reason for row in preview.rows]

    def test_whom_the_tokens_or_the_seats_dont_last_for(self) -> None:
        wallet_operations.adjust_issue(
            self.wallet.issues.get().pk,
            -15,
            actor=self.manager,
            reason="x",
            idempotency_key="x",
            now=NOW,
        )
        reasons = [row.reason for row in self.preview(*self.names).rows]
        assert reasons == ["", "", *["insufficient_tokens"] * 3]
        self.item.seats = 1
        self.item.save()
        reasons = [row.reason for row in self.preview(*self.names).rows]
        assert reasons == ["", *["no_seats"] * 4]

    def test_ten_times_the_people_take_no_more_queries(self) -> None:
        with CaptureQueriesContext(connection) as few:
            self.preview("member0")
        with CaptureQueriesContext(connection) as many:
            self.preview(*self.names, *(f"other{number}" for number in range(50)))
        assert len(many) <= len(few)
        assert len(many) < 15
