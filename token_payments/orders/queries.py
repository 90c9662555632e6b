"""Reading orders and codes. Writing a code out in full is logged with the reader (``reveal``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, QuerySet

from token_payments.errors import CodeMistyped
from token_payments.hosts.base import User
from token_payments.orders import codes
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import TokenCode, TokenOrder, TokenOrderAction

ORDER_NUMBER = re.compile(r"(?:TO-)?([0-9]{1,18})")  # TO-000042, 000042 or 42
PAGE = 2000  # rows that a listing of all codes holds in memory at once


@dataclass(frozen=True)
class CodeCounts:
    """How many of an order's codes are in which state."""

    available: int = 0
    redeemed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        return self.available + self.redeemed + self.cancelled


def count_codes(order: TokenOrder) -> CodeCounts:
    rows = order.codes.order_by().values_list("status").annotate(Count("id"))
    return CodeCounts(**dict(rows))


def suggest_refund(order: TokenOrder, quantity: int) -> Decimal | None:
    """What so many codes cost; None when the order has no price."""
    return None if order.unit_price is None else order.unit_price * quantity


def find_code(text: str) -> TokenCode | None:
    """The code that a person typed, with its order and item; None when there is none.

    Raises CodeMistyped for what can't be a code: that takes no look-up.
    """
    return find_code_by_hash(codes.hash_with_all_keys(codes.normalise(text)))


def find_code_by_hash(hashes: Sequence[str]) -> TokenCode | None:
    stored = TokenCode.objects.select_related("order").filter(code_hash__in=hashes)
    return stored.first()


def search_orders(orders: QuerySet[TokenOrder], text: str) -> QuerySet[TokenOrder] | None:
    """The orders that a whole code or an order number means; None when ``text`` is neither."""
    try:
        code = find_code(text)
    except CodeMistyped:
        number = ORDER_NUMBER.fullmatch(text.strip().upper())
        return orders.filter(pk=int(number[1])) if number else None
    return orders.filter(pk=code.order_id) if code else orders.none()


def write_codes(order: TokenOrder, rows: Sequence[TokenCode]) -> dict[int, str]:
    """The codes of some rows of the order, by serial, as people write them.

    Raises ConfigurationError when the operator's key is gone.
    """
    serials = [row.serial for row in rows]
    derived = codes.derive_codes(key_name=order.code_key, order=order.uuid, serials=serials)
    return dict(zip(serials, map(codes.write, derived), strict=True))


def iterate_codes(
    order: TokenOrder, *, status: str | None = None
) -> Iterator[tuple[TokenCode, str]]:
    """Every code of the order with its text, by serial, in pages: memory stays that of one page."""
    last = 0
    while True:
        rows = order.codes.filter(serial__gt=last).order_by("serial")
        page = list((rows.filter(status=status) if status else rows)[:PAGE])
        if not page:
            return
        written = write_codes(order, page)
        for row in page:
            yield row, written[row.serial]
        last = page[-1].serial


def log_reveal(
    order: TokenOrder, action: TokenOrderAction, *, actor: User, now: datetime, quantity: int
) -> None:
    """Record that ``actor`` was given codes in full; call it before they are given."""
    add_log_entry(order, action, actor=actor, now=now, quantity=quantity)
