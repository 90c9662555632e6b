"""Days and times as learners read them, in the active language and the site's zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel.lists import format_list
from django.utils import formats, timezone

from token_payments import conf
from token_payments.hosts.base import HostItem
from token_payments.l10n.dates import last_day
from token_payments.l10n.formats import format_day, format_number, get_locale
from token_payments.models import TokenPrice


def write_last_day(instant: datetime) -> str:
    """The last day before ``instant``, with the zone in which it ends."""
    return f"{format_day(last_day(instant))} ({conf.time_zone().key})"


def write_time(instant: datetime) -> str:
    """A time of day with its zone, e.g. 14:35 (Europe/London)."""
    local = timezone.localtime(instant, conf.time_zone())
    return f"{formats.time_format(local, 'H:i')} ({conf.time_zone().key})"


def write_day(instant: datetime) -> str:
    """The local day, e.g. 21 November 2026."""
    return format_day(timezone.localtime(instant, conf.time_zone()).date())


def write_start(host_item: HostItem) -> str:
    """The day on which a course will start; empty when it has started, or has no such day."""
    starts = host_item.starts
    return write_day(starts) if starts and starts > timezone.now() else ""


def write_token_prices(prices: Sequence[TokenPrice]) -> str:
    """The token prices of an item, any one of which pays: 7 Gold or 10 Silver; empty without."""
    texts = [f"{format_number(price.quantity)} {price.token_type}" for price in prices]
    return str(format_list(texts, style="or", locale=get_locale()))
