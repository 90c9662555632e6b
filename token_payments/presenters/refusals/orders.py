"""Why an order can't be placed, processed, cancelled or refunded, and its codes not handed out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from token_payments import errors
from token_payments.presenters.refusals.base import Entry, Table, Texts


def describe_lack(error: errors.NotEnoughUnused, _about: str) -> Texts:
    """To owners of the order: how many can be cancelled, and how many more after they are back."""
    if error.chosen:
        sentence: Any = _(
            "%(available)s of these %(wanted)s can be cancelled. Look at the list of tokens: the "
            "others are used, cancelled, assigned to learners or not in this order."
        )
        advice: Any = ngettext_lazy(
            "%(assigned)s is assigned to a learner: take it back first.",
            "%(assigned)s are assigned to learners: take them back first.",
            "assigned",
        )
        return Texts(sentence, advice if error.assigned else "")
    sentence = _("No unused tokens are left that could be cancelled.")
    if error.available:
        sentence = ngettext_lazy(
            "Only %(available)s token can be cancelled: enter 1.",
            "Only %(available)s tokens can be cancelled: enter a smaller number.",
            "available",
        )
    advice = ngettext_lazy(
        "%(assigned)s more is unused but assigned to a learner: take it back first.",
        "%(assigned)s more are unused but assigned to learners: take them back first.",
        "assigned",
    )
    return Texts(sentence, advice if error.assigned else "")


def describe_lack_to_staff(error: errors.NotEnoughUnused, about: str) -> Texts:
    """The same in the admin; ``about`` is wallet for an order of wallet tokens."""
    if error.chosen:
        return Texts(
            _(
                "%(available)s of these %(wanted)s can be cancelled, %(assigned)s are assigned to "
                "learners."
            ),
            _("The list of tokens has what became of the others."),
        )
    sentence: Any = ngettext_lazy(
        "Only %(available)s unused token is left to cancel.",
        "Only %(available)s unused tokens are left to cancel.",
        "available",
    )
    if about == "wallet":
        sentence = ngettext_lazy(
            "Only %(available)s unspent token is left to cancel.",
            "Only %(available)s unspent tokens are left to cancel.",
            "available",
        )
    advice = ngettext_lazy(
        "%(assigned)s more is assigned to a learner: it has to be taken back first.",
        "%(assigned)s more are assigned to learners: they have to be taken back first.",
        "assigned",
    )
    return Texts(sentence, advice if error.assigned else "")


#: What staff read of an order that has gone on; ``state`` is told as the order's label.
GONE_ON = _("This can't be done any more: the order is %(state)s.")

TABLE: Table = {
    errors.InvalidTransition: Entry(
        _("This isn't possible in its present state"),
        facts=("state",),
        pick=lambda error: error.state,
        # Of tokens that are to be given, the order's state; of one that was given, its own.
        customer={
            "requested": _("Tokens can be given to learners once this order has been processed."),
            "processing": Texts(
                _("The tokens of this order are being made."),
                _("They can be given in a few minutes."),
            ),
            "cancelled": _(
                "This order was cancelled. Its unused tokens are worth nothing any more."
            ),
            "past_redeem_by": Texts(
                _("These tokens can't be redeemed any more, so they can't be given either."),
                _("Ask the course provider for more time."),
            ),
            "ended": _("The token was taken back meanwhile. Nothing was changed."),
            "token": _("The token has been redeemed or cancelled meanwhile. Nothing was changed."),
            "tokens": _("Tokens of this order can't be given any more. Nothing was changed."),
            "": Texts(
                _("This can't be done any more: the order has changed."),
                _("Look at it as it is now."),
            ),
        },
        staff={
            "answered": _("This request was answered meanwhile: see below what came of it."),
            "cancelled": Texts(GONE_ON, title=_("The order was cancelled")),
            "job.done": _("This job was done already."),
            "job": _("Only a job that is done can be tried again."),
            "past_redeem_by": Texts(title=_("The tokens can't be redeemed any more")),
            "payment": _("This payment can't be reversed: it was never completed."),
            "processing": Texts(GONE_ON, title=_("The order's tokens are being made")),
            "requested": Texts(GONE_ON, title=_("The order hasn't been processed")),
            "": GONE_ON,
        },
    ),
    # --- placing
    errors.NumberTaken: Entry(
        _("Another order has this number"),
        facts=("field",),
        customer=Texts(
            _("Another order has this purchase order number."),
            _("Enter another one, or leave it empty."),
        ),
    ),
    errors.OrderPriceChanged: Entry(_("The price has changed")),
    # --- cancelling
    errors.NotEnoughUnused: Entry(
        _("Fewer tokens than this are unused"),
        facts=("wanted", "available", "assigned"),
        customer=describe_lack,
        staff=describe_lack_to_staff,
    ),
    errors.CancellingNotAllowed: Entry(
        _("Buyers don't cancel by themselves on this site"),
        customer=Texts(
            _("Tokens of this order can't be cancelled here directly any more."),
            _("Send a request instead."),
        ),
    ),
    errors.RefundTooHigh: Entry(
        _("So much can't be refunded"),
        facts=("limit",),
        staff=_("At most %(limit)s can still be refunded for this order."),
    ),
    # --- handing codes out
    errors.NotADistributor: Entry(
        _("Only those who look after the order hand its tokens out"),
        staff=Texts(title=_("Whoever began this doesn't look after the order any more")),
    ),
    errors.ListChanged: Entry(
        _("Not everybody in the list can get a token"),
        # By the verdict where the list is one person.
        pick=lambda error: error.rows[0].verdict if len(error.rows) == 1 else "",
        customer={
            "bad_address": Texts(
                _("This is not an e-mail address."),
                _("Enter it whole, like ann.lee@example.com."),
            ),
            "assigned": Texts(
                _("This person has a token of this order already."),
                _("Enter somebody else's address."),
            ),
            "too_often": Texts(
                _(
                    "This person was given tokens of this order again and again within a day, and "
                    "is left alone until tomorrow."
                ),
                _("Enter somebody else's address, or do it then."),
            ),
            "": Texts(
                _("Something has changed since you looked. Nothing has been sent."),
                _("This is how it is now."),
            ),
        },
    ),
}
