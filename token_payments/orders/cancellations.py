"""Cancelling orders, and the unused codes or wallet tokens of an order.

The order's row is locked first; codes are only ever changed by a conditional UPDATE, so that one
that is being redeemed is either redeemed or cancelled, never both.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from token_payments.errors import NotEnoughUnused, RefundTooHigh
from token_payments.hosts.base import User
from token_payments.orders import states, wallet_tokens
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CancellationRequest,
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
    TokenOrderCancellation,
)
from token_payments.orders.placing import lock_order
from token_payments.orders.records import compute_refund_limit, count_order
from token_payments.orders.serials import Serials
from token_payments.outbox.earlier import find_earlier

NO_CHOICE = Serials()


def cancel_order(
    order_id: int,
    *,
    actor: User | None,
    now: datetime,
    refund_amount: Decimal = Decimal(0),
    reason: str = "",
) -> TokenOrder:
    """Cancel an order at any time: its unused codes die, its unspent tokens are taken back.

    Enrolments that were paid for stay. ``refund_amount`` is money in the order's currency that was,
    or will be, paid back; it is recorded, nothing is paid by it. ``actor`` may be None for an order
    that is only requested, whose buyer has left. Cancelling a cancelled order changes nothing.
    Raises RefundTooHigh.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if order.status == OrderStatus.CANCELLED:
            return order
        _check_refund(order, refund_amount)
        states.advance(order, "cancel")
        order.save(update_fields=["status"])
        cancelled = 0
        if actor is not None:
            cancelled = _cancel_rest(order, refund_amount, actor=actor, reason=reason, now=now)
        elif _list_candidates(order, None).exists() or order.issue_id is not None:
            raise ValueError("somebody has to cancel codes or tokens that there are")
        _close_requests(order, actor=actor, now=now)
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
    serials: Serials = NO_CHOICE,
    spared: QuerySet[Any, Any] | None = None,
) -> TokenOrderCancellation:
    """Cancel exactly ``quantity`` unused codes or wallet tokens of a processed order.

    Of codes those that ``serials`` names, or else the last ones first; ``spared`` selects the ids
    of codes that stay whatever happens: it is read while the order's row is locked. Raises
    NotEnoughUnused (with the number available; nothing is cancelled then), RefundTooHigh,
    InvalidTransition and IdempotencyConflict; ValueError for fewer than one, and for another number
    than ``serials`` has.
    """
    wanted: dict[str, Any] = {
        "quantity": quantity,
        "refund_amount": refund_amount,
        "reason": reason,
        "serials": str(serials),
    }
    with transaction.atomic():
        order = lock_order(order_id)
        earlier = find_earlier(TokenOrderCancellation, idempotency_key, order_id=order_id, **wanted)
        if earlier is not None:
            return earlier
        check_quantity(quantity, serials)
        states.advance(order, "cancel_unused")
        _check_refund(order, refund_amount)
        candidates = _list_candidates(order, spared)
        _check_number(order, quantity, candidates, serials, now=now)
        made: dict[str, Any] = {**wanted, "actor": actor, "idempotency_key": idempotency_key}
        cancellation = _add_cancellation(order, now=now, **made)
        _cancel_tokens(cancellation, candidates, serials)
    return cancellation


def _cancel_tokens(
    cancellation: TokenOrderCancellation, candidates: QuerySet[TokenCode], serials: Serials
) -> None:
    """Cancel what ``cancellation`` says, all of it or nothing. Raises NotEnoughUnused."""
    order, quantity = cancellation.order, cancellation.quantity
    if order.is_for_wallet:
        wallet_tokens.take_back(
            order,
            actor=cancellation.actor,
            reason=cancellation.reason,
            idempotency_key=f"cancellation:{cancellation.pk}",
            now=cancellation.created_at,
            quantity=quantity,
        )
    elif serials:
        _cancel_chosen(order, candidates, cancellation, serials)
    else:
        _cancel_last(order, candidates, cancellation, quantity)
    add_log_entry(
        order,
        TokenOrderAction.CODES_CANCELLED,
        actor=cancellation.actor,
        now=cancellation.created_at,
        quantity=quantity,
        detail=cancellation.reason,
    )


def _close_requests(order: TokenOrder, *, actor: User | None, now: datetime) -> None:
    """Nothing is left to cancel of what somebody asked for."""
    answer = gettext("The order was cancelled.")
    CancellationRequest.objects.filter(order=order, answered_at__isnull=True).update(
        answer=answer, answered_by=actor, answered_at=now
    )


def check_quantity(quantity: int, serials: Serials) -> None:
    """Raises ValueError for arguments that make no sense."""
    if quantity < 1 or (serials and serials.count() != quantity):
        raise ValueError(f"{quantity} codes can't be cancelled, nor {serials}")


