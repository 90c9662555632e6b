"""What managers are told about people who can't be paid for, and after they have changed something.

By the ``reason`` of the error; every text says what is so and what to do.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from token_payments.errors import InsufficientTokens, TokenPaymentsError
from token_payments.l10n.formats import format_number

VERDICTS: dict[str, Any] = {
    "not_a_member": _("Not a member of this account. Check the spelling, or add the person first."),
    "ambiguous": _("Several members have this address. Enter the user name instead."),
    "already_enrolled": _("Is enrolled already. Nothing is taken."),
    "already_paid": _(
        "Has paid for this course before and left it. The person can enrol again at no cost on the "
        "course's payment page."
    ),
    "no_seats": _("No seat is left for this person. Ask the provider of the course for seats."),
    "full": _("The course is full. Ask the provider of the course."),
    "closed": _("Enrolment is closed. See the course's page for when it opens."),
    "invitation_only": _("The course is by invitation. Ask the course team to invite this person."),
    "embargoed": _("The course may not be offered in this person's country."),
    "mode_gone": _("This kind of enrolment has ended. Ask the provider of the course."),
    "insufficient_tokens": _("The tokens didn't suffice any more. Nothing was taken."),
    "account_frozen": _("The account is frozen. Nothing was taken."),
    "token_price_changed": _("The price has changed. Nothing was taken. Start again to see it."),
    "not_offered": _("The course can't be paid for any more. Nothing was taken."),
    "payments_off": _("Payments are switched off at the moment. Nothing was taken."),
    "method_gone": _("The course takes no tokens any more. Nothing was taken."),
    "item_not_found": _("The course is gone. Nothing was taken."),
    "idempotency_conflict": _("This form was used for something else. Start again."),
    "failed": _(
        "Something went wrong. Nothing was taken. Select Try again; nobody is paid for twice."
    ),
}
#: A reason of the host's own.
OTHER = _("The site doesn't allow this enrolment. Ask its support. Nothing is taken.")

#: Why nobody can be paid for, when the form is sent.
OBSTACLES: dict[str, Any] = {
    "account_frozen": _(
        "This account is frozen, so nothing can be spent. Ask the site's support to unfreeze it."
    ),
    "payments_off": _("Payments are switched off on this site at the moment. Try again later."),
    "configuration": _("Something is wrong with this site's settings. Try again later."),
}
#: The same for any other reason.
NOT_FOR_SALE = _("This course can't be paid for with these tokens now. Choose another one.")

#: What was done, by the word that the address carries after it.
DONE: dict[str, Any] = {
    "added": _("The person is a member of the account now."),
    "changed": _("The role was changed."),
    "removed": _("The membership has ended. Courses that were paid for stay open to the person."),
    "gone": _("This person isn't a member any more."),
    "last_manager": _(
        "The account needs a manager: make somebody else manager first. Nothing was changed."
    ),
}
REFUSED = ("gone", "last_manager")

#: Why addresses can't be told of a low balance.
REFUSED_ADDRESSES: dict[str, Any] = {
    "no_address": _("“%(address)s” is no e-mail address. Check how it is written."),
    "too_many": _("These are too many addresses: at most %(limit)s can be told."),
    "too_long": _("These addresses are too long together. Enter fewer of them."),
}

UNKNOWN_PERSON = _(
    "Nobody could be added with this address or name. Check the spelling; the person must have "
    "signed up on this site and confirmed the e-mail address."
)
MEMBER_ALREADY = _("This person is a member already. Change the role in the list.")
TOO_MANY_LOOKUPS = _(
    "Too many addresses and names weren't found. Wait %(minutes)s min, then try again."
)


def describe_verdict(reason: str) -> Any:
    return VERDICTS.get(reason, OTHER)


#: Why tokens can't be transferred, by the ``reason`` of the error.
TRANSFER_ERRORS: dict[str, Any] = {
    "insufficient_tokens": _("Only %(available)s can be transferred now. Nothing was moved."),
    "account_frozen": _(
        "“%(account)s” is frozen, so nothing can leave it or come to it. Nothing was moved. Ask "
        "the site's support to unfreeze it."
    ),
    "type_archived": _(
        "Tokens of this type aren't issued any more, so they can't be transferred. They can still "
        "be spent here."
    ),
    "issue_expired": _("These tokens have expired. Choose others. Nothing was moved."),
    "not_a_manager": _("You don't manage “%(account)s” any more. Nothing was moved."),
    "transfers_not_allowed": _(
        "The site doesn't allow transfers by managers any more. Nothing was moved. Ask its support."
    ),
    "idempotency_conflict": _(
        "This form was sent before with something else in it. See the statement for what was done, "
        "and start again if more is to go."
    ),
}
#: The field at which it is told; the others stand above the form.
TRANSFER_FIELDS = {
    "insufficient_tokens": "quantity",
    "not_a_manager": "account",
    "issue_expired": "issue",
}
NOT_TRANSFERRED = _("The tokens couldn't be transferred. Nothing was moved. Try again.")


def describe_transfer_error(error: TokenPaymentsError) -> str:
    """What is in the way of a transfer, and what to do."""
    facts = {"account": str(error), "available": ""}
    if isinstance(error, InsufficientTokens):
        facts["available"] = format_number(error.available)
    return str(TRANSFER_ERRORS.get(error.reason, NOT_TRANSFERRED)) % facts
