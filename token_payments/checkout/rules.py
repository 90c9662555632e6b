"""The rules of paying: what a learner would pay, what was paid, and who must pay first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from token_payments import errors
from token_payments.assignments.access import find_order_of
from token_payments.assignments.own_codes import has_address
from token_payments.catalogue.models import CatalogueItem
from token_payments.catalogue.queries import Offer, find_mode, find_paid_item, get_offer
from token_payments.checkout.models import Redemption
from token_payments.checkout.payment_methods import list_methods
from token_payments.checkout.payment_methods.base import PaymentMethod, PaymentQuote, Reference
from token_payments.hosts import host
from token_payments.hosts.base import Actor, HostItem, User, Visitor
from token_payments.orders.models import TokenOrder


@dataclass(frozen=True)
class Review:
    """The payment that Finish would make: ``seats_left`` is None where there is no limit.

    ``quote.description`` says in the reader's language what would be taken.
    """

    offer: Offer
    method: PaymentMethod
    quote: PaymentQuote
    seats_left: int | None


@dataclass(frozen=True)
class Payments:
    """The payments that count for an item: whether the learner has paid, and how many have.

    ``taken`` is counted only where the item's seats are limited.
    """

    has_paid: bool = False
    taken: int = 0


def review(
    *,
    learner: User,
    item_key: str,
    method: str,
    reference: Reference,
    now: datetime,
    actor: User | None = None,
) -> Review:
    """Check a payment as Finish would, taking nothing; the arguments are those of ``redeem``.

    Raises PaymentRefused (its children tell why) and ItemNotFound.
    """
    offer = get_offer(item_key)
    check_learner(offer, learner)
    payment_method = get_offered_method(offer, method)
    quote = payment_method.quote(
        offer, learner=learner, actor=actor or learner, reference=reference, now=now
    )
    return Review(offer, payment_method, quote, count_seats_left(offer))


def check_learner(offer: Offer, learner: User) -> None:
    """Check that a learner may pay for what is on offer at all, in whatever way.

    Raises PaymentRefused: AlreadyEnrolled, AlreadyPaid, HostRefused or NoSeats.
    """
    check_not_enrolled(offer, learner)
    check_not_paid(offer, learner, get_payments(offer, learner))


def check_not_paid(offer: Offer, learner: User, payments: Payments) -> None:
    """The same of somebody who isn't enrolled, by what was paid. Raises PaymentRefused."""
    if payments.has_paid:
        raise errors.AlreadyPaid(offer.item.item_key)
    check_visitor(offer, learner, payments)


def check_visitor(offer: Offer, visitor: Visitor, payments: Payments) -> None:
    """Check what keeps out people who aren't enrolled, visitors too. Raises PaymentRefused."""
    refusal = host.check_enrol(visitor, offer.item.item_key, mode=offer.mode)
    if refusal is not None:
        raise errors.HostRefused(refusal)
    if _compute_least_left(offer.item, offer.host_item, payments.taken) == 0:
        raise errors.NoSeats(offer.item.item_key)


def get_payments(offer: Offer, learner: User) -> Payments:
    """One query."""
    item = CatalogueItem.objects.filter(pk=offer.item.pk)
    return Payments(*item.values_list(*count_payments(offer, learner)).get())


def count_payments(offer: Offer, learner: Visitor) -> tuple[Combinable, Combinable]:
    """The values of Payments, as columns of a query of catalogue items."""
    live = Redemption.objects.filter(item=offer.item.pk, live=True).order_by()
    has_paid = Exists(live.filter(learner=learner.pk)) if learner.is_authenticated else Value(False)
    if offer.item.seats is None:
        return has_paid, Value(0)
    count = live.values("item").annotate(number=Count("pk")).values("number")
    return has_paid, Coalesce(Subquery(count), 0)


