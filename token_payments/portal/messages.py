"""What learners are told when something is refused: one table, by the ``reason`` of the error.

Every text says what is so, and what to do next. Nothing is lost by any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from token_payments.errors import (
    ChoiceRefused,
    CodeNotRedeemable,
    InsufficientTokens,
    TokenPaymentsError,
    TokenPriceChanged,
)
from token_payments.l10n.formats import format_number
from token_payments.models import TokenOrder
from token_payments.portal.formats import write_last_day


class NextStep(StrEnum):
    """Where the page's button leads."""

    COURSE = "course"
    ABOUT = "about"
    CHECKOUT = "checkout"
    REVIEW = "review"
    ENROL_AGAIN = "enrol_again"
    NONE = "none"


@dataclass(frozen=True)
class Message:
    """A page's heading, what is so, and what to do; ``status`` is HTTP's."""

    title: Any
    sentence: Any
    advice: Any
    status: int = 409
    next_step: NextStep = NextStep.ABOUT


REFUSALS: dict[str, Message] = {
    "already_enrolled": Message(
        _("You are already enrolled"),
        _("You are enrolled in this course, so nothing was taken now."),
        _("Go to the course to carry on. A code that you haven't used can be given to others."),
        next_step=NextStep.COURSE,
    ),
    "already_paid": Message(
        _("You have already paid"),
        _("You paid for this course before, and that payment still counts."),
        _("Enrol again at no cost: no code and no tokens are needed."),
        next_step=NextStep.ENROL_AGAIN,
    ),
    "no_seats": Message(
        _("No seats left"),
        _("All seats for this course are taken. Nothing was taken from you."),
        _("You keep your code or tokens. Try again later, or ask whoever arranges your training."),
    ),
    "full": Message(
        _("This course is full"),
        _("The course has as many learners as it takes. Nothing was taken from you."),
        _("You keep your code or tokens. Try again later, or ask whoever arranges your training."),
    ),
    "closed": Message(
        _("Enrolment is closed"),
        _("This course doesn't take enrolments at the moment. Nothing was taken from you."),
        _("You keep your code or tokens. See the course's page for when enrolment opens."),
    ),
    "invitation_only": Message(
        _("By invitation only"),
        _("Learners join this course by invitation. Nothing was taken from you."),
        _("Ask the course team for an invitation, then come back. You keep your code or tokens."),
        status=403,
    ),
    "embargoed": Message(
        _("Not available in your country"),
        _("This course may not be offered where you are. Nothing was taken from you."),
        _("You keep your code or tokens. If you think it is a mistake, ask the site's support."),
        status=403,
    ),
    "mode_gone": Message(
        _("No longer sold in this way"),
        _("The kind of enrolment that this payment is for has ended. Nothing was taken from you."),
        _("See the course's page for how to join it, or ask whoever arranges your training."),
    ),
    "prevented": Message(
        _("You can't be enrolled now"),
        _("The site didn't allow this enrolment. Nothing was taken from you."),
        _("You keep your code or tokens. Tell the site's support which course it is."),
        status=403,
    ),
    "not_offered": Message(
        _("Not for sale here"),
        _("This course can't be paid for on this page."),
        _("See the course's page for how to join it."),
    ),
    "payments_off": Message(
        _("Payments are switched off"),
        _("Courses can't be paid for on this site at the moment. Nothing was taken from you."),
        _("You keep your code or tokens. Try again later, or ask the site's support."),
    ),
    "configuration": Message(
        _("Payments don't work at the moment"),
        _("Something is wrong with this site's settings. Nothing was taken from you."),
        _("You keep your code or tokens. Try again later, or ask the site's support."),
        status=503,
    ),
    "method_gone": Message(
        _("Choose another way to pay"),
        _("This course can't be paid for in the way you chose any more. Nothing was taken."),
        _("Go back and choose another payment method."),
        next_step=NextStep.CHECKOUT,
    ),
    "item_not_found": Message(
        _("We can't find this course"),
        _("There is no course at this address."),
        _("Check the link you were given, or look for the course in the catalogue."),
        status=404,
        next_step=NextStep.NONE,
    ),
    "too_many_attempts": Message(
        _("Please wait a little"),
        _("Too many codes were tried that can't be used."),
        _("Try again at %(time)s, in %(minutes)s min. What you entered is kept until then."),
        status=429,
        next_step=NextStep.REVIEW,
    ),
}

_SYNONYMS = {"not_found": "item_not_found"}

