"""Doing a job's rows, in chunks, by one worker at a time.

The lease only saves work: what keeps a row from being done twice is that it is marked in the
transaction that does it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from token_payments.bulk.assigning import assign_chunk
from token_payments.bulk.leases import Clock, JobLease, LeaseLost
from token_payments.bulk.models import BulkJob, BulkRow, JobKind, RowState
from token_payments.bulk.redeeming import redeem_chunk
from token_payments.bulk.states import JOB_TRANSITIONS, advance_jobs

RUN_FOR = timedelta(seconds=30)  # of one run: a worker that is stopped waits for its end

log = logging.getLogger(__name__)


def run_job(job_id: int, *, clock: Clock, run_for: timedelta = RUN_FOR) -> bool:
    """Do what waits of the job, for about ``run_for``; whether there is more to do.

    A worker may die at any point, and another one goes on. Raises JobBusy while another one is at
    it. Must not run inside a transaction: what is done for one row has to stay.
    """
    job = BulkJob.objects.get(pk=job_id)
    if job.state not in JOB_TRANSITIONS["begin"]:
        return False
    lease = JobLease(job_id, clock)
    lease.take()
    try:
        while _do_chunk(job, lease):
            if clock() - lease.taken >= run_for:
                lease.give_back()
                return True
    except LeaseLost:
        log.info("job %s: somebody else goes on with it", job_id)
        return False
    _finish(job_id, now=clock())
    return False


def _do_chunk(job: BulkJob, lease: JobLease) -> bool:
    """Whether there was anything to do."""
    lease.keep()
    if job.kind == JobKind.ASSIGN:
        return assign_chunk(job, now=lease.clock())
    return redeem_chunk(job, lease)


def _finish(job_id: int, *, now: datetime) -> None:
    """Unless a row is left: somebody else may be at it whose lease ran out."""
    waiting = BulkRow.objects.filter(job=OuterRef("pk"), state=RowState.WAITING)
    # in one statement: the failed rows may begin anew at any time
    jobs = BulkJob.objects.filter(~Exists(waiting), pk=job_id)
    advance_jobs(jobs, "finish", ended_at=now, claim=None, claimed_until=now)
