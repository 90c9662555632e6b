"""What may come of walking a road, and how it is told from what the LMS answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tests.course_modes.courses import KEY

CHECKOUT = f"/token-payments/checkout/{KEY}/"
CHOICE = f"/course_modes/choose/{KEY}/"
IDENTITY = f"/verify_student/start-flow/{KEY}/"


class Outcome(Enum):
    """The text is what the documentation says."""

    PAYS = "**pays**, and is enrolled"
    BACK_IN = "enrolled again at no cost"
    FREE = "free of charge"
    LET_IN = "let in without paying"
    MUST_PAY = "must pay"
    MUST_PAY_500 = "must pay, on an error page"
    NOT_SOLD = "not on sale"
    MODE_GONE = "the mode is gone"
    CLOSED = "closed"
    FULL = "full"
    INVITATION = "by invitation only"
    EMBARGOED = "embargoed"
    REFUSED = "the LMS refuses"
    BROKEN = "the LMS's error page"
    NO_SUCH_MODE = "no such mode"
    STAFF_ONLY = "only for staff"
    TO_CHOICE = "sent to the choice"
    TO_IDENTITY = "sent to the identity check"
    NOTHING = "nothing happens"
    SHOWN = "a choice is shown"


@dataclass(frozen=True)
class Answer:
    """``status`` is 0 for what isn't a page; ``refusal`` is the reason of our own error."""

    status: int
    text: str
    location: str = ""
    refusal: str = ""


REFUSALS = {
    "not_offered": Outcome.NOT_SOLD,
    "mode_gone": Outcome.MODE_GONE,
    "closed": Outcome.CLOSED,
    "full": Outcome.FULL,
    "no_seats": Outcome.FULL,
    "invitation_only": Outcome.INVITATION,
    "embargoed": Outcome.EMBARGOED,
}
#: What stands in the LMS's answers, as far as one road says what another doesn't.
TEXTS = {
    "course mode is expired or otherwise unavailable": Outcome.NO_SUCH_MODE,
    "has no mode": Outcome.NO_SUCH_MODE,
    "Enrollment mode not supported": Outcome.NO_SUCH_MODE,
    "has neither an audit nor an honor mode": Outcome.NO_SUCH_MODE,
    "does not have permission to create enrollment with mode": Outcome.STAFF_ONLY,
    "Users from this location": Outcome.EMBARGOED,
    "/embargo/": Outcome.EMBARGOED,
    "Enrollment is closed": Outcome.CLOSED,
    "Could not enroll": Outcome.REFUSED,
    "An error occurred while creating the new course enrollment": Outcome.REFUSED,
}


def tell(answer: Answer, *, mode: str | None, paid: int, paid_before: int, sold: str) -> Outcome:
    """``mode`` is what the learner is enrolled in afterwards; ``paid`` counts live payments."""
    if mode is None:
        return _tell_refusal(answer)
    if mode != sold:
        return Outcome.FREE
    if paid > paid_before:
        return Outcome.PAYS
    return Outcome.BACK_IN if paid else Outcome.LET_IN


def _tell_refusal(answer: Answer) -> Outcome:
    if answer.refusal:
        return REFUSALS[answer.refusal]
    if CHECKOUT in answer.text:
        return Outcome.MUST_PAY_500 if answer.status == 500 else Outcome.MUST_PAY
    if answer.status == 500:
        return Outcome.BROKEN
    for text, outcome in TEXTS.items():
        if text in answer.text or text in answer.location:
            return outcome
    return _tell_page(answer)


def _tell_page(answer: Answer) -> Outcome:
    if answer.location == IDENTITY:
        return Outcome.TO_IDENTITY
    if answer.text == CHOICE:
        return Outcome.TO_CHOICE
    if answer.status == 200 and "Take the verified path" in answer.text:
        return Outcome.SHOWN
    assert answer.status in (200, 302), answer
    return Outcome.NOTHING
