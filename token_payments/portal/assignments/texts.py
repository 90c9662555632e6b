"""What is said on the learners' pages: why something isn't done, and what to do about it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from token_payments.assignments import queries as assignment_queries

#: Why a list can't be read.
UNREADABLE: dict[str, Any] = {
    "too_big": _("The list is too large. Split it, and use at most 5,000 people at a time."),
    "too_long": _(
        "The list is too long. At most 5,000 people can be given tokens at a time, in at most "
        "10,000 rows: split it, or remove blank rows."
    ),
    "old_format": _(
        "This file is in Excel's old format, or has a password. Save it as XLSX or CSV without a "
        "password, and choose that file."
    ),
    "not_a_list": _("This file can't be read. Save the list as CSV or XLSX, and choose that file."),
    "empty": _("No e-mail address was found in it. Each row needs one."),
}

#: What to do about rows that get no token.
ADVICE: dict[assignment_queries.Verdict, Any] = {
    assignment_queries.Verdict.BAD_ADDRESS: _(
        "Correct the address, and give a token to this person afterwards."
    ),
    assignment_queries.Verdict.DUPLICATE: _(
        "The address gets one token. Nothing needs to be done."
    ),
    assignment_queries.Verdict.ASSIGNED: _(
        "Nothing needs to be done. If the mail got lost, use Reassign in the list of learners."
    ),
    assignment_queries.Verdict.TOO_OFTEN: _(
        "This person was given tokens of this order again and again within a day, and is left "
        "alone until tomorrow. Give this token then."
    ),
    assignment_queries.Verdict.NO_CODE_LEFT: _(
        "Order more tokens, or take back tokens that nobody uses."
    ),
}

#: The same where a single address was entered.
ADDRESS_ERRORS: dict[assignment_queries.Verdict, Any] = {
    assignment_queries.Verdict.BAD_ADDRESS: _(
        "This is not an e-mail address. Enter it whole, like ann.lee@example.com."
    ),
    assignment_queries.Verdict.ASSIGNED: _(
        "This person has a token of this order already. Enter somebody else's address."
    ),
    assignment_queries.Verdict.TOO_OFTEN: _(
        "This person was given tokens of this order again and again within a day, and is left "
        "alone until tomorrow. Enter somebody else's address, or do it then."
    ),
}

#: Why no token of the order can be given, by the state that InvalidTransition names.
OBSTACLES: dict[str, Any] = {
    "requested": _("Tokens can be given to learners once this order has been processed."),
    "processing": _("The tokens of this order are being made. They can be given in a few minutes."),
    "cancelled": _("This order was cancelled. Its unused tokens are worth nothing any more."),
    "past_redeem_by": _(
        "These tokens can't be redeemed any more, so they can't be given either. Ask the course "
        "provider for more time."
    ),
}

#: What was done, by the word that the address carries after it.
DONE: dict[str, Any] = {
    "taken_back": _(
        "The token was taken back: the old code doesn't work any more, and a new one can be given "
        "to somebody else. The learner was not told."
    ),
    "queued": _("The mail is being sent again."),
    "not_queued": _("This mail isn't one that failed: it was sent, or is being sent now."),
    "nobody": _("Nobody needs reminding: whoever hasn't used a token was mailed in the last day."),
    "redeemed": _("The token has been redeemed or cancelled meanwhile. Nothing was changed."),
    "ended": _("The token was taken back meanwhile. Nothing was changed."),
    "conflict": _("This form was used for something else. Nothing was changed. Start again."),
    "not_givable": _("Tokens of this order can't be given any more. Nothing was changed."),
    "expired_form": _("The list couldn't be read from the page. Nothing was sent. Start again."),
}
REFUSED = ("not_queued", "nobody", "redeemed", "ended", "conflict", "not_givable", "expired_form")

LIST_CHANGED = _(
    "Something has changed since you looked. Nothing has been sent. This is how it is now."
)
