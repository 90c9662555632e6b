"""Where the clocks change: a day ends with the local day, and a redemption period counts days.

Dates are chosen by hand where something odd happens, and at random over many zones and years.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ddt import data, ddt, unpack
from django.test import SimpleTestCase, TestCase, override_settings
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.examples import count_examples
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.models import TokenIssue, TokenType
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.balances import get_balance

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
ZONES = (
    "UTC",
    "Africa/Cairo",  # summer time begins and ends at midnight
    "Africa/Casablanca",  # summer time, but not in Ramadan
    "America/Havana",  # midnight comes twice when summer time ends
    "America/New_York",
    "America/Sao_Paulo",  # until 2019 summer time began at midnight
    "America/Scoresbysund",
    "America/St_Johns",
    "Antarctica/Troll",  # two hours
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Atlantic/Azores",  # midnight comes twice when summer time ends
    "Australia/Lord_Howe",  # half an hour
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)


def in_zone(zone: str) -> override_settings:
    return override_settings(TOKEN_PAYMENTS={"TIME_ZONE": zone})


def begins(day: date, zone: str) -> datetime:
    """The first instant of a local day, found by looking at the local clock and at nothing else."""
    low = datetime.combine(day, time.min, tzinfo=UTC) - 2 * DAY
    high = low + 4 * DAY
    assert low.astimezone(ZoneInfo(zone)).date() < day <= high.astimezone(ZoneInfo(zone)).date()
    while high - low > TICK:
        middle = low + (high - low) / 2
        if middle.astimezone(ZoneInfo(zone)).date() < day:
            low = middle
        else:
            high = middle
    return high


@ddt
class EndOfDayTest(SimpleTestCase):
    @data(
        # zone, day, hours that it has
        ("Europe/London", date(2026, 3, 29), 23),
        ("Europe/London", date(2026, 10, 25), 25),
        ("Europe/London", date(2026, 10, 24), 24),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Asia/Kolkata", date(2026, 3, 29), 24),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Antarctica/Troll", date(2026, 3, 29), 22),
        ("Africa/Casablanca", date(2026, 2, 15), 25),  # Ramadan begins
        ("Africa/Casablanca", date(2026, 3, 22), 23),  # and is over
        ("America/Sao_Paulo", date(2018, 11, 3), 24),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # begins at 01:00
        ("America/Sao_Paulo", date(2018, 2, 17), 25),  # 23:00 comes twice
        ("Asia/Beirut", date(2026, 3, 29), 23),
        ("Asia/Beirut", date(2026, 10, 24), 25),
        ("Africa/Cairo", date(2026, 4, 23), 24),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Africa/Cairo", date(2026, 10, 29), 25),
        ("Atlantic/Azores", date(2026, 10, 24), 24),
        ("Atlantic/Azores", date(2026, 10, 25), 25),  # begins with the first of two midnights
        ("America/Havana", date(2026, 11, 1), 25),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 31), 24),
    )
    @unpack
    def test_a_day_lasts_as_long_as_it_does(self, zone: str, day: date, hours: float) -> None:
        with in_zone(zone):
            start, end = begins(day, zone), end_of_day(day)
            assert end.astimezone(UTC) - start == timedelta(hours=hours)
            assert last_day(end) == day
            assert last_day(end + TICK) > day
            assert last_day(start) < day
            assert last_day(start + TICK) == day

    def test_of_a_day_that_was_left_out_nothing_is_usable_longer_than_the_day_before(self) -> None:
        with in_zone("Pacific/Apia"):
            skipped = date(2011, 12, 30)
            end = end_of_day(skipped).astimezone(UTC)
            assert end == end_of_day(skipped - DAY).astimezone(UTC)
            assert last_day(end) == date(2011, 12, 29)

    @data(*ZONES)
    def test_what_is_written_is_what_was_chosen_on_every_day_of_years(self, zone: str) -> None:
        with in_zone(zone):
            day = date(2009, 1, 1)
            while day < date(2032, 1, 1):
                if (zone, day) != ("Pacific/Apia", date(2011, 12, 30)):
                    end = end_of_day(day)
                    assert last_day(end) == day, (zone, day)
                    assert end.astimezone(UTC) > end_of_day(day - DAY).astimezone(UTC)
                day += DAY

    @settings(max_examples=count_examples(300), deadline=None)
    @given(
        zone=st.sampled_from(ZONES),
        day=st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 1, 1)),
    )
    def test_the_end_is_the_first_instant_that_is_not_of_that_day(
        self, zone: str, day: date
    ) -> None:
        assume((zone, day) != ("Pacific/Apia", date(2011, 12, 30)))
        with in_zone(zone):
            end = end_of_day(day)
            local = (end.astimezone(UTC) - TICK).astimezone(ZoneInfo(zone))
            assert local.date() == day
            assert end.astimezone(UTC).astimezone(ZoneInfo(zone)).date() > day


@ddt
class RedemptionPeriodTest(TestCase):
    @data(
        # zone, issued (local), days, last local day, hours until it ends
        ("Europe/London", datetime(2026, 3, 28, 12), 1, date(2026, 3, 29), 35),
        ("Europe/London", datetime(2026, 10, 24, 12), 1, date(2026, 10, 25), 37),
        ("America/New_York", datetime(2026, 3, 7, 23, 59), 1, date(2026, 3, 8), 23 + 1 / 60),
        ("America/New_York", datetime(2026, 10, 31, 0, 0), 1, date(2026, 11, 1), 49),
        ("Asia/Kolkata", datetime(2026, 3, 28, 12), 1, date(2026, 3, 29), 36),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 12), 1, date(2026, 10, 4), 35.5),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 12), 1, date(2026, 4, 5), 36.5),
        ("Africa/Casablanca", datetime(2026, 2, 14, 12), 1, date(2026, 2, 15), 37),
        ("America/Sao_Paulo", datetime(2018, 11, 3, 12), 1, date(2018, 11, 4), 35),
        ("Asia/Beirut", datetime(2026, 3, 28, 12), 1, date(2026, 3, 29), 35),
        ("Africa/Cairo", datetime(2026, 4, 23, 12), 1, date(2026, 4, 24), 35),
        # leap day, and a whole year
        ("Europe/London", datetime(2028, 2, 28, 12), 1, date(2028, 2, 29), 36),
        ("Europe/London", datetime(2026, 6, 1, 12), 365, date(2027, 6, 1), 364 * 24 + 36),
        ("Europe/London", datetime(2026, 1, 10, 12), 180, date(2026, 7, 9), 179 * 24 + 35),
    )
    @unpack
    def test_counts_days_not_hours(
        self, zone: str, issued: datetime, days: int, last: date, hours: float
    ) -> None:
        now = issued.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        with in_zone(zone):
            ends = wallet_queries.compute_default_expiry(TokenType(redemption_days=days), now)
            assert ends is not None
            assert last_day(ends) == last
            assert ends.astimezone(UTC) - now == timedelta(hours=hours)

    @data("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
    def test_the_first_and_the_last_instant_of_a_day_count_from_that_day(self, zone: str) -> None:
        with in_zone(zone):
            for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1)):
                end = end_of_day(day).astimezone(UTC)
                one_day = TokenType(redemption_days=1)
                assert wallet_queries.compute_default_expiry(one_day, end - TICK) == end_of_day(
                    day + DAY
                )
                assert wallet_queries.compute_default_expiry(one_day, end) == end_of_day(
                    day + 2 * DAY
                )

    @data(
        ("Europe/London", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Africa/Cairo", date(2026, 4, 23)),
    )
    @unpack
    def test_stored_and_read_back_it_is_still_that_instant(self, zone: str, day: date) -> None:
        with in_zone(zone):
            ends = end_of_day(day)
            account, gold = factories.make_account(), factories.make_type()
            issue = factories.issue_tokens(
                account, gold, 5, now=ends.astimezone(UTC) - 5 * DAY, expires_at=ends
            )
            stored = TokenIssue.objects.get(pk=issue.pk).expires_at
            assert stored == ends.astimezone(UTC)
            assert last_day(stored) == day
            instant = ends.astimezone(UTC)
            assert get_balance(issue.wallet, instant - TICK).available == 5
            assert get_balance(issue.wallet, instant).available == 0
