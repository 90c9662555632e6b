"""Answers to buyers: orders declined or withdrawn, cancellation requests.

``assignments/cancelling.py`` makes cancellation requests, and grants them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext

from token_payments.errors import InvalidTransition
from token_payments.hosts.base import User
from token_payments.orders import states
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CancellationRequest,
    OrderStatus,
    TokenOrder,
    TokenOrderAction,
)
from token_payments.orders.placing import lock_order
from token_payments.outbox.steps import Step, announce


def decline_order(order_id: int, *, reason: str, actor: User, now: datetime) -> TokenOrder:
    """Refuse a requested order; the buyer is shown the reason, up to 255 characters of it.

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


def withdraw_order(order_id: int, *, actor: User, now: datetime) -> TokenOrder:
    """Take a requested order back for its owner.

    Doing it again changes nothing. Raises InvalidTransition once processing has begun, and for an
    order that was declined or cancelled.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if was_withdrawn(order):
            return order
        states.advance(order, "withdraw")
        order.save(update_fields=["status"])
        add_log_entry(order, TokenOrderAction.WITHDRAWN, actor=actor, now=now)
    return order


def was_withdrawn(order: TokenOrder) -> bool:
    """Whether the order's owner took it back; only a cancelled order is asked about."""
    if order.status != OrderStatus.CANCELLED:
        return False
    return order.log.filter(action=TokenOrderAction.WITHDRAWN).exists()


def decline_cancellation(
    request_id: int, *, answer: str, actor: User, now: datetime
) -> CancellationRequest:
    """Refuse a buyer's cancellation request.

    The buyer is shown the answer, up to 255 characters of it. Raises InvalidTransition for one that
    was answered or withdrawn.
    """
    with transaction.atomic():
        request = lock_request(request_id)
        check_open(request)
        answer_request(request, answer, actor=actor, now=now)
        action = TokenOrderAction.CANCELLATION_DECLINED
        add_log_entry(
            request.order, action, actor=actor, now=now, quantity=request.quantity, detail=answer
        )
        announce(Step.CANCELLATION_ANSWERED, request)
    return request


def withdraw_cancellation(request_id: int, *, actor: User, now: datetime) -> CancellationRequest:
    """Take a cancellation request back for its buyer; another one may then be made of the order.

    Doing it again changes nothing. Raises InvalidTransition when it was answered meanwhile.
    """
    with transaction.atomic():
        request = lock_request(request_id)
        if request.answered_by_id == actor.pk and request.cancellation_id is None:
            return request
        check_open(request)
        answer_request(request, gettext("Withdrawn."), actor=actor, now=now)
        add_log_entry(
            request.order,
            TokenOrderAction.CHANGED,
            actor=actor,
            now=now,
            quantity=request.quantity,
            detail=gettext("The cancellation request was withdrawn."),
        )
    return request


def find_open_request(order: TokenOrder) -> CancellationRequest | None:
    """The order's cancellation request that is not answered yet."""
    return CancellationRequest.objects.filter(order=order, answered_at__isnull=True).first()


def lock_request(request_id: int) -> CancellationRequest:
    """The order's row first, as everywhere. Raises CancellationRequest.DoesNotExist."""
    lock_order(CancellationRequest.objects.get(pk=request_id).order_id)
    return CancellationRequest.objects.select_related("order", "cancellation").get(pk=request_id)


def check_open(request: CancellationRequest) -> None:
    """Raises InvalidTransition."""
    if request.answered_at is not None:
        raise InvalidTransition(f"Request {request.pk}", "answered", "answer")


def answer_request(
    request: CancellationRequest, answer: str, *, actor: User, now: datetime
) -> None:
    """Save what became of a locked request, with its ``cancellation``."""
    request.answer, request.answered_by, request.answered_at = answer[:255], actor, now
    request.save(update_fields=["answer", "answered_by", "answered_at", "cancellation"])


@dataclass(frozen=True)
class Outstanding:
    """How many orders, or requests, are in each state that somebody waits for."""

    requested: int
    processing: int
    cancellation_requests: int


def count_outstanding() -> Outstanding:
    """Two queries, which read only what is outstanding."""
    waiting = TokenOrder.objects.filter(status__in=[OrderStatus.REQUESTED, OrderStatus.PROCESSING])
    counts = dict(waiting.order_by().values_list("status").annotate(Count("pk")))
    return Outstanding(
        requested=counts.get(OrderStatus.REQUESTED, 0),
        processing=counts.get(OrderStatus.PROCESSING, 0),
        cancellation_requests=_open_requests().count(),
    )


def filter_cancellation_requested(orders: QuerySet[TokenOrder]) -> QuerySet[TokenOrder]:
    """Those of the orders of which somebody asked to have tokens cancelled, without an answer."""
    return orders.filter(pk__in=_open_requests().values("order"))


def get_open_requests(orders: Iterable[TokenOrder]) -> dict[int, CancellationRequest]:
    """The unanswered requests of these orders by the order's id; one query."""
    found = _open_requests().filter(order__in=[order.pk for order in orders])
    return {request.order_id: request for request in found}


def _open_requests() -> QuerySet[CancellationRequest]:
    return CancellationRequest.objects.filter(answered_at__isnull=True).order_by()
