"""Days and times as learners read them, in the active language and the site's zone."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from django.utils import formats, timezone

from token_payments import conf
from token_payments.dates import last_day
from token_payments.hosts.base import HostItem
from token_payments.l10n import find_locale


def write_last_day(instant: datetime) -> str:
    """The last day before ``instant``, with the zone in which it ends."""
    return f"{_write_date(last_day(instant))} ({conf.time_zone().key})"


def write_time(instant: datetime) -> str:
    """A time of day with its zone, e.g. 14:35 (Europe/London)."""
    local = timezone.localtime(instant, conf.time_zone())
    return f"{formats.time_format(local, 'H:i')} ({conf.time_zone().key})"


def write_day(instant: datetime) -> str:
    """The local day, e.g. 21 November 2026."""
    return _write_date(timezone.localtime(instant, conf.time_zone()).date())


def write_start(host_item: HostItem) -> str:
    """The day on which a course will start; empty when it has started, or has no such day."""
    starts = host_item.starts
    return write_day(starts) if starts and starts > timezone.now() else ""


def _write_date(day: date) -> str:
    return str(format_date(day, "long", locale=find_locale()))
