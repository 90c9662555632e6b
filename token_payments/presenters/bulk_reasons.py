"""What people read of a row that nothing was done for, by its reason."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from token_payments.presenters.verdicts import VERDICTS

REASONS: dict[str, Any] = {
    **{verdict.value: text for verdict, text in VERDICTS.items()},
    "duplicate": _("Is in the list twice"),
    "not_a_member": _("Not a member of the account, or unknown"),
    "ambiguous": _("Several members have this address: use the user name"),
    "already_enrolled": _("Is enrolled already"),
    "already_paid": _("Has been paid for before"),
    "no_seats": _("No seat is left"),
    "full": _("The course is full"),
    "closed": _("Enrolment is closed"),
    "invitation_only": _("The course is by invitation"),
    "embargoed": _("The course may not be offered in this person's country"),
    "insufficient_tokens": _("Not enough tokens are left"),
    "account_frozen": _("The account is frozen"),
    "token_price_changed": _("The price has changed"),
    "not_offered": _("The course can't be paid for"),
    "method_gone": _("The course can't be paid for"),
    "payments_off": _("Payments are switched off"),
    "not_a_manager": _("Whoever began this may not pay for others any more"),
    "not_a_distributor": _("Whoever began this doesn't look after the order any more"),
    "cancelled": _("The order was cancelled"),
    "past_redeem_by": _("The tokens can't be redeemed any more"),
    "failed": _("Something went wrong: see the log"),
}
#: A reason of the host's own.
OTHER = _("The site doesn't allow this enrolment")


def describe_reason(reason: str) -> str:
    """Empty for none."""
    return str(REASONS.get(reason, OTHER)) if reason else ""
