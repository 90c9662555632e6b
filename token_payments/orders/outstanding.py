"""The work of course admins: requested orders, orders under way, and cancellation requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from token_payments.orders.models import CancellationRequest, OrderStatus, TokenOrder


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
