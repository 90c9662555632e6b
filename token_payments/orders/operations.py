"""Everything that changes an order or its codes.

Locks: an operation locks the order's row first; codes are only ever changed by a conditional
UPDATE, so that one that is being redeemed is either redeemed or cancelled, never both.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from token_payments.catalogue.queries import find_mode, find_price, takes_codes
from token_payments.errors import IdempotencyConflict, NotEnoughUnused, NotOffered, RefundTooHigh
from token_payments.hosts import get_host
from token_payments.hosts.base import User
from token_payments.orders import codes, states, wallet_tokens
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

    ``order`` is unsaved, with buyer, item (or account and token type), quantity, billing address
    and what else is known. Its ``uuid`` is the idempotency key: the same request again is answered
    with the order that it made. Raises IdempotencyConflict when the key stands for another order.
    For codes: NotOffered for an item that takes no Token Codes, ItemNotFound when the host has no
    such course any more. For wallet tokens: AccountFrozen, TypeArchived.
    """
    earlier = _find_requested(order)
    if earlier is not None:
        return earlier
    _check_orderable(order)
    if order.item is not None and order.unit_price is None:
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
    same = all(getattr(earlier, name) == getattr(order, name) for name in _IDENTITY)
    if not same or order.unit_price not in (None, earlier.unit_price):
        raise IdempotencyConflict(str(order.uuid))
    return earlier


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
        wallet_tokens.check_orderable(order)
    elif order.item is None or not takes_codes(order.item):
        raise NotOffered(order.item.item_key if order.item else "")


def set_price(order: TokenOrder) -> None:
    """Give a code order the price that one seat of its item has today, if it has one."""
    assert order.item is not None
    host_item = get_host().get_item(order.item.item_key)
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
    """Begin to process an order.

    Codes are then made by ``generation.generate``; doing it again while the order is processing is
    allowed: a dead worker is replaced that way. Wallet tokens are issued at once, and the order is
    processed when this returns.

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
                done = TokenOrderAction.PROCESSED
                add_log_entry(order, done, actor=actor, now=now, quantity=order.quantity)
            else:
                order.code_key = codes.current_key_name()
            order.save(update_fields=["status", "code_key", "issue"])
    return order


def cancel_order(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    refund_amount: Decimal = Decimal(0),
    reason: str = "",
) -> TokenOrder:
    """Cancel an order at any time: unredeemed codes die, unspent tokens are taken back.

    What was redeemed or spent stays. Cancelling a cancelled order changes nothing. The refund is
    recorded with what it is for. Raises RefundTooHigh.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if order.status == OrderStatus.CANCELLED:
            return order
        _check_refund(order, refund_amount)
        states.advance(order, "cancel")
        order.save(update_fields=["status"])
        cancelled = _cancel_rest(order, refund_amount, actor=actor, reason=reason, now=now)
        add_log_entry(
            order,
            TokenOrderAction.CANCELLED,
            actor=actor,
            now=now,
            quantity=cancelled,
            detail=reason,
        )
    return order


def cancel_unused(
    order_id: int,
    *,
    quantity: int,
    refund_amount: Decimal,
    actor: User,
    idempotency_key: str,
    now: datetime,
    reason: str = "",
) -> TokenOrderCancellation:
    """Cancel exactly ``quantity`` unused codes or wallet tokens of a processed order.

    Of codes the last ones first. Raises NotEnoughUnused (with the number available; nothing is
    cancelled then), RefundTooHigh, InvalidTransition, and IdempotencyConflict for a key that stands
    for another cancellation; ValueError for fewer than one.
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
        states.advance(order, "cancel_unused")
        _check_refund(order, refund_amount)
        if quantity > order.quantity and not order.is_for_wallet:
            raise NotEnoughUnused(wanted=quantity, available=_count_available(order))
        cancellation = _add_cancellation(
            order, quantity, refund_amount, actor, reason, idempotency_key, now
        )
        if order.is_for_wallet:
            key = f"cancellation:{cancellation.pk}"
            wallet_tokens.take_back(
                order,
                actor=actor,
                reason=reason,
                idempotency_key=key,
                now=now,
                quantity=quantity,
            )
        else:
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


def _cancel_rest(
    order: TokenOrder, refund_amount: Decimal, *, actor: User, reason: str, now: datetime
) -> int:
    """Cancel all that is unused of an order; returns how much that was."""
    key = f"order:{order.uuid}"
    if order.is_for_wallet:
        cancelled = wallet_tokens.take_back(
            order, actor=actor, reason=reason, idempotency_key=f"{key}:cancel", now=now
        )
        if cancelled or refund_amount:
            _add_cancellation(order, cancelled, refund_amount, actor, reason, key, now)
        return cancelled
    available = _count_available(order)
    if not available and not refund_amount:
        return 0
    cancellation = _add_cancellation(order, available, refund_amount, actor, reason, key, now)
    cancelled = _cancel_available(order, cancellation, first_serial=1)
    TokenOrderCancellation.objects.filter(pk=cancellation.pk).update(quantity=cancelled)
    return cancelled


def _cancel_last(order: TokenOrder, cancellation: TokenOrderCancellation, quantity: int) -> None:
    """Cancel the last ``quantity`` available codes, while learners may be redeeming some."""
    missing = quantity
    while missing > 0:
        available = order.codes.filter(status=CodeStatus.AVAILABLE).order_by("-serial")
        serials = available.values_list("serial", flat=True)
        first = serials[missing - 1 : missing].first()
        if first is None:
            found = available.count() + quantity - missing
            raise NotEnoughUnused(wanted=quantity, available=found)
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
