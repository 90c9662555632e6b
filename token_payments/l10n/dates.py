"""Dates given by persons: a date means the end of that local day in the site's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from token_payments import conf


def end_of_day(day: date) -> datetime:
    """The instant at which that local day is over: the first one that is not part of it, in UTC.

    Raises OverflowError for the last day of the calendar.
    """
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=conf.time_zone())
    # Python holds a local time that the clocks skip or repeat unequal to every other time
    return midnight.astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """The instant at which that local day begins, in UTC: the end of the day before.

    Raises OverflowError for the first day of the calendar.
    """
    return end_of_day(day - timedelta(days=1))


def last_day(instant: datetime) -> date:
    """The last local day that lies before ``instant``: what a person chose for end_of_day."""
    return (instant - timedelta(microseconds=1)).astimezone(conf.time_zone()).date()


def local_day(instant: datetime) -> date:
    """The local day on which ``instant`` lies."""
    return instant.astimezone(conf.time_zone()).date()


def count_days_left(end: datetime, now: datetime) -> int:
    """How many local days come after today's before ``end``; 0 on the last one, and later."""
    return max(0, (last_day(end) - local_day(now)).days)


def write_minute(instant: datetime | None) -> str:
    """The local time for a file, as 2026-11-28 09:30; "" for none."""
    return f"{instant.astimezone(conf.time_zone()):%Y-%m-%d %H:%M}" if instant else ""
