"""The catalogue's offers, all switches taken together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection
from django.db.models import Q, QuerySet

from token_payments.catalogue.models import (
    TOKEN_CODE_METHOD,
    WALLET_METHOD,
    CatalogueItem,
    CatalogueItemPaymentMethod,
    EnrolmentMethod,
    EnrolmentSettings,
    ItemEnrolmentMethod,
    TokenPrice,
)
from token_payments.db.prepared import Prepared
from token_payments.errors import NotOffered
from token_payments.hosts import host
from token_payments.hosts.base import HostItem, Mode


@dataclass(frozen=True)
class Price:
    """An amount of money: ``currency`` is an ISO 4217 code in upper case."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Offer:
    """The terms on which a course is sold now: its mode, its prices and how it may be paid.

    ``methods`` are slugs of payment methods. ``price`` is money for one seat, None for an item that
    is priced in tokens alone; ``token_prices`` has the tokens of each type, by the type's id, that
    one seat costs. ``host_item`` is the course as the platform has it.
    """

    item: CatalogueItem
    host_item: HostItem
    mode: str
    price: Price | None
    methods: frozenset[str]
    token_prices: Mapping[int, int] = field(default_factory=dict)


def find_item(item_key: str) -> CatalogueItem | None:
    return CatalogueItem.objects.filter(item_key=item_key).first()


def find_paid_item(item_key: str) -> CatalogueItem | None:
    """The item with this key, if self-enrolment in it has to be paid."""
    item = CatalogueItem.objects.filter(item_key=item_key).first()
    return item if item is not None and is_paid(item) else None


def takes_codes(item: CatalogueItem) -> bool:
    """Whether codes for the item can be redeemed: Token Code is one of its payment methods."""
    return item.payment_methods.filter(method=TOKEN_CODE_METHOD).exists()


def is_paid(item: CatalogueItem, settings: EnrolmentSettings | None = None) -> bool:
    """Whether self-enrolment in the item has to be paid, by the item or by the site."""
    settings = settings or EnrolmentSettings.current()
    own_method_counts = (
        settings.override_allowed and item.enrolment_method != ItemEnrolmentMethod.DEFAULT
    )
    method = item.enrolment_method if own_method_counts else settings.default_method
    return bool(method == EnrolmentMethod.PAID)


def list_token_prices(item: CatalogueItem) -> list[TokenPrice]:
    """The price of a seat in each type that it may be paid in, by the types' names."""
    return list(item.token_prices.select_related("token_type"))


def list_priced_items(type_ids: Collection[int]) -> list[TokenPrice]:
    """The items that tokens of these types can pay for, with prices: by title, two queries.

    Whether the host still has these courses is not asked.
    """
    settings = EnrolmentSettings.current()
    if not settings.enabled:
        return []
    prices = TokenPrice.objects.filter(
        token_type__in=type_ids, item__payment_methods__method=WALLET_METHOD
    )
    prices = prices.select_related("item", "token_type")
    ordered = prices.order_by("item__title", "item__item_key", "token_type__name")
    return [price for price in ordered if is_paid(price.item, settings)]


def list_orderable_items() -> list[CatalogueItem]:
    """The items that codes can be ordered for: paid ones that take codes; by title, one query.

    Whether the host still has these courses is not asked.
    """
    settings = EnrolmentSettings.current()
    items = CatalogueItem.objects.filter(payment_methods__method=TOKEN_CODE_METHOD)
    return [item for item in items.order_by("title", "item_key") if is_paid(item, settings)]


def list_sold_items() -> list[CatalogueItem]:
    """The items that learners have to pay for, by title; one query. The host isn't asked."""
    settings = EnrolmentSettings.current()
    return [item for item in CatalogueItem.objects.all() if is_paid(item, settings)]


def list_offered_items() -> QuerySet[CatalogueItem]:
    """The catalogue items that learners may pay for with tokens, as far as the catalogue says.

    Whether the host still has these courses is not asked.
    """
    settings = EnrolmentSettings.current()
    items = CatalogueItem.objects.filter(
        pk__in=CatalogueItemPaymentMethod.objects.order_by().values("item")
    )
    if not settings.enabled:
        return items.none()
    is_default = ~Q(enrolment_method__in=(ItemEnrolmentMethod.FREE, ItemEnrolmentMethod.PAID))
    by_default = settings.default_method == EnrolmentMethod.PAID
    if not settings.override_allowed:
        return items if by_default else items.none()
    is_offered = Q(enrolment_method=ItemEnrolmentMethod.PAID)
    return items.filter(is_offered | is_default if by_default else is_offered)


def find_mode(item: CatalogueItem, host_item: HostItem) -> Mode | None:
    """The course mode that paying learners get; None when the course has no such mode now."""
    if item.course_mode:
        return host_item.get_mode(item.course_mode)
    return next((mode for mode in host_item.modes if mode.price), None)


def find_price(item: CatalogueItem, mode: Mode | None) -> Price | None:
    """The price of one seat: the item's own, else the host's; None when neither has one."""
    if item.price is not None:
        currency = item.currency or (mode.currency if mode else "")
        return Price(item.price, currency) if currency else None
    if mode and mode.price:
        return Price(Decimal(mode.price), mode.currency)
    return None


def get_offer(item_key: str) -> Offer:
    """The terms on which a course is sold now; ``item_key`` is the course key as text.

    Raises NotOffered when the course isn't sold for tokens or payment is switched off, ItemNotFound
    when the host doesn't have it (any more).
    """
    settings = EnrolmentSettings.current()
    rows = _OPTIONS.fetch(item_key=item_key)
    if not rows:
        raise NotOffered(item_key)
    item = CatalogueItem.from_db(connection.alias, _COLUMNS, rows[0][3:])
    if not is_paid(item, settings):
        raise NotOffered(item_key)
    if not settings.enabled:
        raise NotOffered(item_key, "payments_off")
    methods = frozenset(row[0] for row in rows)
    token_prices = {type_id: quantity for _, type_id, quantity, *_ in rows if type_id is not None}
    host_item = host.get_item(item_key)
    mode = find_mode(item, host_item)
    price = find_price(item, mode)
    if mode is None or (price is None and methods != {WALLET_METHOD}):
        raise NotOffered(item_key)
    return Offer(item, host_item, mode.slug, price, methods, token_prices)


_COLUMNS = [field.attname for field in CatalogueItem._meta.concrete_fields]
#: An item that takes at least one payment method: a row for each method with each price.
_OPTIONS = Prepared(
    lambda item_key: CatalogueItemPaymentMethod.objects.filter(item__item_key=item_key).values_list(
        "method",
        "item__token_prices__token_type_id",
        "item__token_prices__quantity",
        *(f"item__{name}" for name in _COLUMNS),
    ),
    item_key=str,
)
