"""Whether a course takes as many learners as tokens are ordered or given for it.

Nothing is refused for it: places may be added, and learners may leave. Whoever is about to order,
to process or to give is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from token_payments.catalogue.models import CatalogueItem
from token_payments.catalogue.queries import find_mode
from token_payments.checkout.rules import count_places
from token_payments.errors import ItemNotFound
from token_payments.hosts import host
from token_payments.hosts.base import HostRefusal, User
from token_payments.orders.models import OrderStatus, TokenOrder
from token_payments.orders.records import count_codes_of


@dataclass(frozen=True)
class Places:
    """How many more learners may join, None for no limit; none may while ``is_closed``."""

    left: int | None
    is_closed: bool = False

    def are_too_few(self, wanted: int) -> bool:
        return self.left is not None and wanted > self.left


def get_places(item: CatalogueItem, *, user: User) -> Places:
    """The places left in the item now; the host is asked about ``user``.

    A course that the host has no more isn't told apart from a closed one.
    """
    try:
        host_item = host.get_item(item.item_key)
    except ItemNotFound:
        return Places(left=None, is_closed=True)
    mode = find_mode(item, host_item)
    refusal = host.check_enrol(user, item.item_key, mode=mode.slug if mode else "")
    return Places(count_places(item, host_item), is_closed=refusal == HostRefusal.CLOSED)


def count_promised(item: CatalogueItem, *, now: datetime) -> int:
    """The unused codes of the item's orders, each of which may still take a place."""
    in_time = Q(redeem_by=None) | Q(redeem_by__gt=now)
    made = (OrderStatus.PROCESSING, OrderStatus.PROCESSED)
    orders = TokenOrder.objects.filter(in_time, item=item, status__in=made)
    return sum(counts.available for counts in count_codes_of(orders).values())
