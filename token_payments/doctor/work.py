"""Work that runs by itself, Celery's and bulk jobs: none of it waits for long, or hangs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext

from token_payments.bulk import queries as bulk_queries
from token_payments.doctor.findings import Finding, Severity
from token_payments.l10n.formats import format_number
from token_payments.models import BulkJob, JobState, PendingTask

UNTAKEN_AFTER = timedelta(hours=1)  # handing over is tried every ten minutes
UNDONE_AFTER = timedelta(hours=6)  # by then it was handed over twice


def list_waiting_work(now: datetime) -> Iterator[Finding]:
    """A broker took it within an hour, and a worker did it within six."""
    untaken = Q(queued_at=None, created_at__lte=now - UNTAKEN_AFTER)
    undone = Q(queued_at__isnull=False, created_at__lte=now - UNDONE_AFTER)
    waiting = PendingTask.objects.filter(untaken | undone).order_by().values("task")
    found = waiting.annotate(
        number=Count("id"), untaken=Count("id", filter=untaken), first=Min("created_at")
    )
    for row in found.order_by("task"):
        yield Finding(
            row["task"],
            gettext(
                "Not done: %(number)s, the first since %(time)s (UTC). Taken by no broker: "
                "%(untaken)s."
            )
            % {
                "number": format_number(row["number"]),
                "time": f"{row['first']:%Y-%m-%d %H:%M}",
                "untaken": format_number(row["untaken"]),
            },
            advice=gettext(
                "See that the broker and the Celery workers run, and that "
                "token_payments_resume_pending runs every ten minutes (docs/scheduled-work.md). "
                "What is older than three days is given up."
            ),
            severity=Severity.NOTE,
        )


STUCK_AFTER = timedelta(hours=1)


def list_stuck_jobs(now: datetime) -> Iterator[Finding]:
    """No job waits for an hour, or has had nothing done for that long."""
    long_ago = now - STUCK_AFTER
    unfinished = BulkJob.objects.filter(
        state__in=(JobState.WAITING, JobState.RUNNING), queued_at__lt=long_ago
    )
    tried = unfinished.annotate(tried=Max("rows__tried_at"))
    stuck = list(tried.filter(Q(tried=None) | Q(tried__lt=long_ago)))
    for job_id, progress in bulk_queries.measure_jobs(stuck).items():
        yield Finding(
            gettext("bulk job %(id)s") % {"id": job_id},
            gettext("Of its %(total)s rows %(waiting)s wait, and none was tried for an hour.")
            % {"total": progress.total, "waiting": progress.waiting},
            advice=gettext(
                "See that the Celery workers and the scheduled tasks run; it goes on by itself "
                "then. Or run it here: token_payments_bulk resume. No row is done twice."
            ),
            severity=Severity.NOTE,
        )
