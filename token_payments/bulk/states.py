"""The life cycles of a job and of its rows, as tables: operation, from where, to where."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from token_payments.bulk.models import BulkJob, BulkRow, JobState, RowState

JOB_TRANSITIONS: dict[str, dict[str, str]] = {
    "begin": {
        JobState.WAITING: JobState.RUNNING,
        # again, by the next worker after one that died
        JobState.RUNNING: JobState.RUNNING,
    },
    "finish": {JobState.RUNNING: JobState.DONE},
    "cancel": {JobState.WAITING: JobState.CANCELLED, JobState.RUNNING: JobState.CANCELLED},
    "retry": {JobState.DONE: JobState.WAITING},
}

ROW_TRANSITIONS: dict[str, dict[str, str]] = {
    "do": {RowState.WAITING: RowState.DONE},
    "skip": {RowState.WAITING: RowState.SKIPPED},
    "fail": {RowState.WAITING: RowState.FAILED},
    "cancel": {RowState.WAITING: RowState.CANCELLED},
    "retry": {RowState.FAILED: RowState.WAITING},
}


def advance_jobs(jobs: QuerySet[BulkJob], operation: str, **changes: Any) -> int:
    """Take those of the jobs that can along the operation's steps; returns how many could."""
    changed = 0
    for origin, target in reversed(JOB_TRANSITIONS[operation].items()):  # none twice
        changed += jobs.filter(state=origin).update(state=target, **changes)
    return changed


def advance_rows(rows: QuerySet[BulkRow], operation: str, **changes: Any) -> int:
    """The same for rows: of two that want one, one gets it."""
    ((origin, target),) = ROW_TRANSITIONS[operation].items()
    return rows.filter(state=origin).update(state=target, **changes)
