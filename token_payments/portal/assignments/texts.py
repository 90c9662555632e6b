"""What is said on the learners' pages after something was done, or wasn't."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from token_payments.errors import IdempotencyConflict, InvalidTransition, ListChanged
from token_payments.presenters.refusals import Audience, get_texts

#: What was done, by the word that the address carries after it.
DONE: dict[str, Any] = {
    "taken_back": _(
        "The token was taken back: the old code doesn't work any more, and a new one can be given "
        "to somebody else. The learner was not told."
    ),
    "queued": _("The mail is being sent again."),
    "not_queued": _("This mail isn't one that failed: it was sent, or is being sent now."),
    "nobody": _("Nobody needs reminding: whoever hasn't used a token was mailed in the last day."),
    "redeemed": get_texts(InvalidTransition, Audience.CUSTOMER, reason="token").text,
    "ended": get_texts(InvalidTransition, Audience.CUSTOMER, reason="ended").text,
    "conflict": get_texts(IdempotencyConflict, Audience.CUSTOMER).text,
    "not_givable": get_texts(InvalidTransition, Audience.CUSTOMER, reason="tokens").text,
    "expired_form": _("The list couldn't be read from the page. Nothing was sent. Start again."),
}
REFUSED = ("not_queued", "nobody", "redeemed", "ended", "conflict", "not_givable", "expired_form")

LIST_CHANGED = get_texts(ListChanged, Audience.CUSTOMER).text
