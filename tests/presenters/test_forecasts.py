"""The forecast in words: what is lost and when, or why that can't be said."""

from __future__ import annotations

from datetime import date

from django.test import TestCase

from tests import factories
from token_payments.presenters.forecasts import describe_forecast
from token_payments.wallets.queries import Forecast, Unused

DAYS = [date(2027, 3, 3), date(2027, 4, 1), date(2027, 5, 1), date(2027, 6, 1), date(2027, 7, 1)]


class WordsTest(TestCase):
    def say(self, *, tokens: tuple[int, ...] = (), **facts: object) -> str:
        unused = [Unused(number, day) for number, day in zip(tokens, DAYS, strict=False)]
        given = {"available": 40, "expiring": 40, "spent": 30, "days": 90, **facts}
        forecast = Forecast(unused=unused, **given)  # type: ignore[arg-type]
        return describe_forecast(forecast, factories.TokenType(name="Gold"))

    def test_how_many_and_when(self) -> None:
        assert self.say(tokens=(12,)) == (
            "At the pace of the last 90 days, 12 of 40 Gold will expire unused: "
            "12 on March 3, 2027."
        )

    def test_later_days_are_added_up(self) -> None:
        said = self.say(tokens=(1, 2, 3, 4, 1500), available=2000)
        assert said.endswith(
            "1,510 of 2,000 Gold will expire unused: 1 on March 3, 2027, 2 on April 1, 2027, "
            "3 on May 1, 2027, 1,504 later."
        )

    def test_all_in_time(self) -> None:
        assert self.say(days=30) == (
            "At the pace of the last 30 days, all Gold that expire will be spent in time."
        )

    def test_nothing_spent(self) -> None:
        assert self.say(spent=0, tokens=(12,)) == (
            "Nothing was spent in the last 90 days. If that stays so, 12 of 40 Gold will expire "
            "unused: 12 on March 3, 2027."
        )
        assert "all 40 Gold will expire unused" in self.say(spent=0, tokens=(40,))

    def test_nothing_expires(self) -> None:
        assert self.say(expiring=0) == "None of these tokens expires."

    def test_too_early(self) -> None:
        said = "It is too early to say what will expire unused: come back in"
        assert self.say(days=2, is_early=True) == f"{said} 5 days."
        assert self.say(days=6, is_early=True) == f"{said} 1 day."
