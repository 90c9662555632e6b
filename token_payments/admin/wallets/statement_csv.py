"""A wallet's statement as CSV, written as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.db.models import prefetch_related_objects
from django.utils.timezone import localtime
from django.utils.translation import gettext

from token_payments import conf
from token_payments.admin.wallets.lines import describe_entry
from token_payments.hosts import list_name_relations
from token_payments.l10n.dates import last_day
from token_payments.presenters.csv_files import write_csv
from token_payments.wallets import queries as wallet_queries

BATCH = 1000  # lines whose people are looked up at once


def write_statement(lines: Iterator[wallet_queries.StatementLine]) -> Iterator[str]:
    """The file, row by row; memory stays that of one batch. Times are local, in the site's zone.

    What came and what went have columns of their own: a minus sign would make a spreadsheet take
    the number for a formula.
    """
    return write_csv(_list_rows(lines))


def _list_rows(lines: Iterator[wallet_queries.StatementLine]) -> Iterator[list[str]]:
    yield _write_headings()
    people = [*list_name_relations("actor"), *list_name_relations("redemption__learner")]
    while batch := list(islice(lines, BATCH)):
        prefetch_related_objects([line.entry for line in batch], *people)
        for line in batch:
            yield _write_cells(line)


def _write_headings() -> list[str]:
    return [
        gettext("Time"),
        gettext("Time zone"),
        gettext("What"),
        gettext("Tokens in"),
        gettext("Tokens out"),
        gettext("Balance after"),
        gettext("Issue"),
        gettext("Issue expires"),
        gettext("By"),
        gettext("Reason"),
        gettext("Course"),
        gettext("Learner"),
        gettext("E-mail"),
    ]


def _write_cells(line: wallet_queries.StatementLine) -> list[str]:
    entry, zone = line.entry, conf.time_zone()
    described = describe_entry(entry)
    expires_at = entry.issue.expires_at
    return [
        localtime(entry.created_at, zone).strftime("%Y-%m-%d %H:%M:%S"),
        zone.key,
        described.what,
        str(entry.amount) if entry.amount > 0 else "",
        str(-entry.amount) if entry.amount < 0 else "",
        str(line.balance),
        str(entry.issue_id),
        last_day(expires_at).isoformat() if expires_at else "",
        described.actor,
        entry.reason,
        described.course,
        described.learner,
        entry.redemption.learner.email if entry.redemption else "",
    ]
