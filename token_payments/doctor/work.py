"""Work for Celery: none of it waits for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils.translation import gettext

from token_payments.doctor.findings import Finding, Severity
from token_payments.l10n.formats import format_number
from token_payments.models import PendingTask

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