def _list_candidates(order: TokenOrder, spared: QuerySet[Any, Any] | None) -> QuerySet[TokenCode]:
    available = TokenCode.objects.filter(order=order, status=CodeStatus.AVAILABLE)
    return available if spared is None else available.exclude(pk__in=spared)


def _cancel_rest(
    order: TokenOrder, refund_amount: Decimal, *, actor: User, reason: str, now: datetime
) -> int:
    """Cancel all that is unused of an order; returns how much that was."""
    key = f"order:{order.uuid}"
    add = partial(
        _add_cancellation,
        order,
        refund_amount=refund_amount,
        actor=actor,
        reason=reason,
        idempotency_key=key,
        now=now,
    )
    if order.is_for_wallet:
        cancelled = wallet_tokens.take_back(
            order, actor=actor, reason=reason, idempotency_key=f"{key}:cancel", now=now
        )
        if cancelled or refund_amount:
            add(quantity=cancelled)
        return cancelled
    codes = _list_candidates(order, None)
    available = codes.count()
    if not available and not refund_amount:
        return 0
    cancellation = add(quantity=available)
    cancelled = states.advance_codes(codes, "cancel", cancellation=cancellation)
    TokenOrderCancellation.objects.filter(pk=cancellation.pk).update(quantity=cancelled)
    return cancelled


def _cancel_chosen(
    order: TokenOrder,
    candidates: QuerySet[TokenCode],
    cancellation: TokenOrderCancellation,
    serials: Serials,
) -> None:
    """Cancel these very codes, or none: each of them must be a candidate."""
    wanted = serials.count()
    cancelled = states.advance_codes(
        serials.select(candidates), "cancel", cancellation=cancellation
    )
    if cancelled < wanted:
        raise lack_chosen(order, candidates, serials, cancelled=cancelled)


def lack_chosen(
    order: TokenOrder, candidates: QuerySet[TokenCode], serials: Serials, *, cancelled: int = 0
) -> NotEnoughUnused:
    """The error to raise when not each of the chosen codes is a candidate."""
    left = serials.select(candidates).count()
    spared = serials.select(_list_candidates(order, None)).count() - left
    return NotEnoughUnused(
        wanted=serials.count(), available=left + cancelled, assigned=max(0, spared), chosen=True
    )


def _cancel_last(
    order: TokenOrder,
    candidates: QuerySet[TokenCode],
    cancellation: TokenOrderCancellation,
    quantity: int,
) -> None:
    """Cancel the last ``quantity`` of the candidates, while learners may be redeeming some."""
    missing = quantity
    while missing > 0:
        serials = candidates.order_by("-serial").values_list("serial", flat=True)
        first = serials[missing - 1 : missing].first()
        if first is None:
            raise _lack(order, candidates, quantity, cancelled=quantity - missing)
        last = candidates.filter(serial__gte=first)
        missing -= states.advance_codes(last, "cancel", cancellation=cancellation)


def _lack(
    order: TokenOrder, candidates: QuerySet[TokenCode], wanted: int, *, cancelled: int = 0
) -> NotEnoughUnused:
    """The error to raise; ``cancelled`` codes were cancelled by this attempt before it failed."""
    left = candidates.count()
    spared = _list_candidates(order, None).count() - left
    return NotEnoughUnused(wanted=wanted, available=left + cancelled, assigned=max(0, spared))


def _add_cancellation(
    order: TokenOrder,
    *,
    quantity: int,
    refund_amount: Decimal,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
    serials: str = "",
) -> TokenOrderCancellation:
    return TokenOrderCancellation.objects.create(
        order=order,
        quantity=quantity,
        serials=serials,
        refund_amount=refund_amount,
        currency=order.currency,
        actor=actor,
        reason=reason,
        idempotency_key=idempotency_key,
        created_at=now,
    )


def _check_number(
    order: TokenOrder,
    quantity: int,
    candidates: QuerySet[TokenCode],
    serials: Serials,
    *,
    now: datetime,
) -> None:
    """Refuse what can't be, before it is written down: a number may be too large for its column.

    An issue that was adjusted up has more tokens than were ordered. Raises NotEnoughUnused.
    """
    if serials and serials.select(candidates).count() < quantity:
        raise lack_chosen(order, candidates, serials)
    if serials or quantity <= order.quantity:
        return
    if not order.is_for_wallet:
        raise _lack(order, candidates, quantity)
    available = count_order(order, now=now).available
    if quantity > available:
        raise NotEnoughUnused(wanted=quantity, available=available)


def _check_refund(order: TokenOrder, refund_amount: Decimal) -> None:
    limit = compute_refund_limit(order)
    if limit is not None and refund_amount > limit:
        raise RefundTooHigh(limit=limit)
