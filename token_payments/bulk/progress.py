"""Jobs and their progress: a person's own, their counts, and those that stand still."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from token_payments.assignments.access import list_orders_of, may_distribute
from token_payments.bulk.models import BulkJob, BulkRow, JobKind, JobState, RowState
from token_payments.checkout.payment_methods.wallet import may_pay_for_others
from token_payments.hosts.base import User
from token_payments.wallets.balances import list_accounts
from token_payments.wallets.models import AccountRole

#: A job that no worker has touched for so long was lost with its worker, or with the broker.
STALLED_AFTER = timedelta(minutes=5)
PAGE = 500  # rows that a listing of all holds in memory at once


@dataclass(frozen=True)
class Progress:
    """How many rows of a job are where."""

    waiting: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.tried + self.cancelled

    @property
    def tried(self) -> int:
        return self.done + self.skipped + self.failed


def list_jobs_of(user: User) -> QuerySet[BulkJob]:
    """The jobs that the user began, and those of accounts and orders that are the user's business.

    As for single payments and assignments: for wallets the managers of the account, for codes
    whoever looks after the order.
    """
    managed = list_accounts(user, role=AccountRole.MANAGER).order_by().values("pk")
    orders = list_orders_of(user).order_by().values("pk")
    return BulkJob.objects.filter(
        Q(actor=user) | Q(wallet__account__in=managed) | Q(order__in=orders)
    )


def may_manage_job(user: User, job: BulkJob) -> bool:
    """Whether the user may do what the job does, and so cancel it, or have it tried again."""
    if job.kind == JobKind.REDEEM:
        assert job.wallet is not None
        return may_pay_for_others(job.wallet, user)
    assert job.order is not None
    return may_distribute(user, job.order)


def measure_job(job: BulkJob) -> Progress:
    return measure_jobs([job])[job.pk]


def measure_jobs(jobs: Iterable[BulkJob]) -> dict[int, Progress]:
    """By the jobs' ids, in one query."""
    ids = [job.pk for job in jobs]
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = BulkRow.objects.filter(job__in=ids).order_by().values("job", "state")
    for job_id, state, number in rows.annotate(n=Count("pk")).values_list("job", "state", "n"):
        counts[job_id][state] = number
    return {job_id: Progress(**counts[job_id]) for job_id in ids}


def count_reasons(job: BulkJob) -> list[tuple[str, str, int]]:
    """(state, reason, how many) of the rows for which nothing was done, the most frequent first."""
    rows = BulkRow.objects.filter(job=job, state__in=(RowState.FAILED, RowState.SKIPPED))
    counted = rows.order_by().values("state", "reason").annotate(n=Count("pk"))
    return list(counted.order_by("-n", "reason").values_list("state", "reason", "n"))


def iterate_rows(job: BulkJob) -> Iterator[Sequence[BulkRow]]:
    """All rows in pages, with what came of them: memory stays that of one page."""
    rows = BulkRow.objects.filter(job=job).select_related("redemption", "assignment__code")
    last = 0
    while page := list(rows.filter(number__gt=last).order_by("number")[:PAGE]):
        yield page
        last = page[-1].number


def list_stalled(*, now: datetime, limit: int) -> list[int]:
    """The ids of jobs that have something to do, and that no worker seems to be at."""
    unfinished = BulkJob.objects.filter(state__in=(JobState.WAITING, JobState.RUNNING))
    stalled = unfinished.filter(claimed_until__lte=now - STALLED_AFTER)
    return list(stalled.order_by("claimed_until").values_list("pk", flat=True)[:limit])
