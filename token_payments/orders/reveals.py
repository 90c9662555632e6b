"""Giving codes out in full: the order's log names the recipient before they are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from token_payments.hosts.base import User
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import TokenCode, TokenOrder, TokenOrderAction
from token_payments.orders.records import check_key, count_codes, iterate_codes, write_codes
from token_payments.outbox.steps import Step, announce


def reveal_codes(
    order: TokenOrder,
    rows: Sequence[TokenCode],
    *,
    actor: User,
    now: datetime,
    action: TokenOrderAction = TokenOrderAction.CODES_REVEALED,
) -> dict[int, str]:
    """The text of some codes of an order by their serial number, logged as shown to ``actor``.

    ``rows`` are rows of this order. ``action`` is what the order's log calls it: they may be
    for printing. Raises ConfigurationError when the operator's key is gone; nothing is logged then.
    """
    if not rows:
        return {}
    written = write_codes(order, rows)
    log_reveal(order, action, actor=actor, now=now, quantity=len(written))
    return written


def hand_out_codes(
    order: TokenOrder,
    *,
    actor: User,
    now: datetime,
    codes: QuerySet[TokenCode] | None = None,
    action: TokenOrderAction = TokenOrderAction.CODES_DOWNLOADED,
) -> Iterator[tuple[TokenCode, str]]:
    """The codes of an order, each with its text, logged as downloaded (or ``action``) by ``actor``.

    ``codes`` are those of the order to give; None: all but replaced ones. It is logged at once; the
    pairs then come by serial number, in pages, so that memory stays small. Raises
    ConfigurationError, at once as well, when the operator's key is gone; nothing is logged then.
    """
    check_key(order)
    quantity = count_codes(order).total if codes is None else codes.count()
    log_reveal(order, action, actor=actor, now=now, quantity=quantity)
    return iterate_codes(order, codes=codes)


@dataclass(frozen=True)
class CodesMail:
    """A mail with an order's available codes, to its buyer or to a ``recipient``."""

    order_id: int
    actor_id: int
    recipient_id: int | None


def mail_codes(order: TokenOrder, *, actor: User, recipient: User | None = None) -> None:
    """Have the order's available codes mailed to its buyer, or to a ``recipient`` who sees them.

    The order's log has the mail once it was sent.
    """
    wanted = CodesMail(order.pk, actor.pk, None if recipient is None else recipient.pk)
    with transaction.atomic():
        announce(Step.CODES_MAIL_WANTED, wanted)


def log_reveal(
    order: TokenOrder, action: TokenOrderAction, *, actor: User, now: datetime, quantity: int
) -> None:
    """Record that ``actor`` was given codes in full; call it before they are given."""
    add_log_entry(order, action, actor=actor, now=now, quantity=quantity)
