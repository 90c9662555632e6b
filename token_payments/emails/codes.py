"""The plugin's mails: what they say and what is attached. The host sends them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from token_payments import conf
from token_payments.csv_files import write_csv
from token_payments.dates import last_day
from token_payments.hosts import get_host
from token_payments.hosts.base import Attachment, Mail, User
from token_payments.orders.models import CodeStatus, TokenCode, TokenOrder, TokenOrderAction
from token_payments.orders.queries import count_codes, iterate_codes
from token_payments.orders.reveals import log_reveal


def send_codes(
    order: TokenOrder, *, actor: User, now: datetime, recipient: User | None = None
) -> None:
    """Send all available codes of the order: as text up to a limit, and all as CSV.

    To the buyer, or to ``recipient``: whoever calls has made sure that it looks after the order.

    Logged with ``actor``, unless the host's transport fails: then its error is raised, nothing is
    logged, and it may be tried again. Nothing is sent when no code is available (any more).
    """
    host = get_host()
    recipient = recipient or order.buyer
    available = count_codes(order).available
    if not available:
        return
    checkout_url = host.absolute_url(
        reverse("token_payments:checkout", kwargs={"item_key": order.course.item_key})
    )
    listed = conf.codes_in_mail()
    context = {
        "order": order,
        "name": host.get_full_name(recipient),
        "available": available,
        "codes": [code for _, code in islice(_available(order), listed)],
        "not_listed": max(0, available - listed),
        "checkout_url": checkout_url,
        "redeem_by": last_day(order.redeem_by) if order.redeem_by else None,
        "time_zone": conf.time_zone().key,
    }
    mail = Mail(
        subject=_write_subject(order),
        text=render_to_string("token_payments/emails/codes.txt", context),
        html=render_to_string("token_payments/emails/codes.html", context),
        attachments=[
            Attachment(f"{order.number}.csv", _write_csv(order, checkout_url), "text/csv")
        ],
    )
    with transaction.atomic():
        log_reveal(order, TokenOrderAction.CODES_MAILED, actor=actor, now=now, quantity=available)
        host.send(recipient, mail)


def _write_subject(order: TokenOrder) -> str:
    """In one line, which a course's title need not be."""
    subject = gettext("Your tokens for %(course)s (%(number)s)")
    return " ".join((subject % {"course": order.course.title, "number": order.number}).split())


def _available(order: TokenOrder) -> Iterator[tuple[TokenCode, str]]:
    return iterate_codes(order, codes=order.codes.filter(status=CodeStatus.AVAILABLE))


def _write_csv(order: TokenOrder, checkout_url: str) -> bytes:
    headings = [gettext("Token Code"), gettext("Course"), gettext("Link")]
    codes = (code for _, code in _available(order))
    rows = ([code, order.course.title, f"{checkout_url}#code={code}"] for code in codes)
    return "".join(write_csv(chain([headings], rows))).encode()
