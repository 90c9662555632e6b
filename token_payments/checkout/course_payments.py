"""The payments for one course, for those who run it: counts, a page of them, or all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from token_payments.catalogue.models import CatalogueItem
from token_payments.catalogue.queries import find_item
from token_payments.checkout.models import Redemption
from token_payments.errors import ItemNotFound
from token_payments.hosts import host, list_name_relations
from token_payments.hosts.base import HostItem
from token_payments.orders.models import TokenOrder

BATCH = 1000  # payments that are read at once


@dataclass(frozen=True)
class CoursePayments:
    """``counts`` are the payments that count, by method; ``reversed`` those that were undone.

    ``seats_left`` is None without a limit. ``host_item`` is None when the host no longer has it.
    """

    item: CatalogueItem
    host_item: HostItem | None
    counts: Mapping[str, int]
    reversed: int
    seats_left: int | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def find_course_payments(item_key: str) -> CoursePayments | None:
    """Two queries beside the host's; None for a course that isn't in the catalogue."""
    item = find_item(item_key)
    if item is None:
        return None
    rows = Redemption.objects.filter(item=item).order_by().values_list("live", "method")
    counts: dict[str, int] = {}
    undone = 0
    for live, method, number in rows.annotate(number=Count("pk")):
        if live:
            counts[method] = number
        else:
            undone += number
    try:
        host_item = host.get_item(item_key)
    except ItemNotFound:
        host_item = None
    seats_left = _find_seats_left(item, host_item, sum(counts.values()))
    return CoursePayments(item, host_item, counts, undone, seats_left)


def list_course_orders(item: CatalogueItem) -> QuerySet[TokenOrder]:
    """The orders of codes for a course, the newest first, with their buyers."""
    related = [*list_name_relations("buyer"), "account"]
    return TokenOrder.objects.filter(item=item).select_related(*related).order_by("-id")


def list_payments(item: CatalogueItem, *, method: str = "") -> QuerySet[Redemption]:
    """The newest first, with all that describes them; ``method`` leaves those of one method."""
    related = [*list_name_relations("learner"), "code__order"]
    related += ["wallet__account", "wallet__token_type"]
    rows = Redemption.objects.filter(item=item).select_related(*related).order_by("-id")
    return rows.filter(method=method) if method else rows


def iterate_payments(item: CatalogueItem, *, method: str = "") -> Iterator[Redemption]:
    """All of them, the newest first; memory is that of one batch."""
    rows = list_payments(item, method=method)
    batch = list(rows[:BATCH])
    while batch:
        yield from batch
        batch = list(rows.filter(pk__lt=batch[-1].pk)[:BATCH])


def _find_seats_left(item: CatalogueItem, host_item: HostItem | None, paid: int) -> int | None:
    limits = [] if item.seats is None else [max(0, item.seats - paid)]
    if host_item is not None and host_item.seats_left is not None:
        limits.append(host_item.seats_left)
    return min(limits, default=None)
