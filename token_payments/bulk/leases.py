"""The right to work on a job, which ends by itself when its worker dies."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from token_payments.bulk.models import BulkJob
from token_payments.bulk.states import advance_jobs
from token_payments.errors import JobBusy
from token_payments.outbox.leases import Lease

LENGTH = timedelta(seconds=60)
LEASE = Lease("claimed_until", LENGTH, holder="claim", holds_end=True)

Clock = Callable[[], datetime]


class LeaseLost(Exception):
    """Somebody else has taken the job over, or there is nothing left to do."""


class JobLease:
    """One worker's lease of a job; ``taken`` is when it began."""

    def __init__(self, job_id: int, clock: Clock) -> None:
        self.job_id, self.clock = job_id, clock
        self.token = uuid.uuid4()
        self.taken = self.renewed = clock()

    def take(self) -> None:
        """Raises JobBusy while somebody else has it."""
        jobs = BulkJob.objects.filter(LEASE.is_free(self.taken), pk=self.job_id)
        if not advance_jobs(jobs, "begin", **LEASE.marks(self.taken, holder=self.token)):
            raise JobBusy

    def keep(self) -> None:
        """Prolong it, if that is due. Raises LeaseLost."""
        now = self.clock()
        if now - self.renewed < LENGTH / 4:
            return
        if not self._list_mine().update(**LEASE.marks(now, holder=self.token)):
            raise LeaseLost
        self.renewed = now

    def give_back(self) -> None:
        """End the lease, so that the next worker may go on at once."""
        self._list_mine().update(claim=None, claimed_until=self.clock())

    def _list_mine(self) -> QuerySet[BulkJob]:
        return BulkJob.objects.filter(pk=self.job_id, claim=self.token)
