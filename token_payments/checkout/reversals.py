"""Reversing payments: what was taken goes back to where it came from, once.

Locks, in this order: the order of its code, the redemption, then what its payment method gives
back. The host's unenrolment comes last, since its events leave at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy

from token_payments.catalogue.unenrolment import get_rule
from token_payments.checkout import states
from token_payments.checkout.code_returns import CodeOutcome, decide_outcome
from token_payments.checkout.models import Redemption, RedemptionState
from token_payments.checkout.payment_methods import get_method
from token_payments.db.transactions import LostRace, in_transaction
from token_payments.errors import ItemNotFound
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.orders.placing import lock_order
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.returns import Return, preview_return

#: Of what a rule gave back.
REASON_LEFT = gettext_lazy("The learner left the course.")


@dataclass(frozen=True)
class ReversalPreview:
    """A preview of a reversal: tokens by issue, or the outcome for the code.

    ``is_enrolled``: the learner still is, and stays so unless the reversal unenrols as well.
    """

    redemption: Redemption
    is_enrolled: bool
    returns: list[Return] = field(default_factory=list)
    outcome: CodeOutcome | None = None


def preview_reversal(redemption: Redemption, *, now: datetime) -> ReversalPreview:
    """A preview of ``reverse`` at ``now``: what goes back, to whom, and how long it can be used."""
    enrolment = host.get_enrolment(redemption.learner, redemption.item.item_key)
    is_enrolled = enrolment is not None and enrolment.is_active
    if redemption.code is not None:
        outcome = decide_outcome(redemption, redemption.code.order)
        return ReversalPreview(redemption, is_enrolled, outcome=outcome)
    return ReversalPreview(redemption, is_enrolled, preview_return(redemption, now=now))


def reverse(
    redemption_id: int,
    *,
    actor: User | None,
    reason: str,
    now: datetime,
    unenrol: bool = False,
) -> Redemption:
    """Undo a payment: tokens return to the issues they were drawn from, a code is given back.

    By the site's settings the learner may redeem the code again, or its buyer gets a new one in its
    place; a code of a cancelled order is cancelled. ``reason`` is kept, up to 255 characters. With
    ``unenrol`` the learner leaves the course as well. ``actor`` is None where a policy acts. Doing
    it again changes nothing, and answers with the redemption.

    Raises InvalidTransition for one that was never completed, HostRefused when the host won't
    unenrol (nothing is given back then), ConfigurationError when a code can't be made.
    """
    by: dict[str, Any] = {"actor": actor, "reason": reason[:255], "now": now}
    return in_transaction(partial(_reverse, redemption_id, unenrol=unenrol, **by))


def handle_unenrolment(
    redemption_id: int,
    *,
    actor: User | None,
    left_at: datetime,
    now: datetime,
) -> Redemption:
    """Decide what an enrolment that ended gives back, by the item's rule; safe to do again.

    ``actor`` ended it, None if that isn't known. ``left_at`` is kept from the first time on; a
    learner who is enrolled (again) hasn't left.
    """
    return in_transaction(partial(_judge, redemption_id, actor, left_at, now))


def _judge(
    redemption_id: int,
    actor: User | None,
    left_at: datetime,
    now: datetime,
) -> Redemption:
    redemption = _lock(redemption_id)
    if redemption.state != RedemptionState.COMPLETED:
        return redemption
    learner, item = redemption.learner, redemption.item
    enrolment = host.get_enrolment(learner, item.item_key)
    if enrolment is not None and enrolment.is_active:
        if redemption.left_at is not None:
            redemption.left_at = None
            redemption.save(update_fields=["left_at"])
        return redemption
    redemption.left_at = redemption.left_at or left_at
    redemption.save(update_fields=["left_at"])
    assert redemption.completed_at is not None
    gives_back = get_rule(item).gives_back(
        left_at=redemption.left_at,
        paid_at=redemption.completed_at,
        starts=_get_start(item.item_key),
        by_staff=_is_staff(actor, learner, item.item_key),
    )
    if gives_back:
        # in the site's language, whoever caused it: many people read the ledger
        with translation.override(settings.LANGUAGE_CODE):
            reason = str(REASON_LEFT)
        _undo(redemption, actor, reason, now)
    return redemption


def _reverse(
    redemption_id: int, *, actor: User | None, reason: str, now: datetime, unenrol: bool
) -> Redemption:
    redemption = _lock(redemption_id)
    if redemption.state != RedemptionState.REVERSED:
        _undo(redemption, actor, reason, now)
    if unenrol:
        host.unenrol(redemption.learner, redemption.item.item_key)
        if not Redemption.objects.filter(pk=redemption_id, live=None).exists():
            raise LostRace  # the host kept a deadlock to itself, after which MySQL goes on
    return redemption


def _undo(redemption: Redemption, actor: User | None, reason: str, now: datetime) -> None:
    states.advance(redemption, "reverse")
    redemption.live = redemption.missing_since = None
    redemption.reversed_at, redemption.reversed_by = now, actor
    redemption.reversal_reason = reason
    redemption.save(
        update_fields=[
            *("state", "live", "missing_since"),
            *("reversed_at", "reversed_by", "reversal_reason"),
        ]
    )
    method = get_method(redemption.method)
    method.give_back(redemption, actor=actor, reason=reason, now=now)
    announce(Step.REVERSED, redemption)


def _lock(redemption_id: int) -> Redemption:
    """The redemption, locked, as it is then. Raises Redemption.DoesNotExist.

    Its order first: on MySQL the redemption's new state locks the code's row shared, and whoever
    cancels the order holds that one and wants the code.
    """
    order_id = Redemption.objects.values_list("code__order_id", flat=True).get(pk=redemption_id)
    if order_id is not None:
        lock_order(order_id)
    Redemption.objects.select_for_update().only("pk").get(pk=redemption_id)
    rows = Redemption.objects.select_related("learner", "item", "code__order", "wallet")
    return rows.get(pk=redemption_id)


def _get_start(item_key: str) -> datetime | None:
    """When the course starts; None when it doesn't say, or the host has no such course any more."""
    try:
        return host.get_item(item_key).starts
    except ItemNotFound:
        return None


def _is_staff(actor: User | None, learner: User, item_key: str) -> bool:
    if actor is None or actor.pk == learner.pk:
        return False
    return host.may_manage(actor, item_key)
