"""Texts for a row of a list or a job, by the reason that is kept with it.

Most reasons are those of errors; here are those that no error has, or that mean something else of
a row.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from token_payments.assignments.queries import Verdict
from token_payments.errors import InvalidTransition
from token_payments.presenters.refusals import orders
from token_payments.presenters.refusals.base import Entry, Texts

STATES = orders.TABLE[InvalidTransition]

VERDICTS: Mapping[str, Entry] = {
    Verdict.OK: Entry(_("Gets a token")),
    Verdict.BAD_ADDRESS: Entry(
        _("This is not an e-mail address"),
        customer=Texts(
            advice=_("Correct the address, and give a token to this person afterwards.")
        ),
    ),
    Verdict.DUPLICATE: Entry(
        _("This address is in the list already"),
        customer=Texts(advice=_("The address gets one token. Nothing needs to be done.")),
        staff=Texts(title=_("Is in the list twice")),
    ),
    Verdict.ASSIGNED: Entry(
        _("Has a token of this order already"),
        customer=Texts(
            advice=_(
                "Nothing needs to be done. If the mail got lost, use Reassign in the list of "
                "learners."
            )
        ),
    ),
    Verdict.TOO_OFTEN: Entry(
        _("Has been mailed too often today"),
        customer=Texts(
            advice=_(
                "This person was given tokens of this order again and again within a day, and is "
                "left alone until tomorrow. Give this token then."
            )
        ),
    ),
    Verdict.NO_CODE_LEFT: Entry(
        _("No token is left"),
        customer=Texts(advice=_("Order more tokens, or take back tokens that nobody uses.")),
    ),
}

ROWS: Mapping[str, Entry] = {
    **VERDICTS,
    "ambiguous": Entry(
        _("Several members have this address: use the user name"),
        customer=Texts(_("Several members have this address."), _("Enter the user name instead.")),
    ),
    "failed": Entry(
        _("Something went wrong: see the log"),
        customer=Texts(
            _("Something went wrong. Nothing was taken."),
            _("Select Try again; nobody is paid for twice."),
        ),
    ),
    # an order's state keeps every row from getting its code
    **dict.fromkeys(("cancelled", "past_redeem_by", "processing", "requested"), STATES),
}
