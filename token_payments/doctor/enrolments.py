"""Redemptions and the platform: who has paid is enrolled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, ngettext

from token_payments.doctor.findings import Finding, Severity, call_support, walk
from token_payments.hosts import host
from token_payments.models import Redemption, RedemptionState

PAIRS = 500  # asked of the host at once
NAMED = 5


def list_unenrolled(_now: datetime) -> Iterator[Finding]:
    """A completed redemption has its enrolment, in the mode that was paid for.

    Who left is a note for all of them together: the payment lets them come back.
    """
    left: list[UUID] = []
    left_number = 0
    for redemptions in walk(Redemption.objects.all(), PAIRS):
        completed = redemptions.filter(live=True, state=RedemptionState.COMPLETED)
        rows = list(completed.values_list("uuid", "learner_id", "item__item_key", "mode"))
        # after the redemptions: both are committed at once, so who is seen there is seen here
        enrolments = host.list_enrolments((learner, key) for _, learner, key, _ in rows)
        for uuid, learner, key, mode in rows:
            enrolment = enrolments.get((learner, key))
            if enrolment is None:
                yield _describe_missing(uuid, learner, key)
            elif not enrolment.is_active:
                left_number += 1
                left += [uuid] if len(left) < NAMED else []
            elif enrolment.mode != mode:
                yield _describe_mode(uuid, learner, key, mode, enrolment.mode)
    if left_number:
        yield _describe_left(left, left_number)


def _describe_missing(uuid: UUID, learner: int, key: str) -> Finding:
    return Finding(
        _name(uuid),
        gettext("User %(user)s has paid for %(course)s and was never enrolled.")
        % {"user": learner, "course": key},
        advice=" ".join(
            (
                gettext(
                    "Enrol the learner, or let them select “Enrol again” on the course's page."
                ),
                call_support(),
            )
        ),
    )


def _describe_mode(uuid: UUID, learner: int, key: str, paid: str, actual: str) -> Finding:
    return Finding(
        _name(uuid),
        gettext(
            "User %(user)s has paid for the mode “%(paid)s” of %(course)s and is enrolled in "
            "“%(actual)s”."
        )
        % {"user": learner, "course": key, "paid": paid, "actual": actual},
        advice=gettext(
            "If nobody meant that, change the mode of the enrolment back to the one that was paid."
        ),
    )


def _describe_left(uuids: list[UUID], number: int) -> Finding:
    return Finding(
        subject=gettext("redemptions, e.g. %(uuids)s")
        % {"uuids": ", ".join(str(uuid) for uuid in uuids)},
        text=ngettext(
            "%(number)s learner has paid and left the course since.",
            "%(number)s learners have paid and left their course since.",
            number,
        )
        % {"number": number},
        advice=gettext("Nothing has to be done: they may enrol again without paying."),
        severity=Severity.NOTE,
    )


def _name(uuid: UUID) -> str:
    return gettext("redemption %(uuid)s") % {"uuid": uuid}
