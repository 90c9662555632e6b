"""Money, days and times as learners read them, in the active language and the site's zone."""

from __future__ import annotations

from datetime import datetime

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency
from django.utils import formats, timezone
from django.utils.translation import get_language, to_locale

from token_payments import conf
from token_payments.catalogue.queries import Price
from token_payments.dates import last_day


def write_price(price: Price) -> str:
    """An amount with its currency, e.g. £149.00, 149,00 £GB."""
    return str(format_currency(price.amount, price.currency, locale=_find_locale()))


def write_last_day(instant: datetime) -> str:
    """The last day before ``instant``, with the zone in which it ends."""
    return f"{formats.date_format(last_day(instant), 'DATE_FORMAT')} ({conf.time_zone().key})"


def write_time(instant: datetime) -> str:
    """A time of day with its zone, e.g. 14:35 (Europe/London)."""
    local = timezone.localtime(instant, conf.time_zone())
    return f"{formats.time_format(local, 'H:i')} ({conf.time_zone().key})"


def write_day(instant: datetime) -> str:
    return formats.date_format(timezone.localtime(instant, conf.time_zone()), "DATE_FORMAT")


def _find_locale() -> Locale:
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
