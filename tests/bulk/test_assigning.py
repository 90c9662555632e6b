"""A job that assigns an order's codes: row by row the rules of lists, and each row once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from tests import factories
from tests.bulk.base import MINUTE, NOW, BulkCase, states
from token_payments.assignments import operations as assignment_operations
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.errors import (
    IdempotencyConflict,
    InvalidTransition,
    NotADistributor,
    TooManyPeople,
)
from token_payments.models import BulkJob, CodeAssignment
from token_payments.notifications.table import FOLLOWS
from token_payments.orders import operations as order_operations
from token_payments.outbox.steps import Step
from token_payments.privacy.scrubbing import scrub
from token_payments.privacy.subject import REMOVED, identify, list_job_rows

ADDRESSES = [f"p{number}@example.com" for number in range(4)]


def list_given() -> list[str]:
    return list(CodeAssignment.objects.order_by("pk").values_list("email", flat=True))


class AssigningTest(BulkCase):
    def test_each_row_gets_a_code_or_the_reason_why_not(self) -> None:
        assignment_operations.assign_codes(
            self.order.pk,
            [assignment_operations.Recipient("has@example.com")],
            actor=self.manager,
            idempotency_key="1",
            now=NOW,
        )
        self.assigned.clear()
        job = self.run_job(
            self.assign("Ann@Example.com", "not an address", "has@example.com", "ANN@example.com")
        )
        assert states(job) == [
            "done",
            "failed: bad_address",
            "skipped: assigned",
            "skipped: duplicate",
        ]
        assert list_given() == ["has@example.com", "ann@example.com"]
        assert job.rows.get(number=1).assignment == CodeAssignment.objects.last()
        assert self.assigned == [self.order.pk]
        assert job.state == "done"

    def test_names_and_who_may_use_the_codes_are_kept(self) -> None:
        ann = assignment_operations.Recipient("ann@example.com", "Ann Lee")
        self.run_job(self.assign(recipients=[ann], is_open=True))
        given = CodeAssignment.objects.get()
        assert (given.name, given.is_open) == ("Ann Lee", True)

    def test_a_person_who_goes_is_found_however_the_address_was_written(self) -> None:
        named = [
            assignment_operations.Recipient("<Ann@Example.com>", "Annie"),
            assignment_operations.Recipient("b@x.org", "Bo"),
        ]
        job = self.assign(
            recipients=[*named, assignment_operations.Recipient("mailto:ann@example.com;", "Nan")]
        )
        self.run_job(job)
        assert states(job) == ["done", "done", "skipped: duplicate"]
        subject = identify(None, addresses=["ann@example.com"])
        assert [row.number for row in list_job_rows(subject)] == [1, 3]
        scrub(subject, now=NOW)
        kept = list(job.rows.values_list("entered", "name"))
        assert kept == [(REMOVED, ""), ("b@x.org", "Bo"), (REMOVED, "")]

    def test_whom_no_code_is_left_for_can_be_tried_again(self) -> None:
        job = self.run_job(self.assign(*ADDRESSES, "p4@example.com"))
        assert states(job) == ["done"] * 4 + ["failed: no_code_left"]
        free = CodeAssignment.objects.first()
        assert free is not None
        assignment_operations.revoke(free.pk, actor=self.manager, now=NOW)
        self.run_job(bulk_operations.retry_failed(job.pk, now=NOW))
        assert states(job) == ["done"] * 5

    def test_killed_between_and_in_chunks_each_row_is_done_once(self) -> None:
        job = self.assign(*ADDRESSES)
        with mock.patch("token_payments.bulk.assigning.CHUNK", 2):
            assert bulk_operations.run_job(job.pk, clock=lambda: NOW, run_for=timedelta(0))
            assert len(list_given()) == 2

            def die(_order_id: int) -> None:
                raise KeyboardInterrupt

            dying = mock.patch.dict(FOLLOWS, {Step.MAILS_WAIT: (die,)})
            with dying, pytest.raises(KeyboardInterrupt):
                self.run_job(job)
            assert len(list_given()) == 2
            self.run_job(job, clock=lambda: NOW + 2 * MINUTE)
        assert states(job) == ["done"] * 4
        assert list_given() == ADDRESSES

    def test_cancelled_what_is_done_stays(self) -> None:
        job = self.assign(*ADDRESSES)
        with mock.patch("token_payments.bulk.assigning.CHUNK", 2):
            assert bulk_operations.run_job(job.pk, clock=lambda: NOW, run_for=timedelta(0))
            bulk_operations.cancel_job(job.pk, actor=self.manager, now=NOW)
            self.run_job(job)
        assert states(job) == ["done", "done", "cancelled", "cancelled"]
        assert list_given() == ADDRESSES[:2]

    def test_an_order_that_was_cancelled_meanwhile_gives_nothing(self) -> None:
        job = self.assign(*ADDRESSES)
        order_operations.cancel_order(
            self.order.pk, actor=self.manager, reason="", refund_amount=0, now=NOW
        )
        assert set(states(self.run_job(job))) == {"failed: cancelled"}

    def test_who_looks_after_the_order_no_more_gives_nothing(self) -> None:
        helper = factories.make_user("helper")
        assignment_operations.add_delegate(self.order, helper, actor=self.manager, now=NOW)
        job = self.assign(*ADDRESSES, actor=helper)
        assignment_operations.remove_delegate(self.order, helper, actor=self.manager, now=NOW)
        assert set(states(self.run_job(job))) == {"failed: not_a_distributor"}
        assert list_given() == []

    def test_what_keeps_everybody_out_is_told_at_once(self) -> None:
        requested = factories.make_order(self.item, buyer=self.manager)
        refusals: dict[type[Exception], dict[str, Any]] = {
            NotADistributor: {"actor": self.stranger},
            InvalidTransition: {"order_id": requested.pk},
            TooManyPeople: {
                "recipients": [assignment_operations.Recipient("a@b.cd")]
                * (bulk_queries.MAX_ROWS + 1)
            },
            ValueError: {"recipients": []},
        }
        for error, arguments in refusals.items():
            with pytest.raises(error):
                self.assign("ann@example.com", **arguments)
        assert not BulkJob.objects.exists()

    def test_the_same_key_is_the_same_job(self) -> None:
        job = self.assign("ann@example.com")
        assert self.assign("ann@example.com") == job
        with pytest.raises(IdempotencyConflict):
            self.assign("ann@example.com", is_open=True)
