"""Reading orders and codes. Codes are given out in full through ``reveals.py`` alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from token_payments.errors import CodeMistyped, ConfigurationError
from token_payments.hosts.base import User
from token_payments.orders import codes
from token_payments.orders.models import (
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderCancellation,
)
from token_payments.orders.wallet_tokens import count_tokens

ORDER_NUMBER = re.compile(r"(?:TO-)?([0-9]{1,18})")  # TO-000042, 000042 or 42
PAGE = 2000  # rows that a listing of all codes holds in memory at once


@dataclass(frozen=True)
class OrderCounts:
    """The numbers of an order's codes, or of its wallet tokens, in each state.

    Only wallet tokens expire, or are transferred away; codes stay available past their redeem-by,
    unusable.
    """

    available: int = 0
    redeemed: int = 0
    cancelled: int = 0
    expired: int = 0
    transferred: int = 0

    @property
    def total(self) -> int:
        left = self.expired + self.transferred
        return self.available + self.redeemed + self.cancelled + left


def count_order(order: TokenOrder, *, now: datetime) -> OrderCounts:
    """Count an order's codes or wallet tokens by their state at ``now``.

    All are 0 before the order is processed.
    """
    return count_orders([order], now=now)[order.pk]


def count_orders(orders: Iterable[TokenOrder], *, now: datetime) -> dict[int, OrderCounts]:
    """The counts of orders of either kind by their id, in three queries at most."""
    every = list(orders)
    for_wallets = [order for order in every if order.is_for_wallet]
    counts = count_codes_of(order for order in every if not order.is_for_wallet)
    counts |= {order.pk: OrderCounts() for order in for_wallets}
    if for_wallets:
        tokens = count_tokens(for_wallets, now=now)
        counts |= {pk: OrderCounts(*numbers) for pk, numbers in tokens.items()}
    return counts


def count_codes(order: TokenOrder) -> OrderCounts:
    return count_codes_of([order])[order.pk]


def count_codes_of(orders: Iterable[TokenOrder]) -> dict[int, OrderCounts]:
    """The counts of code orders by their id, in one query; zeros for one without codes.

    Available codes, of which an order may have a million, aren't counted: of a processed order they
    are what is neither redeemed nor cancelled (a replaced code has another one in its place), of
    one in processing all that there are.
    """
    ids = [order.pk for order in orders]
    if not ids:
        return {}
    found = {}
    for pk, status, quantity, redeemed, cancelled, last, left in _count_parts(ids):
        available = {
            OrderStatus.PROCESSED: max(0, quantity - redeemed - cancelled),
            OrderStatus.PROCESSING: last,
        }.get(status, left)
        found[pk] = OrderCounts(available=available, redeemed=redeemed, cancelled=cancelled)
    return {pk: found.get(pk, OrderCounts()) for pk in ids}


def _count_parts(ids: Sequence[int]) -> Iterable[tuple[Any, ...]]:
    """Of each order: id, status, quantity, codes redeemed and cancelled, last serial, codes left.

    What is left is counted in cancelled orders only, which have nothing left.
    """
    every = TokenCode.objects.filter(order=OuterRef("pk"))
    codes = every.order_by().values("order")
    redeemed = codes.filter(status=CodeStatus.REDEEMED).annotate(number=Count("*"))
    left = codes.filter(status=CodeStatus.AVAILABLE).annotate(number=Count("*"))
    last = every.order_by("-serial").annotate(number=F("serial"))[:1]  # MAX would read them all
    cancellations = TokenOrderCancellation.objects.filter(order=OuterRef("pk")).order_by()
    cancelled = cancellations.values("order").annotate(number=Sum("quantity"))
    parts = (Subquery(part.values("number")) for part in (redeemed, cancelled, last))
    count_left = When(status=OrderStatus.CANCELLED, then=Subquery(left.values("number")))
    return (
        TokenOrder.objects.filter(pk__in=ids)
        .values_list(
            "pk",
            "status",
            "quantity",
            *(Coalesce(part, 0) for part in parts),
            Coalesce(Case(count_left), 0),
        )
        .order_by()
    )


def sum_refunds(order: TokenOrder) -> Decimal:
    """The amount that was refunded of the order so far, in its currency."""
    total = order.cancellations.aggregate(total=Sum("refund_amount"))["total"]
    return total if total is not None else Decimal(0)


def compute_refund_limit(order: TokenOrder) -> Decimal | None:
    """The amount that can still be refunded, at least zero; None (no limit) without a price."""
    return None if order.total is None else max(Decimal(0), order.total - sum_refunds(order))


def suggest_refund(order: TokenOrder, quantity: int) -> Decimal | None:
    """The price of so many codes or tokens of an order, with tax; None without a price.

    Money in the order's currency. Not more than what can still be refunded: parts, and the tax on
    them, may be rounded up.
    """
    limit = compute_refund_limit(order)
    if order.unit_price is None or limit is None:
        return None
    # more can't cost more than the whole order, and may be more than any amount has digits for
    amount = order.compute_net(order.unit_price, min(quantity, order.quantity))
    return min(amount + order.compute_tax(amount), limit)


def find_code(text: str) -> TokenCode | None:
    """The code that a person typed, with its order and item; None when there is none.

    Raises CodeMistyped for what can't be a code: that takes no look-up.
    """
    hashes = codes.hash_with_all_keys(codes.normalise(text))
    return TokenCode.objects.select_related("order").filter(code_hash__in=hashes).first()


def search_orders(orders: QuerySet[TokenOrder], text: str) -> QuerySet[TokenOrder] | None:
    """The orders that a whole code or an order number means; None when ``text`` is neither.

    While the settings have no usable key, no code can be told from other texts.
    """
    try:
        code = find_code(text)
    except (CodeMistyped, ConfigurationError):
        number = ORDER_NUMBER.fullmatch(text.strip().upper())
        return orders.filter(pk=int(number[1])) if number else None
    return orders.filter(pk=code.order_id) if code else orders.none()


def filter_orders(
    orders: QuerySet[TokenOrder], *, status: str = "", text: str = ""
) -> QuerySet[TokenOrder]:
    """Those in the status whose number, subject or account has ``text``; "" leaves all.

    A whole order number finds that order. Codes aren't looked for: that is ``search_orders``.
    """
    if status:
        orders = orders.filter(status=status)
    text = text.strip()
    if not text:
        return orders
    found = Q()
    for name in _SEARCHED:
        found |= Q(**{f"{name}__icontains": text})
    number = ORDER_NUMBER.fullmatch(text.upper())
    return orders.filter(found | Q(pk=int(number[1])) if number else found)


_SEARCHED = (
    "purchase_order",
    "invoice_number",
    "item__title",
    "item__item_key",
    "account__name",
    "token_type__name",
)


def find_requested(buyer: User, order_uuid: UUID) -> TokenOrder | None:
    """The order that the buyer's request with this key made."""
    return TokenOrder.objects.filter(uuid=order_uuid, buyer=buyer).first()


