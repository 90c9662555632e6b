"""Money and statuses as the admin's pages write them."""

from __future__ import annotations

from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, to_locale


def format_money(amount: Decimal | None, currency: str) -> str:
    """The amount in the reader's language; a dash for None, a bare number without a currency."""
    if amount is None:
        return "–"
    if not currency:
        return str(format_decimal(amount, locale=_locale()))
    return str(format_currency(amount, currency, locale=_locale()))


def round_money(amount: Decimal, currency: str) -> Decimal:
    """The amount with the decimals of its currency (two without one) for an input field.

    An amount that has more of them keeps them: nothing is lost.
    """
    step = Decimal(1).scaleb(-count_decimals(currency))
    rounded = amount.quantize(step)
    return rounded if rounded == amount else amount.normalize()


def count_decimals(currency: str) -> int:
    return int(get_currency_precision(currency)) if currency else 2


def label_refund(currency: str) -> str:
    """The label of a field for money, so that nobody has to guess the currency."""
    if not currency:
        return gettext("Refund amount")
    return gettext("Refund amount (%(currency)s)") % {"currency": currency}


def write_badge(status: str, label: str) -> SafeString:
    return format_html('<span class="tp-badge tp-badge-{}">{}</span>', status, label)


def _locale() -> Locale:
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
