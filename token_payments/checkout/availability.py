"""A course's availability to a person, for pages that show a button: joined, sold, closed, full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from token_payments.catalogue.models import CatalogueItem
from token_payments.catalogue.queries import Offer, get_offer
from token_payments.checkout import rules
from token_payments.checkout.payment_methods import list_methods
from token_payments.checkout.payment_methods.base import PaymentMethod
from token_payments.errors import AlreadyEnrolled, NotOffered, PaymentRefused
from token_payments.hosts import host
from token_payments.hosts.base import HostItem, Visitor


class AvailabilityState(StrEnum):
    """The ways in which a user can be related to a course: FREE is the platform's to offer.

    PAYABLE can be paid for here; NOT_OFFERED can't be joined without somebody else.
    """

    FREE = "free"
    PAYABLE = "payable"
    ENROLLED = "enrolled"
    SIGNED_OUT = "signed_out"
    CLOSED = "closed"
    FULL = "full"
    INVITATION_ONLY = "invitation_only"
    NOT_OFFERED = "not_offered"


#: Refusals that are a state of their own; for the learner any other one means NOT_OFFERED.
STATES = {
    "already_paid": AvailabilityState.PAYABLE,
    "closed": AvailabilityState.CLOSED,
    "full": AvailabilityState.FULL,
    "no_seats": AvailabilityState.FULL,
    "invitation_only": AvailabilityState.INVITATION_ONLY,
}


@dataclass(frozen=True)
class Availability:
    """The state of a course for one user, with what it costs and how it may be paid.

    ``refusal`` is the ``reason`` of the error that stands in the way, "" where none does. ``offer``
    is None for a course that isn't sold; ``token_prices`` has (tokens, type's name), by name. A
    learner whose earlier payment still counts is refused with already_paid, but the checkout enrols
    again at no cost: the state is PAYABLE.
    """

    host_item: HostItem
    state: AvailabilityState
    refusal: str = ""
    offer: Offer | None = None
    token_prices: Sequence[tuple[int, str]] = field(default_factory=tuple)
    methods: Sequence[PaymentMethod] = field(default_factory=tuple)


def get_availability(*, user: Visitor, item_key: str) -> Availability:
    """The state of a course for a user, who may be anonymous, with its prices.

    Two queries beside the host's. For an anonymous user nothing depends on who asks, nor from
    where. Raises ItemNotFound when the host doesn't have the course.
    """
    try:
        offer = get_offer(item_key)
        methods = _list_offered_methods(offer)
    except NotOffered as refusal:
        return _describe_unsold(user, item_key, refusal)
    token_prices, payments = _read_prices(offer, user)
    state, reason = _compute_state(user, offer, payments)
    return Availability(offer.host_item, state, reason, offer, token_prices, methods)


def _list_offered_methods(offer: Offer) -> list[PaymentMethod]:
    """In the operator's order. Raises NotOffered when none of them is registered."""
    methods = [method for method in list_methods() if method.slug in offer.methods]
    if not methods:
        raise NotOffered(offer.item.item_key)
    return methods


def _compute_state(
    user: Visitor, offer: Offer, payments: rules.Payments
) -> tuple[AvailabilityState, str]:
    try:
        if not user.is_authenticated:
            rules.check_visitor(offer, user, payments)
            return AvailabilityState.SIGNED_OUT, ""
        rules.check_not_enrolled(offer, user)
        rules.check_not_paid(offer, user, payments)
    except AlreadyEnrolled:
        return AvailabilityState.ENROLLED, ""
    except PaymentRefused as error:
        return STATES.get(error.reason, AvailabilityState.NOT_OFFERED), error.reason
    return AvailabilityState.PAYABLE, ""


def _describe_unsold(user: Visitor, item_key: str, refusal: NotOffered) -> Availability:
    """A course that can be joined at no cost is the host's; nobody joins another one alone."""
    host_item = host.get_item(item_key)
    enrolment = host.get_enrolment(user, item_key) if user.is_authenticated else None
    if enrolment is not None and enrolment.is_active:
        return Availability(host_item, AvailabilityState.ENROLLED)
    if len(host_item.paid_modes) < len(host_item.modes):
        return Availability(host_item, AvailabilityState.FREE)
    return Availability(host_item, AvailabilityState.NOT_OFFERED, refusal.reason)


def _read_prices(offer: Offer, user: Visitor) -> tuple[list[tuple[int, str]], rules.Payments]:
    """The names of what the offer may be paid in, and what was paid for it: one query for both."""
    has_paid, taken = rules.count_payments(offer, user)
    name = "token_prices__token_type__name"
    rows = (
        CatalogueItem.objects.filter(pk=offer.item.pk)
        .order_by(name)
        .values_list("token_prices__quantity", name, has_paid, taken)
    )
    found = list(rows)
    prices = [(quantity, name) for quantity, name, *_ in found if quantity is not None]
    return prices, rules.Payments(*found[0][2:]) if found else rules.Payments()
