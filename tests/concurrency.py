"""Races with real connections: every racer is a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from token_payments.doctor import Severity, examine

TIMEOUT = 120  # seconds for a whole race


@dataclass
class Outcome:
    """What the racers returned and raised."""

    results: list[Any] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def errors_other_than(self, *expected: type[Exception]) -> list[Exception]:
        return [error for error in self.errors if not isinstance(error, expected)]


def race(racers: Sequence[Callable[[], Any]]) -> Outcome:
    """Run all racers at once, from one starting gun."""
    gun = threading.Barrier(len(racers))

    def run(racer: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gun.wait(timeout=TIMEOUT)
            return racer()
        finally:
            connection.close()

    outcome = Outcome()
    with ThreadPoolExecutor(max_workers=len(racers)) as pool:
        for future in [pool.submit(run, racer) for racer in racers]:
            try:
                outcome.results.append(future.result(timeout=TIMEOUT))
            except Exception as error:  # noqa: BLE001 (the tests look at what was raised)
                outcome.errors.append(error)
    return outcome


def assert_healthy() -> None:
    """The doctor finds no error in the whole database."""
    errors = [one for one in examine(now=timezone.now()) if one.severity is Severity.ERROR]
    assert not errors, "\n".join(f"{one.subject} ({one.check}): {one.text}" for one in errors)
