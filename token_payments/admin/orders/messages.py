"""Messages about an order: why something isn't done, and for whom there is no place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from token_payments import errors
from token_payments.checkout import queries as checkout_queries
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.presenters.refusals import Audience, describe_refusal


def explain(error: errors.TokenPaymentsError, order: TokenOrder) -> str:
    """The obstacle, and what to do about it."""
    about, facts = "order", dict[str, Any]()
    if isinstance(error, errors.NotEnoughUnused):
        about = "wallet" if order.is_for_wallet else ""
    elif isinstance(error, errors.RefundTooHigh):
        facts["limit"] = format_money(error.limit, order.currency)
    elif isinstance(error, errors.IdempotencyConflict):
        about = "cancelling"
    elif isinstance(error, errors.ConfigurationError):
        about = "code"
    return describe_refusal(error, audience=Audience.STAFF, about=about, **facts).text


def explain_obstacle(order: TokenOrder, now: datetime) -> str:
    """Why a requested wallet order can't be processed now; empty when it can."""
    try:
        order_queries.check_processable(order, now=now)
    except (errors.AccountFrozen, errors.TypeArchived, errors.ExpiryNotLater) as error:
        return explain(error, order)
    return ""


def explain_places(order: TokenOrder, now: datetime) -> str:
    """Why not each token of a requested order could be redeemed; empty when each could."""
    places = checkout_queries.get_places(order.course, user=order.buyer)
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
