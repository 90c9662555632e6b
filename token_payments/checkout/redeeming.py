"""Paying: check, reserve, enrol, complete, in one transaction.

Locks, in this order: the catalogue item (only where seats are limited), then what the payment
method takes. Nothing that can fail comes after the host's enrolment, whose events leave at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import IntegrityError, connection, transaction

from token_payments import errors
from token_payments.catalogue.models import CatalogueItem
from token_payments.catalogue.queries import Offer, find_item, get_offer
from token_payments.checkout import rules, states
from token_payments.checkout.groups import place_in_group
from token_payments.checkout.models import GroupState, Redemption
from token_payments.checkout.payment_methods import get_method
from token_payments.checkout.payment_methods.base import Reference
from token_payments.db.prepared import Prepared
from token_payments.db.transactions import LostRace, in_transaction
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.outbox.earlier import check_same
from token_payments.outbox.steps import Step, announce

log = logging.getLogger(__name__)

#: What somebody else writes in the transaction of a payment.
Also = Callable[[Redemption], object]


@dataclass(frozen=True)
class Payment:
    """The arguments of ``redeem``; ``actor`` is who acts."""

    learner: User
    item_key: str
    method: str
    reference: Reference
    idempotency_key: str
    now: datetime
    actor: User
    also: Also | None


def redeem(
    *,
    learner: User,
    item_key: str,
    method: str,
    reference: Reference,
    idempotency_key: str,
    now: datetime,
    actor: User | None = None,
    also: Also | None = None,
) -> Redemption:
    """Pay for a course and enrol the learner in it, both or neither.

    ``item_key`` is the course key as text, ``method`` the slug of a payment method, ``reference``
    what that remembers of the learner's choice: of a code ``refer_to_text``, of a wallet its id and
    the number of tokens agreed to, both as text (``{"wallet": "7", "tokens": "3"}``). ``actor`` is
    who acts, if not the learner. The same key with the same arguments answers with the first
    result, whatever has changed since; with others it raises IdempotencyConflict. ``also`` is done
    with the redemption in the transaction that pays; what it raises undoes the payment.

    Raises PaymentRefused (its children tell why) and ItemNotFound; nothing is taken then.
    """
    payment = Payment(
        learner, item_key, method, reference, idempotency_key, now, actor or learner, also
    )
    pay = partial(_redeem_once, payment)
    try:
        return in_transaction(pay, with_locks=partial(pay, with_locks=True))
    except (IntegrityError, errors.PaymentRefused) as error:
        # A commit may have come between: the same request sent twice, or the learner's other tab
        # with this code or another one, or with the last tokens.
        earlier = _find_earlier(payment)
        if earlier is not None:
            return earlier
        if isinstance(error, (IntegrityError, errors.ChoiceRefused)):
            _check_not_paid(learner, item_key)
        raise


def _redeem_once(payment: Payment, *, with_locks: bool = False) -> Redemption:
    earlier = _find_earlier(payment)
    if earlier is not None:
        return earlier
    learner, actor, now = payment.learner, payment.actor, payment.now
    offer = get_offer(payment.item_key)
    method = rules.get_offered_method(offer, payment.method)
    rules.check_not_enrolled(offer, learner)
    quote = method.quote(offer, learner=learner, actor=actor, reference=payment.reference, now=now)
    if offer.item.seats is not None or offer.host_item.seats_left is not None:
        _hold_seat(offer)
    redemption = Redemption(
        learner=learner,
        item=offer.item,
        method=method.slug,
        mode=offer.mode,
        price=offer.price.amount if offer.price else None,
        currency=offer.price.currency if offer.price else "",
        group_name=quote.group_name,
        group_state=GroupState.PENDING if quote.group_name else GroupState.NONE,
        actor=actor,
        idempotency_key=payment.idempotency_key,
        created_at=now,
    )
    method.reserve(redemption, quote, with_locks=with_locks)
    if payment.also is not None:
        payment.also(redemption)
    announce(Step.REDEEMED, redemption)
    host.enrol(learner, payment.item_key, mode=offer.mode, reference=str(redemption.uuid))
    states.advance(redemption, "complete")
    redemption.completed_at = now
    _save_completed(redemption)
    if redemption.group_name:
        # no partial: Django asks a robust function that fails for its name
        transaction.on_commit(lambda: place_in_group(redemption, now=now), robust=True)
    return redemption


def enrol_again(*, learner: User, item_key: str) -> Redemption:
    """Enrol a learner who paid for a course before and left it; takes nothing.

    Raises NotOffered when there is no payment that still counts, AlreadyEnrolled, HostRefused.
    """

    def enrol() -> Redemption:
        item = find_item(item_key)
        redemption = rules.find_live_redemption(learner, item, lock=True) if item else None
        if redemption is None:
            raise errors.NotOffered(item_key)
        enrolment = host.get_enrolment(learner, item_key)
        if enrolment is not None and enrolment.is_active and enrolment.mode == redemption.mode:
            raise errors.AlreadyEnrolled(item_key)
        reference = str(redemption.uuid)
        if redemption.left_at is not None or redemption.missing_since is not None:
            redemption.left_at = redemption.missing_since = None
            redemption.save(update_fields=["left_at", "missing_since"])
        host.enrol(learner, item_key, mode=redemption.mode, reference=reference, again=True)
        return redemption

    return in_transaction(enrol)


def _hold_seat(offer: Offer) -> None:
    """Queue up for an item whose seats are limited, and count again. Raises NoSeats."""
    CatalogueItem.objects.select_for_update().only("pk").get(pk=offer.item.pk)
    if rules.count_seats_left(offer) == 0:
        raise errors.NoSeats(offer.item.item_key)


_BY_KEY = Prepared(
    lambda key: Redemption.objects.filter(idempotency_key=key).order_by().values_list("pk"), key=str
)


def _find_earlier(payment: Payment) -> Redemption | None:
    """``outbox.earlier.find_earlier``, by a statement that is made once."""
    key = payment.idempotency_key
    found = _BY_KEY.fetch(key=key)
    if not found:
        return None
    earlier = check_same(
        Redemption.objects.select_related("code", "item").get(pk=found[0][0]),
        key,
        learner_id=payment.learner.pk,
        item__item_key=payment.item_key,
        method=payment.method,
    )
    if not get_method(payment.method).matches(earlier, payment.reference):
        raise errors.IdempotencyConflict(key)
    return earlier


def _save_completed(redemption: Redemption) -> None:
    """Raises LostRace when it isn't there any more.

    So it is after a deadlock in the host that nobody told of: MySQL undoes all before it, and goes
    on.
    """
    table = connection.ops.quote_name(Redemption._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET state = %s, completed_at = %s WHERE id = %s",  # noqa: S608 (the name is ours)
            [
                str(redemption.state),
                connection.ops.adapt_datetimefield_value(redemption.completed_at),
                redemption.pk,
            ],
        )
        if cursor.rowcount != 1:
            raise LostRace


def _check_not_paid(learner: User, item_key: str) -> None:
    """Raises AlreadyEnrolled or AlreadyPaid when a live redemption stands in the way."""
    offer = get_offer(item_key)
    rules.check_not_enrolled(offer, learner)
    if rules.find_live_redemption(learner, offer.item) is not None:
        raise errors.AlreadyPaid(item_key)
