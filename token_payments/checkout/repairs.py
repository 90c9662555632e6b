"""Payments without an enrolment, put right by staff.

Paying and enrolling are one transaction, so what is missing was removed beside the plugin: a row
that was deleted, a backup of half the database. Who left still has a row, an inactive one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

from token_payments.checkout.models import (
    Redemption,
    RedemptionAction,
    RedemptionLogEntry,
    RedemptionState,
)
from token_payments.db.transactions import in_transaction
from token_payments.errors import InvalidTransition
from token_payments.hosts import host
from token_payments.hosts.base import Enrolment, HostRefusal, User


class EnrolmentState(StrEnum):
    """Where the learner of a payment stands now. MISSING: paid, and the platform has nothing."""

    ENROLLED = "enrolled"
    OTHER_MODE = "other_mode"
    LEFT = "left"
    MISSING = "missing"
    NOT_PAID = "not_paid"


@dataclass(frozen=True)
class RepairPreview:
    """What enrolling again would do: nothing but that; ``refusal`` is what the platform has
    against it."""

    redemption: Redemption
    state: EnrolmentState
    refusal: HostRefusal | None


def get_enrolment_state(redemption: Redemption) -> EnrolmentState:
    """Asked of the platform now, whatever was seen before."""
    if redemption.state != RedemptionState.COMPLETED:
        return EnrolmentState.NOT_PAID
    enrolment = host.get_enrolment(redemption.learner, redemption.item.item_key)
    return judge_enrolment_state(redemption, enrolment)


def judge_enrolment_state(redemption: Redemption, enrolment: Enrolment | None) -> EnrolmentState:
    """Of a completed payment, by what the platform has for it."""
    if enrolment is None:
        return EnrolmentState.MISSING if redemption.left_at is None else EnrolmentState.LEFT
    if not enrolment.is_active:
        return EnrolmentState.LEFT
    return (
        EnrolmentState.ENROLLED if enrolment.mode == redemption.mode else EnrolmentState.OTHER_MODE
    )


def preview_repair(redemption: Redemption) -> RepairPreview:
    """A preview of ``repair_enrolment`` now."""
    learner, item_key = redemption.learner, redemption.item.item_key
    refusal = host.check_enrol(learner, item_key, mode=redemption.mode)
    return RepairPreview(redemption, get_enrolment_state(redemption), refusal)


def repair_enrolment(redemption_id: int, *, actor: User, reason: str, now: datetime) -> Redemption:
    """Enrol the learner of a payment that counts, in the mode that was paid; takes nothing.

    Who is enrolled already stays so, and nothing is logged: doing it twice does it once. Raises
    InvalidTransition for a payment that doesn't count, HostRefused.
    """
    return in_transaction(partial(_repair, redemption_id, actor, reason[:255], now))


def _repair(redemption_id: int, actor: User, reason: str, now: datetime) -> Redemption:
    Redemption.objects.select_for_update().only("pk").get(pk=redemption_id)
    redemption = Redemption.objects.select_related("learner", "item").get(pk=redemption_id)
    if redemption.state != RedemptionState.COMPLETED:
        subject = f"Redemption {redemption.uuid}"
        raise InvalidTransition(subject, redemption.state, "enrol again")
    is_enrolled = get_enrolment_state(redemption) is EnrolmentState.ENROLLED
    redemption.left_at = redemption.missing_since = None
    redemption.save(update_fields=["left_at", "missing_since"])
    if is_enrolled:
        return redemption
    RedemptionLogEntry.objects.create(
        redemption=redemption,
        action=RedemptionAction.ENROLLED_AGAIN,
        actor=actor,
        reason=reason,
        created_at=now,
    )
    # last, since its events leave at once
    host.enrol(
        redemption.learner,
        redemption.item.item_key,
        mode=redemption.mode,
        reference=str(redemption.uuid),
    )
    return redemption
