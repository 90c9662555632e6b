"""Giving codes out in full: whoever gets them stands in the order's log before they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from token_payments.hosts.base import User
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import TokenCode, TokenOrder, TokenOrderAction
from token_payments.orders.queries import check_key, count_codes, iterate_codes, write_codes


def reveal_codes(
    order: TokenOrder, rows: Sequence[TokenCode], *, actor: User, now: datetime
) -> dict[int, str]:
    """The codes of some rows of the order, by serial, logged as shown to ``actor``.

    Raises ConfigurationError when the operator's key is gone; nothing is logged then.
    """
    if not rows:
        return {}
    written = write_codes(order, rows)
    log_reveal(order, TokenOrderAction.CODES_REVEALED, actor=actor, now=now, quantity=len(written))
    return written


def hand_out_codes(
    order: TokenOrder, *, actor: User, now: datetime
) -> Iterator[tuple[TokenCode, str]]:
    """Every code of the order with its text, logged as downloaded by ``actor``.

    Logged at once; the codes then come in pages (``iterate_codes``). Raises ConfigurationError, at
    once as well, when the operator's key is gone; nothing is logged then.
    """
    check_key(order)
    log_reveal(
        order,
        TokenOrderAction.CODES_DOWNLOADED,
        actor=actor,
        now=now,
        quantity=count_codes(order).total,
    )
    return iterate_codes(order)


def log_reveal(
    order: TokenOrder, action: TokenOrderAction, *, actor: User, now: datetime, quantity: int
) -> None:
    """Record that ``actor`` was given codes in full; call it before they are given."""
    add_log_entry(order, action, actor=actor, now=now, quantity=quantity)
