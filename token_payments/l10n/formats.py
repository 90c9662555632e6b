"""The reader's language for Babel; numbers, money and days as they are written there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from django.utils.translation import get_language, to_locale


def get_locale() -> Locale:
    """Babel's locale of the active language; English where Babel has none."""
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def format_number(number: int) -> str:
    """A whole number with its thousands apart, e.g. 500,000."""
    return str(format_decimal(number, locale=get_locale()))


def format_signed(number: int) -> str:
    """A change, e.g. +1,200, −7 or 0."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return f"{sign}{format_number(abs(number))}"


def format_money(amount: Decimal | None, currency: str) -> str:
    """An amount, e.g. £149.00 or 149,00 £; a dash for None, a bare number without a currency."""
    if amount is None:
        return "–"
    if not currency:
        return str(format_decimal(amount, locale=get_locale()))
    return str(format_currency(amount, currency, locale=get_locale()))


def format_exact_money(amount: Decimal, currency: str) -> str:
    """As format_money, but nothing is rounded away: £0.125 for an eighth of a pound.

    For documents, where what is printed has to add up.
    """
    locale = get_locale()
    if not currency:
        return str(format_decimal(amount, "#,##0.00", locale=locale, decimal_quantization=False))
    return str(format_currency(amount, currency, locale=locale, decimal_quantization=False))


def format_rate(percent: Decimal) -> str:
    """A rate, e.g. 7.7% or 7,7 %."""
    return str(format_percent(percent / 100, locale=get_locale(), decimal_quantization=False))


def count_decimals(currency: str) -> int:
    """How many decimals amounts of a currency have: 2 for GBP, 0 for JPY; 2 without one."""
    return int(get_currency_precision(currency)) if currency else 2


def format_day(day: date) -> str:
    """A day with its month as a word, e.g. 21 November 2026."""
    return str(format_date(day, "long", locale=get_locale()))
