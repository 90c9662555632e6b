"""Orders as lists show them, and notes for buyers on courses with too few places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from token_payments.checkout import queries as checkout_queries
from token_payments.hosts.base import User
from token_payments.l10n.formats import format_number
from token_payments.models import CancellationRequest, CatalogueItem, TokenOrder
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


def explain_places(item: CatalogueItem, wanted: int, *, user: User) -> str:
    """Why not each of ``wanted`` tokens would enrol somebody now; empty when each would."""
    places = checkout_queries.get_places(item, user=user)
    if places.is_closed:
        return gettext(
            "Enrolment in this course is closed at the moment: nobody can redeem a token for it."
        )
    if not places.are_too_few(wanted):
        return ""
    if not places.left:
        return gettext(
            "No place is left in this course: nobody can redeem a token before there are more."
        )
    text = ngettext(
        "Only %(number)s place is left in this course: more tokens than that can't be redeemed.",
        "Only %(number)s places are left in this course: more tokens than that can't be redeemed.",
        places.left,
    )
    return text % {"number": format_number(places.left)}
