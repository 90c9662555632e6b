"""Listening to the plugin's events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from openedx_events.tooling import OpenEdxPublicSignal

from token_payments import events

SIGNALS: dict[str, OpenEdxPublicSignal] = {
    name: value for name, value in vars(events).items() if isinstance(value, OpenEdxPublicSignal)
}


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