#: What strangers are told, whatever the reason is.
NEUTRAL = _(
    "This code can't be used for this course. Compare it with the one that you were given; if it "
    "is the same, ask the person who gave it to you. A code that came by e-mail may only work for "
    "an account with that e-mail address."
)

#: What stands at the code's field when a link's code can't be a Token Code.
BROKEN_LINK = _(
    "There is a typing error in the code of the link that you followed. Enter the code here."
)

#: What those are told who look after the order, staff, and whom the code was given to.
CODE_REASONS: dict[str, Any] = {
    "used": _("This code of order %(order)s has been used already. Take another one."),
    "cancelled": _("This code of order %(order)s was cancelled. Take another one."),
    "wrong_course": _(
        "This code of order %(order)s is for another course: %(course)s. Use it there."
    ),
    "past_redeem_by": _(
        "This code of order %(order)s had to be redeemed by %(redeem_by)s. Order new codes, or ask "
        "for the date to be changed."
    ),
    "order_not_processed": _(
        "Order %(order)s isn't processed yet. This code works as soon as it is."
    ),
    "assigned": _(
        "This code of order %(order)s was given to somebody else: only an account with the e-mail "
        "address %(holder)s can use it. Take another one, or give it to somebody else on the "
        "order's page."
    ),
    "unconfirmed": _(
        "This code was given to your e-mail address. Confirm first that the address is yours: open "
        "the link in the e-mail that the site sent when you signed up. Then enter the code again."
    ),
}

#: What the learner may always know: it is about the learner's own address.
ABOUT_LEARNER = ("unconfirmed",)


#: What stands at a choice that can't pay; by reason.
CHOICE_REASONS: dict[str, Any] = {
    "insufficient_tokens": _(
        "There aren't enough of these tokens any more: the course costs %(wanted)s, and "
        "%(available)s can be spent. Nothing was taken."
    ),
    "account_frozen": _(
        "This account is frozen, so nothing can be spent from it. Nothing was taken. Choose "
        "another one, or ask a manager of the account."
    ),
    "not_a_member": _(
        "You aren't a member of the account that was to pay. Nothing was taken. Choose another "
        "one, or ask whoever looks after it to add you."
    ),
    "not_a_manager": _("Only managers of an account can pay for others. Nothing was taken."),
    "wallet_not_chosen": _("Choose which account's tokens to pay with."),
    "token_price_changed": _(
        "The price has changed from %(agreed)s tokens to %(now)s. Nothing was taken. Choose again "
        "at the new price."
    ),
}

#: The same for a price that is gone altogether.
PRICE_GONE = _(
    "This course can't be paid for with tokens of this type any more. Nothing was taken. Choose "
    "others."
)

#: What stands at a choice whose reason isn't in the table: a payment method's own.
CHOICE_NEUTRAL = _("This can't pay for the course. Nothing was taken. Choose something else.")


def describe_choice(error: ChoiceRefused) -> str:
    """Why what was chosen can't pay, and what to do."""
    if isinstance(error, InsufficientTokens):
        facts = {"wanted": error.wanted, "available": error.available}
    elif isinstance(error, TokenPriceChanged):
        if error.now is None:
            return str(PRICE_GONE)
        facts = {"agreed": error.agreed, "now": error.now}
    else:
        facts = {}
    text = str(CHOICE_REASONS.get(error.reason, CHOICE_NEUTRAL))
    return text % {name: format_number(number) for name, number in facts.items()}


def find_message(error: TokenPaymentsError) -> Message:
    """What to tell about a refusal; a reason of the host's own gets its neutral text."""
    reason = _SYNONYMS.get(error.reason, error.reason)
    return REFUSALS.get(reason, REFUSALS["prevented"])


def describe_code(error: CodeNotRedeemable, *, may_know: bool) -> str:
    """Why the code is refused: the truth for those who may know it, one text for all others."""
    may_know = may_know or error.reason in ABOUT_LEARNER
    if not may_know or error.order_id is None or error.reason not in CODE_REASONS:
        return str(NEUTRAL)
    order = TokenOrder.objects.select_related("item").get(pk=error.order_id)
    facts = {
        "order": order.number,
        "course": order.subject,
        "holder": mask_address(error.holder),
        "redeem_by": write_last_day(error.redeem_by) if error.redeem_by else "",
    }
    return str(CODE_REASONS[error.reason] % facts)


def mask_address(address: str) -> str:
    """Enough to recognise an address that one knows: ``a•••@example.com``."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
