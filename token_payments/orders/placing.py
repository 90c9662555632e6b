"""Requesting, changing and processing orders; ``cancellations.py`` cancels them.

An operation that changes an order locks its row first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction

from token_payments import conf
from token_payments.catalogue.queries import find_mode, find_price, takes_codes
from token_payments.errors import (
    NotOffered,
    NumberTaken,
    OrderPriceChanged,
)
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.orders import codes, states, wallet_tokens
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    OrderStatus,
    TokenOrder,
    TokenOrderAction,
)
from token_payments.outbox.earlier import find_earlier, make_once
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.issuing import check_issuable


@dataclass(frozen=True)
class Quote:
    """The price of one code or token of an order: ``unit_price`` is None while it has none.

    Money is in ``currency`` (ISO 4217), without tax; ``tax_rate`` is in per cent.
    """

    unit_price: Decimal | None
    currency: str
    tax_rate: Decimal | None


def quote_order(order: TokenOrder) -> Quote:
    """Give an unsaved order today's price and tax, if it could be requested; nothing is saved.

    Raises NumberTaken, and what ``request_order`` raises for a new order.
    """
    _check_numbers(order)
    _check_orderable(order)
    price_order(order)
    return _get_quote(order)


def request_order(
    order: TokenOrder, *, actor: User, now: datetime, agreed: Quote | None = None
) -> TokenOrder:
    """Save a new order as requested, at today's price; it has no code and no token yet.

    ``order`` is an unsaved TokenOrder with buyer, item (or account and token type), quantity,
    billing address and what else is known; a price that it has stays. Its ``uuid`` is the
    idempotency key: the same request again is answered with the order that it made. ``agreed`` is
    the price that the buyer has seen, None for any.

    Raises IdempotencyConflict when the key stands for another order, OrderPriceChanged when the
    price isn't the agreed one, NumberTaken when another order has its number. For codes: NotOffered
    for an item that takes no Token Codes, ItemNotFound when the host has no such course any more.
    For wallet tokens: AccountFrozen, TypeArchived.
    """
    wanted = {name: getattr(order, name) for name in _IDENTITY}
    if order.unit_price is not None:
        wanted["unit_price"] = order.unit_price
    find = partial(find_earlier, TokenOrder, order.uuid, column="uuid", **wanted)
    save = partial(_save_requested, order, actor=actor, now=now, agreed=agreed)
    try:
        return find() or make_once(save, find)
    except IntegrityError:
        _check_numbers(order)
        raise


def _save_requested(
    order: TokenOrder, *, actor: User, now: datetime, agreed: Quote | None
) -> TokenOrder:
    _check_orderable(order)
    price_order(order)
    if agreed is not None and agreed != _get_quote(order):
        raise OrderPriceChanged
    order.status = OrderStatus.REQUESTED
    order.created_at = now
    with transaction.atomic():
        order.save(force_insert=True)
        action = TokenOrderAction.REQUESTED
        add_log_entry(order, action, actor=actor, now=now, quantity=order.quantity)
    return order


def _get_quote(order: TokenOrder) -> Quote:
    return Quote(order.unit_price, order.currency, order.tax_rate)


def _check_numbers(order: TokenOrder) -> None:
    """Raises NumberTaken."""
    others = TokenOrder.objects.exclude(uuid=order.uuid)
    for field in ("purchase_order", "invoice_number"):
        number = getattr(order, field)
        if number and others.filter(**{field: number}).exists():
            raise NumberTaken(field)


#: What two requests with one key must agree on, beside a price that is given.
_IDENTITY = (
    "kind",
    "buyer_id",
    "item_id",
    "account_id",
    "token_type_id",
    "quantity",
    "redeem_by",
    "invoice_number",
    "purchase_order",
)


def _check_orderable(order: TokenOrder) -> None:
    if order.is_for_wallet:
        assert order.account is not None
        assert order.token_type is not None
        check_issuable(order.account, order.token_type)
    elif order.item is None or not takes_codes(order.item):
        raise NotOffered(order.item.item_key if order.item else "")


def price_order(order: TokenOrder) -> None:
    """Give an unsaved order today's price and tax, where it has none yet; nothing is saved.

    Raises ItemNotFound when the host has no such course any more.
    """
    if order.unit_price is None:
        set_price(order)
    if order.tax_rate is None and order.unit_price is not None:
        order.tax_rate = conf.tax_rate()


def set_price(order: TokenOrder) -> None:
    """Give an order the price that a seat of its item, or a token of its type, has today."""
    if order.item is None:
        assert order.token_type is not None
        if order.token_type.unit_price is not None:
            order.unit_price = order.token_type.unit_price
            order.currency = order.token_type.currency
        return
    host_item = host.get_item(order.item.item_key)
    price = find_price(order.item, find_mode(order.item, host_item))
    if price is not None:
        order.unit_price, order.currency = price.amount, price.currency


def change_order(order: TokenOrder, *, actor: User, now: datetime, changed: list[str]) -> None:
    """Save changes to an order that is still requested; ``changed`` names the fields.

    Raises InvalidTransition when processing has begun meanwhile.
    """
    with transaction.atomic():
        current = lock_order(order.pk)
        states.advance(current, "change")
        if "item" in changed:
            set_price(order)
        order.status = current.status
        order.save()
        add_log_entry(
            order, TokenOrderAction.CHANGED, actor=actor, now=now, detail=", ".join(changed)
        )


def start_processing(order_id: int, *, actor: User, now: datetime) -> TokenOrder:
    """Begin to process an order; of a wallet order the tokens are issued at once.

    Codes are made by a worker, or at once by ``generate``; calling this again while the order is
    processing is allowed: a dead worker is replaced that way. A wallet order is processed when this
    returns.

    Raises InvalidTransition; for codes ConfigurationError when there is no key to make them with;
    for wallet tokens AccountFrozen, TypeArchived, and ExpiryNotLater when their last day is over.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        was_requested = order.status == OrderStatus.REQUESTED
        states.advance(order, "start_processing")
        if was_requested:
            begun = TokenOrderAction.PROCESSING
            add_log_entry(order, begun, actor=actor, now=now, quantity=order.quantity)
            if order.is_for_wallet:
                order.issue = wallet_tokens.issue_tokens(order, actor=actor, now=now)
                states.advance(order, "complete_processing")
            else:
                order.code_key = codes.current_key_name()
            order.save(update_fields=["status", "code_key", "issue"])
            if order.is_for_wallet:  # saved before, as the mail about it reads the order
                done = TokenOrderAction.PROCESSED
                add_log_entry(order, done, actor=actor, now=now, quantity=order.quantity)
        if not order.is_for_wallet:  # again, too: a dead worker is replaced that way
            announce(Step.CODES_WANTED, order)
    return order


def lock_order(order_id: int) -> TokenOrder:
    """The order, locked until the transaction ends. Raises TokenOrder.DoesNotExist."""
    return TokenOrder.objects.select_for_update().get(pk=order_id)
