"""The common part of all mails: made of templates, in the site's language, sent once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from token_payments.errors import MailOutcomeUnknown
from token_payments.hosts import host
from token_payments.hosts.base import Mail, User
from token_payments.notifications.mails.transport import is_final
from token_payments.orders.models import TokenOrder
from token_payments.outbox.notices import (
    claim_notice,
    confirm_notice,
    digest_address,
    release_notice,
)
from token_payments.wallets.models import Wallet

P = ParamSpec("P")
R = TypeVar("R")

MAX_SUBJECT = 200
MAX_NAME = 150  # of a name or title in a mail; more isn't one
MAX_TEXT = 1000
MAX_KEY = 100
NOWHERE = ".invalid"  # by RFC 2606: what the addresses of retired accounts end in
EMPTY_LINES = re.compile(r"\n\s*\n")  # one or more

digest = digest_address

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NoticeMail:
    """A mail about one fact to one address, which leaves once; ``key`` names both.

    After ``wanted_until`` nothing sends it again; None: something may always.
    """

    key: str
    address: str
    mail: Mail
    wanted_until: datetime | None = None


def address_each(
    key: str, addresses: Iterable[str], mail: Mail, wanted_until: datetime | None = None
) -> Iterator[NoticeMail]:
    """The mail to each of these addresses; ``key`` names the fact."""
    for address in addresses:
        yield NoticeMail(f"{key}:{digest(address)}"[:MAX_KEY], address, mail, wanted_until)


def in_site_language(function: Callable[P, R]) -> Callable[P, R]:
    """Have mails in the language of the site, whoever causes them."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override(settings.LANGUAGE_CODE):
            return function(*args, **kwargs)

    return run


@sensitive_variables()
def write_mail(name: str, context: Mapping[str, Any]) -> Mail:
    """The mail that the templates ``<name>.subject.txt``, ``.txt`` and ``.html`` make."""
    path = f"token_payments/emails/{name}"
    values = dict(context)
    return Mail(
        subject=tidy(render_to_string(f"{path}.subject.txt", values), limit=MAX_SUBJECT),
        text=EMPTY_LINES.sub("\n\n", render_to_string(f"{path}.txt", values)).strip() + "\n",
        html=render_to_string(f"{path}.html", values),
    )


def tidy(text: object, *, limit: int = MAX_NAME) -> str:
    """In one line of characters that can be seen, which a name or a title need not be."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def send_notices(notices: Iterable[NoticeMail], *, now: datetime) -> None:
    """Send each notice that was not sent yet; a refused one doesn't keep the others back.

    Raises what the transport raised for the first that may be tried again.
    """
    errors = []
    for notice in notices:
        try:
            send_notice(notice, now=now)
        except Exception as error:  # noqa: BLE001 (raised below)
            errors.append(error)
    if errors:
        raise errors[0]


def send_notice(notice: NoticeMail, *, now: datetime) -> None:
    """Send the notice, unless it was sent. Raises what the transport raises for another try."""
    if not notice.address or notice.address.endswith(NOWHERE):
        log.warning("notice %s: there is no address to send it to", notice.key)
        return
    if not claim_notice(notice.key, now=now, wanted_until=notice.wanted_until):
        return
    try:
        host.send_to(notice.address, notice.mail)
    except MailOutcomeUnknown:
        log.warning("notice %s may have left or not: it isn't sent again", notice.key)
        return
    except Exception as error:
        release_notice(notice.key)
        if not is_final(error):
            raise
        log.warning("notice %s was refused: %s", notice.key, type(error).__name__)
        return
    confirm_notice(notice.key, now=now)


def describe_order(order: TokenOrder, reader: User | None = None) -> dict[str, Any]:
    """The facts of every mail about an order; ``reader`` is greeted by name.

    What people wrote is in one line each, so that it can't be taken for what the site says.
    """
    return {
        "order": order,
        "what": tidy(order.subject),
        "name": tidy(host.get_full_name(reader)) if reader is not None else "",
        "buyer": tidy(host.get_full_name(order.buyer)),
        "account": tidy(order.account or ""),
        "billed_to": tidy(order.billing_name),
        "organisation": tidy(order.account or order.billing_name),
        "purchase_order": tidy(order.purchase_order or ""),
        "note": tidy(order.note, limit=MAX_TEXT),
        "reason": tidy(order.decline_reason, limit=MAX_TEXT),
        "order_url": absolute("order", order_id=order.pk),
    }


def absolute(page: str, **arguments: object) -> str:
    """The whole address of one of the plugin's pages, by its name; or of a path of the host."""
    is_path = page.startswith("/")
    return host.absolute_url(
        page if is_path else reverse(f"token_payments:{page}", kwargs=arguments)
    )


def get_statement_url(wallet: Wallet) -> str:
    return absolute("statement", account_id=wallet.account_id, type_id=wallet.token_type_id)
