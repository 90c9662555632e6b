"""The offer that an item comes to for learners, all switches taken together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from token_payments import conf
from token_payments.admin.catalogue_form import read_prices, write_prices
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ItemNotFound, NotOffered
from token_payments.hosts import host
from token_payments.hosts.base import HostItem
from token_payments.l10n.formats import format_money
from token_payments.models import CatalogueItem, EnrolmentMethod
from token_payments.presenters.payment_lines import write_method
from token_payments.presenters.refusals import Audience, describe_refusal


def describe_offer(item: CatalogueItem) -> dict[str, Any]:
    """The context of ``offer.html``; ``obstacle`` tells why nothing is sold, when nothing is."""
    host_item = _find_host_item(item)
    context: dict[str, Any] = {
        "host_item": host_item,
        "modes": _describe_modes(host_item),
        "method": write_enrolment_method(item),
        "token_prices": write_prices(read_prices(item)),
        "seats_taken": item.redemptions.filter(live=True).count(),
        "obstacle": find_obstacle(item),
    }
    try:
        offer = catalogue_queries.get_offer(item.item_key)
    except (NotOffered, ItemNotFound):
        return context
    return context | {
        "price": format_money(offer.price.amount, offer.price.currency) if offer.price else "",
        "mode": offer.mode,
        "methods": [write_method(slug) for slug in sorted(offer.methods)],
        "seats_left": checkout_queries.count_seats_left(offer),
    }


def write_enrolment_method(item: CatalogueItem) -> str:
    """The method that counts, all switches taken together."""
    is_paid = catalogue_queries.is_paid(item)
    return str((EnrolmentMethod.PAID if is_paid else EnrolmentMethod.FREE).label)


def _find_host_item(item: CatalogueItem) -> HostItem | None:
    try:
        return host.get_item(item.item_key)
    except ItemNotFound:
        return None


def _describe_modes(host_item: HostItem | None) -> list[dict[str, str]]:
    modes = host_item.modes if host_item else []
    return [
        {
            "slug": mode.slug,
            "name": mode.name,
            "price": format_money(Decimal(mode.price), mode.currency)
            if mode.price
            else gettext("free"),
        }
        for mode in modes
    ]


def find_obstacle(item: CatalogueItem) -> str:
    """Why learners can't pay for the item now; empty when they can."""
    if not conf.is_enabled():
        return gettext("Token payments are switched off for this site.")
    if not catalogue_queries.is_paid(item):
        return gettext("The item is free: nobody has to pay.")
    try:
        catalogue_queries.get_offer(item.item_key)
    except (ItemNotFound, NotOffered) as error:
        return describe_refusal(error, audience=Audience.STAFF).text
    return ""
