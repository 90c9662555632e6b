"""Learners who left a course that they had paid for: found, and judged by the item's rule."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from token_payments.checkout.models import Redemption, RedemptionState
from token_payments.checkout.reversals import Tell, handle_unenrolment
from token_payments.errors import TokenPaymentsError
from token_payments.hosts import get_host

log = logging.getLogger(__name__)

PAGE = 500  # redemptions looked at with one question to the host


@dataclass(frozen=True)
class Swept:
    """What a sweep found: enrolments that had ended, and the redemptions that were reversed."""

    left: int = 0
    failed: int = 0
    reversed_ids: tuple[int, ...] = ()

    @property
    def given_back(self) -> int:
        return len(self.reversed_ids)


def find_departure(*, learner_id: int, item_key: str) -> Redemption | None:
    """The payment that an enrolment which ends was made with, if there is one that counts."""
    rows = Redemption.objects.filter(
        learner_id=learner_id, item__item_key=item_key, state=RedemptionState.COMPLETED
    )
    return rows.first()


def sweep_departures(*, now: datetime, tell: Tell | None = None) -> Swept:
    """Judge every enrolment that ended, or began again, without our being told.

    Each is a transaction of its own; one that fails is logged and left to the next run. Who ended
    it is not known then, so what staff alone may give back stays. ``tell`` is as of
    ``handle_unenrolment``: what ends a sweep half-way leaves nobody untold.
    """
    left = failed = 0
    reversed_ids = []
    for redemption in _find_changed():
        try:
            judged = handle_unenrolment(redemption.pk, actor=None, left_at=now, now=now, tell=tell)
        except TokenPaymentsError:
            log.exception("redemption %s: what leaving gives back failed", redemption.uuid)
            failed += 1
            continue
        left += judged.left_at is not None
        if judged.state == RedemptionState.REVERSED:
            reversed_ids.append(judged.pk)
    return Swept(left, failed, tuple(reversed_ids))


def _find_changed() -> Iterator[Redemption]:
    """Completed redemptions whose ``left_at`` isn't what the host's enrolment says, by id."""
    last = 0
    completed = Redemption.objects.filter(state=RedemptionState.COMPLETED).order_by("id")
    while page := list(completed.filter(pk__gt=last).select_related("item")[:PAGE]):
        yield from _filter_changed(page)
        last = page[-1].pk


def _filter_changed(page: Sequence[Redemption]) -> Iterator[Redemption]:
    found = get_host().list_enrolments((row.learner_id, row.item.item_key) for row in page)
    for row in page:
        enrolment = found.get((row.learner_id, row.item.item_key))
        is_active = enrolment is not None and enrolment.is_active
        if is_active == (row.left_at is not None):
            yield row
