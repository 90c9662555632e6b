"""The list of an order's available codes: what it says and what is attached."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice

from django.db import transaction
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from token_payments import conf
from token_payments.assignments.cancelling import count_cancellable
from token_payments.assignments.giving import list_unassigned
from token_payments.errors import MailOutcomeUnknown
from token_payments.hosts import host
from token_payments.hosts.base import Attachment, Mail, User
from token_payments.notifications.mails import base
from token_payments.orders.models import TokenCode, TokenOrder, TokenOrderAction
from token_payments.orders.records import iterate_codes
from token_payments.orders.reveals import log_reveal
from token_payments.presenters.csv_files import write_csv

#: Codes that are attached; a mail with more (4 MB and up) is one that servers refuse.
MAX_ATTACHED = 25_000

log = logging.getLogger(__name__)


@base.in_site_language
@sensitive_variables()
def send_codes(
    order: TokenOrder, *, actor: User, now: datetime, recipient: User | None = None
) -> None:
    """Send the available codes that are unassigned: as text up to a limit, and all as CSV.

    To the buyer, or to ``recipient``: the caller has checked that this one looks after the order.

    Logged with ``actor``, unless the host's transport fails: then its error is raised, nothing is
    logged, and it may be tried again. Nothing is sent when there is no such code (any more).
    """
    recipient = recipient or order.buyer
    available = 0 if order.is_for_wallet else count_cancellable(order, now=now).free
    if not available:
        return
    mail = _write(order, recipient, available)
    with transaction.atomic():
        log_reveal(order, TokenOrderAction.CODES_MAILED, actor=actor, now=now, quantity=available)
        try:
            host.send(recipient, mail)
        except MailOutcomeUnknown:
            # they may have been seen, so the log says it
            log.warning("order %s: the mail with its codes may have left or not", order.number)


@sensitive_variables()
def _write(order: TokenOrder, recipient: User, available: int) -> Mail:
    checkout_url = base.absolute("checkout", item_key=order.course.item_key)
    listed = conf.codes_in_mail()
    context = {
        "order": order,
        "what": base.tidy(order.subject),
        "name": base.tidy(host.get_full_name(recipient)),
        "available": available,
        "codes": [code for _, code in islice(_available(order), listed)],
        "not_listed": max(0, available - listed),
        "is_attached": available <= MAX_ATTACHED,
        "tokens_url": base.absolute("order_tokens", order_id=order.pk),
        "checkout_url": checkout_url,
        "redeem_by": order.redeem_by,
    }
    mail = base.write_mail("codes", context)
    if not context["is_attached"]:
        return mail
    attached = Attachment(f"{order.number}.csv", _write_csv(order, checkout_url), "text/csv")
    return replace(mail, attachments=[attached])


def _available(order: TokenOrder) -> Iterator[tuple[TokenCode, str]]:
    return iterate_codes(order, codes=list_unassigned(order))


def _write_csv(order: TokenOrder, checkout_url: str) -> bytes:
    headings = [gettext("Token Code"), gettext("Course"), gettext("Link")]
    codes = (code for _, code in _available(order))
    rows = ([code, order.course.title, f"{checkout_url}#code={code}"] for code in codes)
    return "".join(write_csv(chain([headings], rows))).encode()
