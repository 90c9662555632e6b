"""Everything that changes the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from babel.numbers import list_currencies
from django.db import IntegrityError, transaction

from token_payments.catalogue.models import (
    WALLET_METHOD,
    CatalogueItem,
    CatalogueItemPaymentMethod,
    ItemEnrolmentMethod,
    TokenPrice,
)
from token_payments.catalogue.queries import find_mode, find_price, list_token_prices
from token_payments.db.changes import check_version, compute_version, set_change_author
from token_payments.errors import InvalidItem, ItemNotFound, NameTaken
from token_payments.hosts import host
from token_payments.hosts.base import HostItem, User
from token_payments.wallets.models import TokenType

#: How many tokens of each type one seat costs.
TokenPrices = Mapping[TokenType, int]


def save_item(
    item: CatalogueItem, *, methods: Collection[str], token_prices: TokenPrices | None = None
) -> CatalogueItem:
    """Save an item with the slugs of the payment methods that it takes, and its token prices.

    ``token_prices`` says how many tokens of each type one seat costs; None leaves them as they are.
    Raises InvalidItem with a reason per field; nothing is saved then.
    """
    host_item = check_item(item, methods=methods, token_prices=token_prices)
    item.title = host_item.title
    with transaction.atomic():
        item.save()
        kept = item.payment_methods
        kept.exclude(method__in=methods).delete()
        for method in methods:
            CatalogueItemPaymentMethod.objects.get_or_create(item=item, method=method)
        if token_prices is not None:
            _save_token_prices(item, token_prices)
    return item


def compute_item_version(item: CatalogueItem) -> str:
    """The version of an item with its payment methods and token prices, read afresh."""
    methods = sorted(item.payment_methods.values_list("method", flat=True))
    prices = sorted(item.token_prices.values_list("token_type_id", "quantity"))
    return compute_version(CatalogueItem.objects.get(pk=item.pk), methods, prices)


def change_item(
    item_id: int,
    changes: Mapping[str, Any],
    *,
    actor: User | None,
    methods: Collection[str] | None = None,
    token_prices: TokenPrices | None = None,
    version: str | None = None,
    reason: str = "",
) -> CatalogueItem:
    """Set some fields of a catalogue item, its payment methods or its prices in tokens.

    ``changes`` are the new values by the fields' names; ``methods`` and ``token_prices`` replace
    those that there are, None leaves them. ``version`` is the one that was read, None for any:
    VersionConflict is raised when somebody has changed the item since. Raises InvalidItem.
    """
    with transaction.atomic():
        item = CatalogueItem.objects.select_for_update().get(pk=item_id)
        check_version(version, compute_item_version(item))
        for name, value in changes.items():
            setattr(item, name, value)
        kept = set(item.payment_methods.values_list("method", flat=True))
        set_change_author(item, actor, reason)
        return save_item(
            item, methods=kept if methods is None else methods, token_prices=token_prices
        )


def add_item(
    item: CatalogueItem,
    *,
    actor: User,
    methods: Collection[str],
    token_prices: TokenPrices | None = None,
) -> CatalogueItem:
    """Save a new catalogue item, so that its course can be paid with tokens.

    ``item`` is an unsaved CatalogueItem; ``methods`` are slugs of payment methods; ``token_prices``
    is what one seat costs, in tokens by TokenType. Raises InvalidItem with a reason for each field
    that can't be, NameTaken when the course is in the catalogue.
    """
    set_change_author(item, actor)
    try:
        with transaction.atomic():
            return save_item(item, methods=methods, token_prices=token_prices)
    except IntegrityError:
        if not CatalogueItem.objects.filter(item_key=item.item_key).exists():
            raise
        raise NameTaken("item_key") from None


def check_item(
    item: CatalogueItem, *, methods: Collection[str], token_prices: TokenPrices | None = None
) -> HostItem:
    """The host's course, if the item can be saved like this. Raises InvalidItem.

    An item that leaves the enrolment method to the site must be complete as well once it names a
    payment method: the site's default may be changed to paid any day.
    """
    try:
        host_item = host.get_item(item.item_key)
    except ItemNotFound as error:
        raise InvalidItem({"item_key": "item_not_found"}) from error
    problems = {}
    if item.currency and item.currency not in list_currencies():
        problems["currency"] = "unknown_currency"
    if item.course_mode and host_item.get_mode(item.course_mode) is None:
        problems["course_mode"] = "unknown_mode"
    if item.enrolment_method == ItemEnrolmentMethod.PAID and not methods:
        problems["payment_methods"] = "no_payment_method"
    problems |= _get_token_price_problems(item, methods, token_prices)
    if not problems and (methods or item.enrolment_method == ItemEnrolmentMethod.PAID):
        problems = _get_price_problems(item, host_item, needs_money=set(methods) != {WALLET_METHOD})
    if problems:
        raise InvalidItem(problems)
    return host_item


def _save_token_prices(item: CatalogueItem, token_prices: TokenPrices) -> None:
    item.token_prices.exclude(token_type__in=list(token_prices)).delete()
    for token_type, quantity in token_prices.items():
        TokenPrice.objects.update_or_create(
            item=item, token_type=token_type, defaults={"quantity": quantity}
        )


def _get_token_price_problems(
    item: CatalogueItem, methods: Collection[str], token_prices: TokenPrices | None
) -> dict[str, str]:
    kept = (
        {price.token_type: price.quantity for price in list_token_prices(item)} if item.pk else {}
    )
    prices = kept if token_prices is None else token_prices
    if WALLET_METHOD in methods and not prices:
        return {"token_prices": "no_token_price"}
    if any(quantity < 1 for quantity in prices.values()):
        return {"token_prices": "token_price_too_low"}
    new = {token_type for token_type in prices if prices[token_type] != kept.get(token_type)}
    if TokenType.objects.filter(pk__in=[each.pk for each in new], is_archived=True).exists():
        return {"token_prices": "type_archived"}
    return {}


def _get_price_problems(
    item: CatalogueItem, host_item: HostItem, *, needs_money: bool
) -> dict[str, str]:
    mode = find_mode(item, host_item)
    if mode is None and (item.price is not None or not needs_money):
        return {"course_mode": "no_paid_mode"}
    if item.price is not None and not item.currency and (mode is None or not mode.currency):
        return {"currency": "no_currency"}
    if needs_money and find_price(item, mode) is None:
        return {"price": "no_price"}
    return {}
