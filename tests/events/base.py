"""Listening to the plugin's events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import TestCase
from openedx_events.tooling import OpenEdxPublicSignal

from tests import factories
from token_payments import events

SIGNALS: dict[str, OpenEdxPublicSignal] = {
    name: value for name, value in vars(events).items() if isinstance(value, OpenEdxPublicSignal)
}
COURSE = "course-v1:Acme+FIRE+2026"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@contextmanager
def listening() -> Iterator[list[tuple[str, Any]]]:
    """(name of the signal, its data) of all that is sent inside, in order."""
    heard: list[tuple[str, Any]] = []
    names = {signal.event_type: name for name, signal in SIGNALS.items()}

    def hear(signal: OpenEdxPublicSignal, **kwargs: Any) -> None:
        (key,) = signal.init_data
        assert kwargs["metadata"].time == kwargs[key].time
        heard.append((names[signal.event_type], kwargs[key]))

    for signal in SIGNALS.values():
        signal.connect(hear)
    try:
        yield heard
    finally:
        for signal in SIGNALS.values():
            signal.disconnect(hear)


def make_world(case: Any) -> None:
    case.gold = factories.make_type()
    case.item = factories.make_shop(
        COURSE, methods=["token_code", "wallet"], token_prices={case.gold: 7}
    )
    case.buyer, case.amara, case.admin = (
        factories.make_user(name) for name in ("buyer", "amara", "olive")
    )
    case.account = factories.make_account(members=[case.amara])
    case.issues = [
        factories.issue_tokens(case.account, case.gold, 5, now=NOW - DAY, expires_at=NOW + ends)
        for ends in (3 * DAY, 30 * DAY)
    ]
    case.wallet = factories.find_wallet(case.account, case.gold)
    case.order = factories.make_processed_order(case.item, buyer=case.buyer, quantity=3)
    case.request = factories.make_order(case.item, buyer=case.buyer, quantity=2)


class EventCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        make_world(cls)

    def hear(self, act: Callable[[], Any]) -> list[tuple[str, Any]]:
        """What is sent when ``act`` is committed."""
        with listening() as heard, self.captureOnCommitCallbacks(execute=True):
            act()
        return heard

    def names(self, act: Callable[[], Any]) -> list[str]:
        return [name for name, _data in self.hear(act)]
