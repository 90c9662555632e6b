"""Bulk jobs: none that hangs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils.translation import gettext

from token_payments.bulk import queries as bulk_queries
from token_payments.doctor.findings import Finding, Severity
from token_payments.models import BulkJob, JobState

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
