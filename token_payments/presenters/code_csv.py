"""An order's codes as CSV, written as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.utils.timezone import localtime
from django.utils.translation import gettext

from token_payments import conf
from token_payments.l10n.dates import last_day
from token_payments.orders.models import CodeStatus, TokenCode, TokenOrder
from token_payments.presenters.code_lines import CodeLine, describe_codes, get_checkout_url
from token_payments.presenters.csv_files import write_csv

BATCH = 1000  # codes whose learners are looked up at once


def write_code_list(order: TokenOrder, codes: Iterator[tuple[TokenCode, str]]) -> Iterator[str]:
    """The file, piece by piece as ``codes`` come with their text; memory is that of one batch.

    The link of an available code leads to the checkout with the code filled in.
    """
    return write_csv(_list_rows(order, codes))


def _list_rows(order: TokenOrder, codes: Iterator[tuple[TokenCode, str]]) -> Iterator[list[str]]:
    checkout_url = get_checkout_url(order)
    redeem_by = last_day(order.redeem_by).isoformat() if order.redeem_by else ""
    shared = [str(order.course.title or order.course.item_key), redeem_by]
    yield _write_headings()
    while batch := list(islice(codes, BATCH)):
        written = {code.serial: text for code, text in batch}
        for line in describe_codes(order, [code for code, _ in batch], written):
            yield _write_cells(line, shared, checkout_url)


def _write_headings() -> list[str]:
    return [
        gettext("Number"),
        gettext("Token Code"),
        gettext("Link"),
        gettext("Status"),
        gettext("Course"),
        gettext("Redeem by (%(zone)s)") % {"zone": conf.time_zone().key},
        gettext("Assigned to"),
        gettext("Assigned e-mail"),
        gettext("Learner"),
        gettext("E-mail"),
        gettext("Enrolment status"),
        gettext("Enrolment date"),
    ]


def _write_cells(line: CodeLine, shared: list[str], checkout_url: str) -> list[str]:
    given = line.assignment
    return [
        str(line.serial),
        line.code,
        f"{checkout_url}#code={line.code}" if line.status == CodeStatus.AVAILABLE else "",
        str(CodeStatus(line.status).label),
        *shared,
        given.name if given else "",
        given.email if given else "",
        line.learner,
        line.email,
        line.enrolment,
        _write_date(line.since),
    ]


def _write_date(instant: datetime | None) -> str:
    return localtime(instant, conf.time_zone()).date().isoformat() if instant else ""
