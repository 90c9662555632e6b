"""Orders as lists show them: each with its counts and what is open about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from token_payments.models import CancellationRequest, TokenOrder
from token_payments.orders import queries as order_queries


@dataclass(frozen=True)
class OrderCard:
    """``is_own`` tells buyers their own orders from those that they look after."""

    order: TokenOrder
    counts: order_queries.OrderCounts
    open_request: CancellationRequest | None
    is_own: bool

    @property
    def end(self) -> datetime | None:
        """When what was ordered can't be used any more; None for never, or for not known yet."""
        return compute_end(self.order)


def make_cards(ids: Iterable[int], *, user_id: int | None) -> list[OrderCard]:
    """The orders with these ids, the newest first; a fixed number of queries."""
    related = ("item", "account", "token_type", "issue")
    orders = list(
        TokenOrder.objects.filter(pk__in=list(ids)).select_related(*related).order_by("-id")
    )
    counts = order_queries.count_orders(orders, now=timezone.now())
    requests = order_queries.get_open_requests(orders)
    return [
        OrderCard(order, counts[order.pk], requests.get(order.pk), order.buyer_id == user_id)
        for order in orders
    ]


def compute_end(order: TokenOrder) -> datetime | None:
    """When what was ordered can't be used any more: of tokens that were issued, their expiry."""
    return order.issue.expires_at if order.issue else order.redeem_by