def check_not_enrolled(offer: Offer, learner: User) -> None:
    """Raises AlreadyEnrolled, unless the learner is in a free mode and would be lifted from it."""
    enrolment = host.get_enrolment(learner, offer.item.item_key)
    if enrolment is None or not enrolment.is_active:
        return
    pays_for_more = (
        enrolment.mode != offer.mode and enrolment.mode not in offer.host_item.paid_slugs
    )
    if not pays_for_more:
        raise errors.AlreadyEnrolled(offer.item.item_key)


def get_offered_method(offer: Offer, slug: str) -> PaymentMethod:
    """The payment method, if the item takes it. Raises NotOffered."""
    on_offer = {method.slug: method for method in list_methods() if method.slug in offer.methods}
    if slug not in on_offer:
        raise errors.NotOffered(slug, "method_gone" if on_offer else "not_offered")
    return on_offer[slug]


def count_seats_left(offer: Offer) -> int | None:
    """``count_places`` of what is on offer."""
    return count_places(offer.item, offer.host_item)


def count_places(item: CatalogueItem, host_item: HostItem) -> int | None:
    """How many more may join: the smaller of the item's and the host's numbers; None: no limit."""
    taken = count_live_redemptions(item) if item.seats is not None else 0
    return _compute_least_left(item, host_item, taken)


def _compute_least_left(item: CatalogueItem, host_item: HostItem, taken: int) -> int | None:
    limits = [host_item.seats_left] if host_item.seats_left is not None else []
    if item.seats is not None:
        limits.append(max(0, item.seats - taken))
    return min(limits, default=None)


def count_live_redemptions(item: CatalogueItem) -> int:
    return Redemption.objects.filter(item=item, live=True).count()


def find_live_redemption(
    learner: User, item: CatalogueItem, *, lock: bool = False
) -> Redemption | None:
    """The learner's payment for this item, unless it was reversed.

    ``lock`` it where something is built on it: a reversal waits then, or has been first.
    """
    live = Redemption.objects.filter(learner=learner, item=item, live=True)
    if lock and live.select_for_update().only("pk").first() is None:
        return None
    return live.select_related("code", "item").first()


def may_know_reason(user: Visitor, order_id: int | None, *, holder: str = "") -> bool:
    """Whether the user may be told why a code of this order isn't redeemable.

    Those who look after the order, staff, and whom the code was given to, at ``holder``.
    """
    if order_id is None or not user.is_authenticated:
        return False
    if holder and user.is_active and has_address(user, holder):
        return True
    if find_order_of(user, order_id) is not None:
        return True
    order = TokenOrder.objects.select_related("item").get(pk=order_id)
    return host.may_manage(user, order.course.item_key)


def must_pay_first(learner: User, item_key: str, mode: str | None) -> bool:
    """The gate: whether this enrolment, asked for by the learner, lacks a payment.

    Staff, invited learners, free modes and courses that aren't paid items pass. ``mode`` is None
    when the host was asked for no mode in particular: then every mode that may come of it counts.
    """
    item = find_paid_item(item_key)
    if item is None:
        return False
    if host.get_actor(learner, item_key) != Actor.SELF_SERVICE:
        return False
    # early, as our own enrolments come by here: the host need not be asked for more then
    if Redemption.objects.filter(learner=learner, item=item, live=True).exists():
        return False
    if host.may_manage(learner, item_key):
        return False
    if not _is_mode_paid(item, host.get_item(item_key), mode):
        return False
    return not host.is_invited(learner, item_key)


def _is_mode_paid(item: CatalogueItem, host_item: HostItem, mode: str | None) -> bool:
    """A mode that isn't open counts as paid: the host's stopgap for closed ones."""
    asked = {mode} if mode else host_item.unnamed_modes
    if mode and host_item.get_mode(mode) is None:
        return True
    sold = find_mode(item, host_item)
    paid = host_item.paid_slugs | ({sold.slug} if sold else set())
    every_mode_is_paid = len(host_item.paid_modes) == len(host_item.modes)
    return not paid.isdisjoint(asked) or (mode is None and every_mode_is_paid)
