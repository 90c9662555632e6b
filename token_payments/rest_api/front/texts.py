"""Why a course can't be joined, in a line that fits beside a button; by the error's ``reason``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

REFUSALS: dict[str, Any] = {
    "already_paid": _("You have already paid for this course. Enrol again at no cost."),
    "closed": _("Enrolment in this course is closed."),
    "configuration": _("Payments don't work at the moment. Please try again later."),
    "embargoed": _("This course isn't available in your country."),
    "full": _("This course is full."),
    "invitation_only": _("Learners join this course by invitation."),
    "mode_gone": _("This course isn't sold in this way any more."),
    "no_seats": _("All seats for this course are taken."),
    "not_offered": _("This course can't be joined here."),
    "payments_off": _("Payments are switched off at the moment. Please try again later."),
}

#: A reason of the host's own.
NEUTRAL = _("You can't be enrolled in this course now.")


def describe_refusal(reason: str) -> dict[str, str]:
    return {"code": reason, "text": str(REFUSALS.get(reason, NEUTRAL))}
