"""Everything that changes an order or its codes.

Locks: an operation locks the order's row first; codes are only ever changed by a conditional
UPDATE, so that one that is being redeemed is either redeemed or cancelled, never both.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from token_payments.catalogue.models import CatalogueItem
from token_payments.catalogue.queries import find_mode, find_price, takes_payment
from token_payments.errors import IdempotencyConflict, NotEnoughCodes, NotOffered, RefundTooHigh
from token_payments.hosts import get_host
from token_payments.hosts.base import User
from token_payments.orders import codes, states
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
    TokenOrderCancellation,
)
from token_payments.orders.queries import find_refund_limit


def request_order(order: TokenOrder, *, actor: User, now: datetime) -> TokenOrder:
    """Save a new order as requested, at the price of today. No code exists yet.

    ``order`` is unsaved, with buyer, item, quantity, billing address and what else is known. Its
    ``uuid`` is the idempotency key: the same request again is answered with the order that it made.
    Raises IdempotencyConflict when the key stands for another order, NotOffered for an item that
    takes no payment, and ItemNotFound when the host has no such course any more.
    """
    earlier = _find_requested(order)
    if earlier is not None:
        return earlier
    if not takes_payment(order.item):
        raise NotOffered(order.item.item_key)
    if order.unit_price is None:
        set_price(order)
    order.status = OrderStatus.REQUESTED
    order.created_at = now
    try:
        with transaction.atomic():
            order.save(force_insert=True)
            add_log_entry(
                order, TokenOrderAction.REQUESTED, actor=actor, now=now, quantity=order.quantity
            )
    except IntegrityError:
        # The same request, sent twice at once.
        earlier = _find_requested(order)
        if earlier is None:
            raise
        return earlier
    return order


def _find_requested(order: TokenOrder) -> TokenOrder | None:
    """The order that was saved with this one's key. Raises IdempotencyConflict."""
    earlier = TokenOrder.objects.filter(uuid=order.uuid).first()
    if earlier is None:
        return None
    same = (order.buyer_id, order.item_id, order.quantity)
    if (earlier.buyer_id, earlier.item_id, earlier.quantity) != same:
        raise IdempotencyConflict(str(order.uuid))
    return earlier


def set_price(order: TokenOrder) -> None:
    """Give the order the price that one seat of its item has today, if it has one."""
    item: CatalogueItem = order.item
    host_item = get_host().get_item(item.item_key)
    price = find_price(item, find_mode(item, host_item))
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
    """Mark the order as being processed; the codes are then made by ``generation.generate``.

    Doing it again while it is processing is allowed: a dead worker is replaced that way.
    Raises InvalidTransition, and ConfigurationError when there is no key to make codes with.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        was_requested = order.status == OrderStatus.REQUESTED
        states.advance(order, "start_processing")
        if was_requested:
            order.code_key = codes.current_key_name()
            order.save(update_fields=["status", "code_key"])
            add_log_entry(
                order, TokenOrderAction.PROCESSING, actor=actor, now=now, quantity=order.quantity
            )
    return order


def cancel_order(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    refund_amount: Decimal = Decimal(0),
    reason: str = "",
) -> TokenOrder:
    """Cancel an order at any time: unredeemed codes die, redeemed ones stay.

    Cancelling a cancelled order changes nothing. The refund is recorded with the codes it is for.
    Raises RefundTooHigh.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if order.status == OrderStatus.CANCELLED:
            return order
        _check_refund(order, refund_amount)
        available = _count_available(order)
        states.advance(order, "cancel")
        order.save(update_fields=["status"])
        if available or refund_amount:
            cancellation = _add_cancellation(
                order, available, refund_amount, actor, reason, f"order:{order.uuid}", now
            )
            cancelled = _cancel_available(order, cancellation, first_serial=1)
            TokenOrderCancellation.objects.filter(pk=cancellation.pk).update(quantity=cancelled)
        else:
            cancelled = 0
        add_log_entry(
            order,
            TokenOrderAction.CANCELLED,
            actor=actor,
            now=now,
            quantity=cancelled,
            detail=reason,
        )
    return order


def cancel_codes(
    order_id: int,
    *,
    quantity: int,
    refund_amount: Decimal,
    actor: User,
    idempotency_key: str,
    now: datetime,
    reason: str = "",
) -> TokenOrderCancellation:
    """Cancel exactly ``quantity`` unused codes of a processed order, the last ones first.

    Raises NotEnoughCodes (with the number available; nothing is cancelled then), RefundTooHigh,
    InvalidTransition, and IdempotencyConflict for a key that stands for another cancellation;
    ValueError for fewer than one.
    """
    if quantity < 1:
        raise ValueError(f"{quantity} codes can't be cancelled")
    with transaction.atomic():
        order = lock_order(order_id)
        earlier = TokenOrderCancellation.objects.filter(idempotency_key=idempotency_key).first()
        if earlier is not None:
            same = (earlier.order_id, earlier.quantity, earlier.refund_amount)
            if same != (order_id, quantity, refund_amount):
                raise IdempotencyConflict(idempotency_key)
            return earlier
        states.advance(order, "cancel_codes")
        _check_refund(order, refund_amount)
        if quantity > order.quantity:
            raise NotEnoughCodes(wanted=quantity, available=_count_available(order))
        cancellation = _add_cancellation(
            order, quantity, refund_amount, actor, reason, idempotency_key, now
        )
        _cancel_last(order, cancellation, quantity)
        add_log_entry(
            order,
            TokenOrderAction.CODES_CANCELLED,
            actor=actor,
            now=now,
            quantity=quantity,
            detail=reason,
        )
    return cancellation


def lock_order(order_id: int) -> TokenOrder:
    """The order, locked until the transaction ends. Raises TokenOrder.DoesNotExist."""
    return TokenOrder.objects.select_for_update().get(pk=order_id)


def _count_available(order: TokenOrder) -> int:
    return order.codes.filter(status=CodeStatus.AVAILABLE).count()


def _cancel_last(order: TokenOrder, cancellation: TokenOrderCancellation, quantity: int) -> None:
    """Cancel the last ``quantity`` available codes, while learners may be redeeming some."""
    missing = quantity
    while missing > 0:
        available = order.codes.filter(status=CodeStatus.AVAILABLE).order_by("-serial")
        serials = available.values_list("serial", flat=True)
        first = serials[missing - 1 : missing].first()
        if first is None:
            found = available.count() + quantity - missing
            raise NotEnoughCodes(wanted=quantity, available=found)
        missing -= _cancel_available(order, cancellation, first_serial=first)


def _cancel_available(
    order: TokenOrder, cancellation: TokenOrderCancellation, *, first_serial: int
) -> int:
    last = TokenCode.objects.filter(order=order, serial__gte=first_serial)
    return states.advance_codes(last, "cancel", cancellation=cancellation)


def _add_cancellation(
    order: TokenOrder,
    quantity: int,
    refund_amount: Decimal,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
) -> TokenOrderCancellation:
    return TokenOrderCancellation.objects.create(
        order=order,
        quantity=quantity,
        refund_amount=refund_amount,
        currency=order.currency,
        actor=actor,
        reason=reason,
        idempotency_key=idempotency_key,
        created_at=now,
    )


def _check_refund(order: TokenOrder, refund_amount: Decimal) -> None:
    limit = find_refund_limit(order)
    if limit is not None and refund_amount > limit:
        raise RefundTooHigh(limit=limit)