def find_last_order(buyer: User) -> TokenOrder | None:
    """The newest order of a buyer: the address to bill the next one to stands in it."""
    return TokenOrder.objects.filter(buyer=buyer).order_by("-id").first()


def write_codes(order: TokenOrder, rows: Sequence[TokenCode]) -> dict[int, str]:
    """The codes of some rows of the order, by serial, as people write them.

    Raises ConfigurationError when the operator's key is gone, or isn't the one that made them.
    """
    serials = [row.serial for row in rows]
    derived = list(codes.derive_codes(key_name=order.code_key, order=order.uuid, serials=serials))
    # all codes of an order are made with one key, so the first one tells
    if derived and codes.hash_code(derived[0], key_name=order.code_key) != rows[0].code_hash:
        raise ConfigurationError(
            f'TOKEN_PAYMENTS["CODE_KEYS"]["{order.code_key}"] isn\'t the key that made these codes'
        )
    return dict(zip(serials, map(codes.write, derived), strict=True))


def check_key(order: TokenOrder) -> None:
    """Whether the order's codes can be written out. Raises ConfigurationError like write_codes."""
    write_codes(order, list(order.codes.all()[:1]))


def list_current_codes(order: TokenOrder) -> QuerySet[TokenCode]:
    """The order's codes without those that were replaced: another one counts for each of them."""
    return order.codes.exclude(status=CodeStatus.REPLACED)


def iterate_codes(
    order: TokenOrder, *, codes: QuerySet[TokenCode] | None = None
) -> Iterator[tuple[TokenCode, str]]:
    """The codes of the order with their text, by serial, in pages: memory stays that of one page.

    ``codes`` are those of the order to give; None: all but replaced ones. Nothing is logged: a
    person gets them by ``reveals.hand_out_codes``.
    """
    rows = list_current_codes(order) if codes is None else codes
    last = 0
    while True:
        page = list(rows.filter(serial__gt=last).order_by("serial")[:PAGE])
        if not page:
            return
        written = write_codes(order, page)
        for row in page:
            yield row, written[row.serial]
        last = page[-1].serial
