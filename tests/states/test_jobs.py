"""Every operation on a bulk job, and on its rows, in every state."""

from __future__ import annotations

from typing import Any

import ddt
import pytest

from tests import factories
from tests.states.base import COURSE, DAY, NOW, WalkCase, find_targets, list_pairs
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk.states import JOB_TRANSITIONS, ROW_TRANSITIONS
from token_payments.errors import InvalidTransition
from token_payments.models import BulkJob, JobState, RowState


@ddt.ddt
class JobWalk(WalkCase):
    def setUp(self) -> None:
        super().setUp()
        self.buyer.is_superuser = True
        self.buyer.save()
        factories.issue_tokens(self.account, self.gold, 4, now=NOW - DAY)

    @ddt.data(*list_pairs(JobState.values, JOB_TRANSITIONS))
    @ddt.unpack
    def test_a_job(self, state: str, operation: str) -> None:
        job = self.bring(state)
        targets = find_targets(JOB_TRANSITIONS, operation, state)
        if operation == "finish":
            return  # a run's last step: the walk of "begin" ends with it
        if targets:
            self.operate(job, operation)
            job.refresh_from_db()
            # a run doesn't stop before its end
            assert job.state == ("done" if operation == "begin" else targets[0])
        elif operation == "begin":
            self.refuse(lambda: self.operate(job, operation), nothing=[False])
        elif (state, operation) == ("cancelled", "cancel"):
            self.refuse(lambda: self.operate(job, operation), nothing=[job])
        else:
            with pytest.raises(InvalidTransition):
                self.operate(job, operation)
            self.refuse(lambda: self.operate(job, operation))

    @ddt.data(*list_pairs(RowState.values, ROW_TRANSITIONS))
    @ddt.unpack
    def test_a_row(self, state: str, operation: str) -> None:
        """By the operations of its job: only what waits is done, skipped, refused or cancelled."""
        job = self.bring("waiting")
        row = job.rows.first()
        assert row is not None
        if state == "done":
            self.operate(job, "begin")
            row.refresh_from_db()
        else:
            job.rows.filter(pk=row.pk).update(state=state)
        before = (row.redemption_id, state)
        if operation == "cancel":
            BulkJob.objects.update(state="running", ended_at=None)
            self.operate(job, "cancel")
        elif operation == "retry":
            BulkJob.objects.update(state="done", ended_at=NOW)
            self.operate(job, "retry")
        else:
            BulkJob.objects.update(state="running", ended_at=None)
            self.operate(job, "begin")
        row.refresh_from_db()
        if state == "waiting" and operation in ("do", "skip", "fail"):
            assert row.state == "done"  # the others: tests/bulk
            return
        targets = find_targets(ROW_TRANSITIONS, operation, state)
        assert (row.redemption_id, row.state) == (before[0], *(targets or (state,)))

    def bring(self, state: str) -> BulkJob:
        job = bulk_operations.start_redeeming(
            wallet=self.wallet,
            item_key=COURSE,
            tokens=2,
            names=["amara", "nobody"],
            idempotency_key="walk",
            **self.by(),
        )
        if state == "running":
            BulkJob.objects.update(state="running")
        elif state == "done":
            self.operate(job, "begin")
        elif state == "cancelled":
            self.operate(job, "cancel")
        job.refresh_from_db()
        return job

    def operate(self, job: BulkJob, operation: str) -> Any:
        if operation == "begin":
            return bulk_operations.run_job(job.pk, clock=lambda: NOW)
        if operation == "cancel":
            return bulk_operations.cancel_job(job.pk, **self.by())
        return bulk_operations.retry_failed(job.pk, now=NOW)
