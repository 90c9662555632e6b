"""A date given by a person ends with that local day, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ddt import data, ddt, unpack
from django.test import SimpleTestCase, override_settings

from token_payments.l10n.dates import count_days_left, end_of_day, last_day


@ddt
class EndOfDayTest(SimpleTestCase):
    @data(
        ("UTC", date(2026, 11, 21), datetime(2026, 11, 22, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 7, 1), datetime(2026, 7, 1, 23, tzinfo=UTC)),
        # the day on which summer time begins has 23 hours, the one on which it ends 25
        ("Europe/London", date(2026, 3, 29), datetime(2026, 3, 29, 23, tzinfo=UTC)),
        ("Europe/London", date(2026, 10, 25), datetime(2026, 10, 26, 0, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        ("Pacific/Auckland", date(2026, 4, 5), datetime(2026, 4, 5, 12, tzinfo=UTC)),
        ("Asia/Kathmandu", date(2026, 1, 1), datetime(2026, 1, 1, 18, 15, tzinfo=UTC)),
        # midnight does not exist on this day: summer time begins at 00:00
        ("Africa/Cairo", date(2026, 4, 23), datetime(2026, 4, 23, 22, tzinfo=UTC)),
    )
    @unpack
    def test_ends_with_the_local_day(self, zone: str, day: date, instant: datetime) -> None:
        with override_settings(TOKEN_PAYMENTS={"TIME_ZONE": zone}):
            end = end_of_day(day)
            assert end.astimezone(UTC) == instant
            assert last_day(end) == day
            assert last_day(end - timedelta(seconds=1)) == day
            assert last_day(end + timedelta(seconds=1)) == day + timedelta(days=1)

    @override_settings(TOKEN_PAYMENTS={"TIME_ZONE": "Europe/London"})
    def test_days_left_are_those_of_the_calendar(self) -> None:
        # summer time ends within these days, so they have an hour more than 3 times 24
        end, first = end_of_day(date(2026, 10, 26)), datetime(2026, 10, 23, 23, tzinfo=UTC)
        assert count_days_left(end, first) == 2
        assert count_days_left(end, end - timedelta(seconds=1)) == 0
        assert count_days_left(end, end + timedelta(days=5)) == 0
