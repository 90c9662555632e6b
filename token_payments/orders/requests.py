"""What buyers ask for and course admins decide: declining an order, and wishes to cancel."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from token_payments import conf
from token_payments.errors import (
    CancellingNotAllowed,
    IdempotencyConflict,
    InvalidTransition,
    NotEnoughUnused,
)
from token_payments.hosts.base import User
from token_payments.orders import states
from token_payments.orders.cancellations import cancel_unused
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CancellationRequest,
    OrderStatus,
    TokenOrder,
    TokenOrderAction,
    TokenOrderCancellation,
)
from token_payments.orders.operations import lock_order
from token_payments.orders.queries import count_order, suggest_refund


def decline_order(order_id: int, *, reason: str, actor: User, now: datetime) -> TokenOrder:
    """Refuse a requested order; the buyer is shown the reason.

    Doing it again changes nothing. Raises InvalidTransition once processing has begun.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if order.status == OrderStatus.CANCELLED and order.decline_reason:
            return order
        states.advance(order, "decline")
        order.decline_reason = reason[:255]
        order.save(update_fields=["status", "decline_reason"])
        action = TokenOrderAction.DECLINED
        add_log_entry(order, action, actor=actor, now=now, detail=reason)
    return order


def request_cancellation(
    order_id: int,
    *,
    quantity: int,
    reason: str,
    actor: User,
    idempotency_key: str,
    now: datetime,
) -> CancellationRequest:
    """Ask for unused codes or tokens to be cancelled; nothing is cancelled by that.

    Raises NotEnoughUnused, InvalidTransition for an order that isn't processed or has an open
    request, IdempotencyConflict; ValueError for fewer than one.
    """
    if quantity < 1:
        raise ValueError(f"{quantity} can't be cancelled")
    try:
        with transaction.atomic():
            order = lock_order(order_id)
            earlier = _find_request(order_id, quantity, idempotency_key)
            if earlier is not None:
                return earlier
            if order.status != OrderStatus.PROCESSED or find_open_request(order) is not None:
                raise InvalidTransition(f"Order {order.number}", order.status, "request")
            available = count_order(order, now=now).available
            if quantity > available:
                raise NotEnoughUnused(wanted=quantity, available=available)
            request = CancellationRequest.objects.create(
                order=order,
                quantity=quantity,
                reason=reason[:255],
                actor=actor,
                idempotency_key=idempotency_key,
                created_at=now,
            )
            action = TokenOrderAction.CANCELLATION_REQUESTED
            add_log_entry(
                order, action, actor=actor, now=now, quantity=quantity, detail=request.reason
            )
    except IntegrityError:
        earlier = _find_request(order_id, quantity, idempotency_key)
        if earlier is None:
            raise
        return earlier
    return request


def cancel_own(
    order_id: int, *, quantity: int, reason: str, actor: User, idempotency_key: str, now: datetime
) -> TokenOrderCancellation:
    """Cancel unused codes or tokens for their buyer; what they cost is recorded as refund.

    Raises CancellingNotAllowed where the site wants requests, and what ``cancel_unused`` raises.
    """
    if not conf.buyers_may_cancel():
        raise CancellingNotAllowed
    with transaction.atomic():
        order = lock_order(order_id)
        earlier = order.cancellations.filter(idempotency_key=idempotency_key).first()
        refund = suggest_refund(order, quantity) or Decimal(0)
        return cancel_unused(
            order_id,
            quantity=quantity,
            refund_amount=refund if earlier is None else earlier.refund_amount,
            actor=actor,
            idempotency_key=idempotency_key,
            now=now,
            reason=reason[:255],
        )


def grant_cancellation(
    request_id: int, *, refund_amount: Decimal, actor: User, now: datetime, answer: str = ""
) -> TokenOrderCancellation:
    """Cancel what was asked for. Raises what ``cancel_unused`` raises, and InvalidTransition.

    Doing it again returns the cancellation that it made.
    """
    with transaction.atomic():
        request = _lock_request(request_id)
        if request.cancellation is not None:
            return request.cancellation
        _check_open(request)
        cancellation = cancel_unused(
            request.order_id,
            quantity=request.quantity,
            refund_amount=refund_amount,
            actor=actor,
            idempotency_key=f"request:{request.pk}",
            now=now,
            reason=request.reason,
        )
        request.cancellation = cancellation
        _answer(request, answer, actor, now)
    return cancellation


def decline_cancellation(
    request_id: int, *, answer: str, actor: User, now: datetime
) -> CancellationRequest:
    """Refuse what was asked for; the buyer is shown the answer. Raises InvalidTransition."""
    with transaction.atomic():
        request = _lock_request(request_id)
        _check_open(request)
        _answer(request, answer, actor, now)
        action = TokenOrderAction.CANCELLATION_DECLINED
        add_log_entry(
            request.order, action, actor=actor, now=now, quantity=request.quantity, detail=answer
        )
    return request


def find_open_request(order: TokenOrder) -> CancellationRequest | None:
    """The order's request that nobody has answered yet."""
    return CancellationRequest.objects.filter(order=order, answered_at__isnull=True).first()


def _lock_request(request_id: int) -> CancellationRequest:
    """The order's row first, as everywhere. Raises CancellationRequest.DoesNotExist."""
    lock_order(CancellationRequest.objects.get(pk=request_id).order_id)
    return CancellationRequest.objects.select_related("order", "cancellation").get(pk=request_id)


def _check_open(request: CancellationRequest) -> None:
    if request.answered_at is not None:
        raise InvalidTransition(f"Request {request.pk}", "answered", "answer")


def _answer(request: CancellationRequest, answer: str, actor: User, now: datetime) -> None:
    request.answer, request.answered_by, request.answered_at = answer[:255], actor, now
    request.save(update_fields=["answer", "answered_by", "answered_at", "cancellation"])


def _find_request(order_id: int, quantity: int, idempotency_key: str) -> CancellationRequest | None:
    earlier = CancellationRequest.objects.filter(idempotency_key=idempotency_key).first()
    if earlier and (earlier.order_id, earlier.quantity) != (order_id, quantity):
        raise IdempotencyConflict(idempotency_key)
    return earlier
