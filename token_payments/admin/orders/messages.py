"""The domain's refusals in plain words, for those who process orders."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext, ngettext

from token_payments.checkout import queries as checkout_queries
from token_payments.errors import (
    AccountFrozen,
    ConfigurationError,
    ExpiryNotLater,
    IdempotencyConflict,
    InvalidTransition,
    NotEnoughUnused,
    RefundTooHigh,
    TokenPaymentsError,
    TypeArchived,
)
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import queries as order_queries


def explain(error: TokenPaymentsError, order: TokenOrder) -> str:
    """What is in the way, and what to do about it."""
    match error:
        case AccountFrozen() | TypeArchived() | ExpiryNotLater():
            return explain_unissuable(error)
        case NotEnoughUnused():
            return _explain_lack(error, order)
        case RefundTooHigh(limit=limit):
            return gettext("At most %(limit)s can still be refunded for this order.") % {
                "limit": format_money(limit, order.currency)
            }
        case IdempotencyConflict():
            return gettext(
                "This form was saved before, with other numbers. Look at Token Cancellations / "
                "Refunds, then open the form again if more is to be cancelled."
            )
        case InvalidTransition(state=state):
            return _explain_step(state)
        case ConfigurationError():
            return gettext(
                "The server's settings lack the secret that Token Codes are made with. Ask the "
                "operator: %(detail)s."
            ) % {"detail": error}
    raise error


def _explain_step(state: str) -> str:
    if state not in OrderStatus.values:
        return gettext("This request was answered meanwhile: see below what came of it.")
    return gettext("This can't be done any more: the order is %(state)s.") % {
        "state": str(OrderStatus(state).label).lower()
    }


def explain_unissuable(error: AccountFrozen | TypeArchived | ExpiryNotLater) -> str:
    """Why the tokens of a wallet order can't be issued, and what to do about it."""
    match error:
        case AccountFrozen():
            return gettext(
                "The account is frozen: nothing can be issued to it. Unfreeze it, or choose "
                "another account for the order."
            )
        case TypeArchived():
            return gettext(
                "The token type is archived: nothing is issued in it any more. Restore it, or "
                "choose another type for the order."
            )
        case ExpiryNotLater():
            return gettext(
                "The order's expiry day is over. Choose a later day, or none, in the order's "
                "details."
            )


def explain_obstacle(order: TokenOrder, now: datetime) -> str:
    """Why a requested wallet order can't be processed now; empty when it can."""
    try:
        order_queries.check_processable(order, now=now)
    except (AccountFrozen, TypeArchived, ExpiryNotLater) as error:
        return explain_unissuable(error)
    return ""


def explain_places(order: TokenOrder, now: datetime) -> str:
    """Why not each token of a requested order could be redeemed; empty when each could."""
    places = checkout_queries.find_places(order.course, user=order.buyer)
    if places.is_closed:
        return gettext("Enrolment in the course is closed at the moment: nobody can redeem these.")
    if places.left is None:
        return ""
    tokens = order.quantity + checkout_queries.count_promised(order.course, now=now)
    if not places.are_too_few(tokens):
        return ""
    text = gettext(
        "Places left in the course: %(places)s. Unused tokens for it, with this order: "
        "%(tokens)s. Learners without a place can't redeem theirs."
    )
    return text % {"places": format_number(places.left), "tokens": format_number(tokens)}


def _explain_lack(error: NotEnoughUnused, order: TokenOrder) -> str:
    if error.chosen:
        return _count_chosen(error.wanted, error.available, error.assigned)
    return _count_left(order, error.available, error.assigned)


def _count_chosen(wanted: int, available: int, assigned: int) -> str:
    text = gettext(
        "%(free)s of these %(wanted)s can be cancelled, %(assigned)s are assigned to learners. "
        "The list of tokens has what became of the others."
    )
    numbers = {"free": available, "wanted": wanted, "assigned": assigned}
    return text % {name: format_number(number) for name, number in numbers.items()}


def _count_left(order: TokenOrder, available: int, assigned: int) -> str:
    if order.is_for_wallet:
        text = ngettext(
            "Only %(count)s unspent token is left to cancel.",
            "Only %(count)s unspent tokens are left to cancel.",
            available,
        )
    else:
        text = ngettext(
            "Only %(count)s unused token is left to cancel.",
            "Only %(count)s unused tokens are left to cancel.",
            available,
        )
    text %= {"count": format_number(available)}
    if not assigned:
        return text
    more = ngettext(
        "%(count)s more is assigned to a learner: it has to be taken back first.",
        "%(count)s more are assigned to learners: they have to be taken back first.",
        assigned,
    )
    return f"{text} {more % {'count': format_number(assigned)}}"
