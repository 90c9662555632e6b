"""Everything that changes the catalogue."""

from __future__ import annotations

from collections.abc import Collection

from babel.numbers import list_currencies
from django.db import transaction

from token_payments.catalogue.models import (
    CatalogueItem,
    CatalogueItemPaymentMethod,
    ItemEnrolmentMethod,
)
from token_payments.catalogue.queries import find_mode, find_price
from token_payments.errors import InvalidItem, ItemNotFound
from token_payments.hosts import get_host
from token_payments.hosts.base import HostItem


def save_item(item: CatalogueItem, *, methods: Collection[str]) -> CatalogueItem:
    """Save an item with the slugs of the payment methods that it takes.

    Raises InvalidItem with a reason per field; nothing is saved then.
    """
    host_item = check_item(item, methods=methods)
    item.title = host_item.title
    with transaction.atomic():
        item.save()
        kept = item.payment_methods
        kept.exclude(method__in=methods).delete()
        for method in methods:
            CatalogueItemPaymentMethod.objects.get_or_create(item=item, method=method)
    return item


def check_item(item: CatalogueItem, *, methods: Collection[str]) -> HostItem:
    """The host's course, if the item can be saved like this. Raises InvalidItem.

    An item that leaves the enrolment method to the site must be complete as well once it names a
    payment method: the site's default may be changed to paid any day.
    """
    try:
        host_item = get_host().get_item(item.item_key)
    except ItemNotFound as error:
        raise InvalidItem({"item_key": "item_not_found"}) from error
    problems = {}
    if item.currency and item.currency not in list_currencies():
        problems["currency"] = "unknown_currency"
    if item.course_mode and host_item.get_mode(item.course_mode) is None:
        problems["course_mode"] = "unknown_mode"
    if item.enrolment_method == ItemEnrolmentMethod.PAID and not methods:
        problems["payment_methods"] = "no_payment_method"
    if not problems and (methods or item.enrolment_method == ItemEnrolmentMethod.PAID):
        problems = _find_price_problems(item, host_item)
    if problems:
        raise InvalidItem(problems)
    return host_item


def _find_price_problems(item: CatalogueItem, host_item: HostItem) -> dict[str, str]:
    mode = find_mode(item, host_item)
    if mode is None and item.price is not None:
        return {"course_mode": "no_paid_mode"}
    if item.price is not None and not item.currency and (mode is None or not mode.currency):
        return {"currency": "no_currency"}
    if find_price(item, mode) is None:
        return {"price": "no_price"}
    return {}
