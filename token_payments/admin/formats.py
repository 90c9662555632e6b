"""Money in input fields and statuses, as the admin's pages write them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from token_payments.l10n.formats import count_decimals


def round_money(amount: Decimal, currency: str) -> Decimal:
    """The amount with the decimals of its currency (two without one) for an input field.

    An amount that has more of them keeps them: nothing is lost.
    """
    step = Decimal(1).scaleb(-count_decimals(currency))
    rounded = amount.quantize(step)
    return rounded if rounded == amount else amount.normalize()


def label_refund(currency: str) -> str:
    """The label of a field for money, so that nobody has to guess the currency."""
    if not currency:
        return gettext("Refund amount")
    return gettext("Refund amount (%(currency)s)") % {"currency": currency}


def write_badge(status: str, label: str) -> SafeString:
    return format_html('<span class="tp-badge tp-badge-{}">{}</span>', status, label)
