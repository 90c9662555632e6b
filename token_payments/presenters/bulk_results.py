"""The results of a job as CSV, written as they are read."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext

from token_payments.bulk.models import BulkJob, BulkRow
from token_payments.bulk.progress import iterate_rows
from token_payments.l10n.dates import write_minute
from token_payments.presenters.csv_files import write_csv
from token_payments.presenters.refusals import describe_reason


def write_results(job: BulkJob) -> Iterator[str]:
    """The file, piece by piece: a line for each row, in their order."""
    return write_csv(_list_lines(job))


def _list_lines(job: BulkJob) -> Iterator[list[str]]:
    yield [
        gettext("Row"),
        gettext("Who"),
        gettext("Name"),
        gettext("Result"),
        gettext("Why not"),
        gettext("Reason, for programs"),
        gettext("Time"),
    ]
    for page in iterate_rows(job):
        for row in page:
            yield _write_line(row)


def _write_line(row: BulkRow) -> list[str]:
    return [
        str(row.number),
        row.entered,
        row.name,
        str(row.get_state_display()),
        describe_reason(row.reason),
        row.reason,
        write_minute(row.tried_at),
    ]
