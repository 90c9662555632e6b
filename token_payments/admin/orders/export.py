"""All tokens of an order as CSV, written as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext

from token_payments import conf
from token_payments.api import CodeLine, describe_codes
from token_payments.csv_files import write_csv
from token_payments.hosts import get_host
from token_payments.models import CodeStatus, TokenCode, TokenOrder

BATCH = 1000  # tokens whose learners are looked up at once


def write_tokens(order: TokenOrder, codes: Iterator[tuple[TokenCode, str]]) -> Iterator[str]:
    """The file, row by row as ``codes`` come with their text; memory stays that of one batch.

    The link of an available token leads to the checkout with the code filled in.
    """
    return write_csv(_list_rows(order, codes))


def _list_rows(order: TokenOrder, codes: Iterator[tuple[TokenCode, str]]) -> Iterator[list[str]]:
    checkout_url = get_host().absolute_url(
        reverse("token_payments:checkout", kwargs={"item_key": order.course.item_key})
    )
    yield _write_headings()
    while batch := list(islice(codes, BATCH)):
        written = {code.serial: text for code, text in batch}
        for line in describe_codes(order, [code for code, _ in batch], written):
            yield _write_cells(line, checkout_url)


def _write_headings() -> list[str]:
    return [
        gettext("Number"),
        gettext("Token Code"),
        gettext("Status"),
        gettext("Learner"),
        gettext("E-mail"),
        gettext("Enrolment status"),
        gettext("Enrolment date"),
        gettext("Link"),
    ]


def _write_cells(line: CodeLine, checkout_url: str) -> list[str]:
    available = line.status == CodeStatus.AVAILABLE
    return [
        str(line.serial),
        line.code,
        str(CodeStatus(line.status).label),
        line.learner,
        line.email,
        line.enrolment,
        localtime(line.since, conf.time_zone()).date().isoformat() if line.since else "",
        f"{checkout_url}#code={line.code}" if available else "",
    ]
