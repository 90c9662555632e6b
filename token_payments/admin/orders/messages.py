"""The domain's refusals in plain words, for those who process orders."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from token_payments.errors import (
    ConfigurationError,
    IdempotencyConflict,
    InvalidTransition,
    NotEnoughUnused,
    RefundTooHigh,
    TokenPaymentsError,
)
from token_payments.l10n import format_money, format_number
from token_payments.models import OrderStatus, TokenOrder


def explain(error: TokenPaymentsError, order: TokenOrder) -> str:
    """What is in the way, and what to do about it."""
    match error:
        case NotEnoughUnused(available=available):
            return ngettext(
                "Only %(count)s unused token is left to cancel.",
                "Only %(count)s unused tokens are left to cancel.",
                available,
            ) % {"count": format_number(available)}
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
            return gettext("This can't be done any more: the order is %(state)s.") % {
                "state": str(OrderStatus(state).label).lower()
            }
        case ConfigurationError():
            return gettext(
                "The server's settings lack the secret that Token Codes are made with. Ask the "
                "operator: %(detail)s."
            ) % {"detail": error}
    raise error
