"""Bulk jobs with several workers at once, cancelled while they run, or killed: each row once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

import pytest
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from tests.enqueued import unheard
from tests.servers.beside import run_beside
from tests.servers.stage import COURSES, Stage, assert_books_agree
from token_payments.assignments import operations as assignment_operations
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.errors import InvalidTransition, JobBusy
from token_payments.models import BulkJob, BulkRow, CodeAssignment, JobState, Redemption, TokenOrder

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

#: As if every worker's lease had run out while it stood still.
NO_LEASE = patch.multiple(
    "token_payments.bulk.leases.JobLease", take=lambda self: None, keep=lambda self: None
)


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.issue(40)
    return stage


@unheard
def begin(stage: Stage, key: str = "job") -> BulkJob:
    return bulk_operations.start_redeeming(
        actor=stage.managers[0],
        wallet=stage.wallet,
        item_key=COURSES[0],
        tokens=1,
        names=[learner.username for learner in stage.learners],
        idempotency_key=key,
        now=timezone.now(),
    )


@unheard
def begin_assigning(order: TokenOrder, people: int) -> BulkJob:
    return bulk_operations.start_assigning(
        actor=order.buyer,
        order_id=order.pk,
        recipients=[
            assignment_operations.Recipient(f"p{number}@example.com") for number in range(people)
        ],
        idempotency_key="job",
        now=timezone.now(),
    )


def work(job: BulkJob, clock: Callable[[], datetime] = timezone.now) -> None:
    while bulk_operations.run_job(job.pk, clock=clock):
        pass


def later() -> datetime:
    """When every lease of now is over."""
    return timezone.now() + timedelta(minutes=2)


def assert_each_paid_once(job: BulkJob, *, of: int) -> None:
    """As many payments as rows that are done, each for another learner; and the tokens agree."""
    done = BulkRow.objects.filter(job=job, state="done")
    paid = list(Redemption.objects.values_list("pk", "learner"))
    assert sorted(done.values_list("redemption", flat=True)) == sorted(pk for pk, _ in paid)
    assert len({learner for _, learner in paid}) == len(paid) == of
    assert_books_agree()


def test_of_four_workers_one_does_the_job(stage: Stage) -> None:
    job = begin(stage)
    outcome = race([partial(work, job)] * 4)
    assert not outcome.errors_other_than(JobBusy)
    assert_each_paid_once(job, of=len(stage.learners))
    assert BulkJob.objects.get().state == JobState.DONE


def test_workers_that_believe_to_be_alone_pay_for_each_member_once(stage: Stage) -> None:
    job = begin(stage)
    BulkJob.objects.update(state="running")
    with NO_LEASE:
        outcome = race([partial(work, job)] * 4)
    assert not outcome.errors
    assert_each_paid_once(job, of=len(stage.learners))
    assert set(BulkRow.objects.values_list("state", "reason")) == {("done", "")}


def test_cancelled_while_two_work_what_is_paid_is_what_is_marked(stage: Stage) -> None:
    job = begin(stage)
    BulkJob.objects.update(state="running")

    def cancel() -> None:
        while BulkRow.objects.filter(state="done").count() < 5:
            time.sleep(0.005)
        bulk_operations.cancel_job(job.pk, actor=stage.managers[1], now=timezone.now())

    with NO_LEASE:
        outcome = race([partial(work, job), partial(work, job), cancel])
    assert not outcome.errors
    progress = bulk_queries.measure_job(job)
    assert progress.done >= 5
    assert progress.cancelled >= 1
    assert progress.done + progress.cancelled == len(stage.learners)
    assert_each_paid_once(job, of=progress.done)
    assert BulkJob.objects.get().state == JobState.CANCELLED


def test_one_request_sent_eight_times_at_once_is_one_job(stage: Stage) -> None:
    outcome = race([partial(begin, stage)] * 8)
    assert not outcome.errors
    assert len(set(outcome.results)) == 1
    assert BulkRow.objects.count() == len(stage.learners)


def test_cancelled_and_tried_again_at_once_it_is_one_or_the_other(stage: Stage) -> None:
    job = begin(stage)
    work(job)
    BulkRow.objects.filter(number=1).update(state="failed", redemption=None)
    again = partial(unheard(bulk_operations.retry_failed), job.pk, now=timezone.now())
    cancel = partial(
        bulk_operations.cancel_job, job.pk, actor=stage.managers[0], now=timezone.now()
    )
    outcome = race([again, cancel, again])
    assert not outcome.errors_other_than(InvalidTransition)
    job.refresh_from_db()
    assert job.run == 2
    assert job.state in (JobState.WAITING, JobState.CANCELLED)
    expected = {"waiting": 1, "cancelled": 0} if job.state == "waiting" else {"cancelled": 1}
    progress = bulk_queries.measure_job(job)
    assert expected.items() <= vars(progress).items()
    Redemption.objects.filter(idempotency_key=f"bulk:{job.uuid.hex}:1").get()


@pytest.mark.parametrize("seconds", [0.0, 0.15, 0.4])
def test_killed_anywhere_the_next_worker_goes_on(stage: Stage, seconds: float) -> None:
    job = begin(stage)
    with run_beside("jobber", job.pk) as (process, line):
        assert line == "begun"
        while not BulkRow.objects.filter(state="done").exists():
            time.sleep(0.002)
        time.sleep(seconds)
        process.kill()
        process.wait()
    done = BulkRow.objects.filter(state="done").count()
    assert done >= 1
    if seconds == 0:
        assert done < len(stage.learners)
        with pytest.raises(JobBusy):
            work(job)
    work(job, later)
    assert_each_paid_once(job, of=len(stage.learners))
    assert BulkJob.objects.get().state == JobState.DONE


def test_two_workers_give_each_address_one_code(stage: Stage) -> None:
    factories.make_course("course-v1:Bulk+CODES+2026", modes={"verified": 149})
    item = factories.make_item("course-v1:Bulk+CODES+2026")
    order = factories.make_processed_order(item, buyer=stage.managers[0], quantity=30)
    job = begin_assigning(order, 40)
    BulkJob.objects.update(state="running")
    with NO_LEASE, patch("token_payments.bulk.assigning.CHUNK", 4):
        outcome = race([partial(work, job)] * 3)
    assert not outcome.errors
    rows = BulkRow.objects.filter(job=job)
    assert rows.filter(state="done").count() == CodeAssignment.objects.count() == 30
    assert CodeAssignment.objects.values("email").distinct().count() == 30
    refused = rows.exclude(state="done").values_list("state", "reason")
    assert set(refused) == {("failed", "no_code_left")}


def test_cancelled_while_codes_are_given_each_row_is_given_or_not(stage: Stage) -> None:
    factories.make_course("course-v1:Bulk+CODES+2026", modes={"verified": 149})
    item = factories.make_item("course-v1:Bulk+CODES+2026")
    order = factories.make_processed_order(item, buyer=stage.managers[0], quantity=60)
    job = begin_assigning(order, 60)

    def cancel() -> None:
        while not BulkRow.objects.filter(state="done").exists():
            time.sleep(0.002)
        bulk_operations.cancel_job(job.pk, actor=order.buyer, now=timezone.now())

    with patch("token_payments.bulk.assigning.CHUNK", 3):
        outcome = race([partial(work, job), cancel])
    assert not outcome.errors
    progress = bulk_queries.measure_job(job)
    assert progress.done + progress.cancelled == 60
    assert progress.done == CodeAssignment.objects.count()
