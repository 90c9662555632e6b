"""Learners who left a course that they had paid for: found, and judged by the item's rule.

The same look at every payment finds those whose enrolment is missing altogether.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError

from token_payments.checkout.models import Redemption, RedemptionState
from token_payments.checkout.repairs import EnrolmentState, judge_enrolment_state
from token_payments.checkout.reversals import handle_unenrolment
from token_payments.hosts import host
from token_payments.outbox.steps import Step, announce

log = logging.getLogger(__name__)

PAGE = 500  # redemptions looked at with one question to the host


@dataclass(frozen=True)
class Swept:
    """The result of a sweep: enrolments that had ended, and the redemptions that were reversed.

    ``missing`` are payments for which the platform has no enrolment at all.
    """

    left: int = 0
    failed: int = 0
    missing: int = 0
    reversed_ids: tuple[int, ...] = ()

    @property
    def given_back(self) -> int:
        return len(self.reversed_ids)


def find_ended_payment(*, learner_id: int, item_key: str) -> Redemption | None:
    """The payment that an enrolment which ends was made with, if there is one that counts."""
    rows = Redemption.objects.filter(
        learner_id=learner_id, item__item_key=item_key, state=RedemptionState.COMPLETED
    )
    return rows.first()


@dataclass(frozen=True)
class Unenrolment:
    """An enrolment that has ended, and the payment that it was made with."""

    redemption_id: int
    actor_id: int | None
    left_at: datetime


def note_unenrolment(
    *, learner_id: int, item_key: str, actor_id: int | None, left_at: datetime
) -> None:
    """Have decided what a learner who left gets back, in the transaction that ends the enrolment.

    Nothing for an enrolment that wasn't paid for with us.
    """
    redemption = find_ended_payment(learner_id=learner_id, item_key=item_key)
    if redemption is not None:
        announce(Step.LEARNER_LEFT, Unenrolment(redemption.pk, actor_id, left_at))


def sweep_departures(*, now: datetime) -> Swept:
    """Judge every enrolment that ended, or began again, without our being told.

    Each is a transaction of its own; one that fails is logged and left to the next run. Who ended
    it is not known then, so what staff alone may give back stays.

    Who leaves keeps a row on the platform, so a payment without one is no unenrolment: it is marked
    for staff to repair.
    """
    left = failed = missing = 0
    reversed_ids = []
    for redemption, state in _look_at_all():
        if state is EnrolmentState.MISSING:
            missing += 1
        _mark(redemption, state, now)
        if not _is_news(redemption, state):
            continue
        try:
            judged = handle_unenrolment(redemption.pk, actor=None, left_at=now, now=now)
        except (OperationalError, InterfaceError):
            raise  # the database is away: nothing else would go well
        except Exception:  # one that can't be judged doesn't keep the others waiting for ever
            log.exception("redemption %s: what leaving gives back failed", redemption.uuid)
            failed += 1
            continue
        left += judged.left_at is not None
        if judged.state == RedemptionState.REVERSED:
            reversed_ids.append(judged.pk)
    return Swept(left, failed, missing, tuple(reversed_ids))


def _look_at_all() -> Iterator[tuple[Redemption, EnrolmentState]]:
    """Every completed redemption and where its learner stands, by id."""
    last = 0
    completed = Redemption.objects.filter(state=RedemptionState.COMPLETED).order_by("id")
    while page := list(completed.filter(pk__gt=last).select_related("item")[:PAGE]):
        # after the redemptions: both are committed at once, so who is seen there is seen here
        found = host.list_enrolments((row.learner_id, row.item.item_key) for row in page)
        for row in page:
            yield row, judge_enrolment_state(row, found.get((row.learner_id, row.item.item_key)))
        last = page[-1].pk


def _is_news(redemption: Redemption, state: EnrolmentState) -> bool:
    """Whether ``left_at`` isn't what the platform says."""
    has_left = state is EnrolmentState.LEFT
    return state is not EnrolmentState.MISSING and has_left != (redemption.left_at is not None)


def _mark(redemption: Redemption, state: EnrolmentState, now: datetime) -> None:
    """Keep since when the enrolment is missing, for lists: nothing else is decided by it."""
    is_missing = state is EnrolmentState.MISSING
    if is_missing == (redemption.missing_since is not None):
        return
    rows = Redemption.objects.filter(pk=redemption.pk, state=RedemptionState.COMPLETED)
    rows.update(missing_since=now if is_missing else None)
    if is_missing:
        log.warning("redemption %s: paid, and the learner isn't enrolled", redemption.uuid)
