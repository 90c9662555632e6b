"""One database's run, from its creation to its end."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import django
from django.db import OperationalError, connection

if TYPE_CHECKING:
    from benchmarks.duel import Effort
    from benchmarks.results import Report

#: Beside these there is `migrations`, by name alone: it tells of tables, and takes long.
MEASURES = (
    *("wallet", "codes", "finish", "bulk", "generation", "expiry", "pages", "imports"),
    *("growth", "http"),  # last, as they leave much behind
)


def run_session(
    database: str,
    *,
    only: str = "",
    quick: bool = False,
    full: bool = False,
    seconds: float | None = None,
    clients: str = "",
    target: Path | None = None,
) -> int:
    """Measure, print, write the JSON. A server that doesn't answer is left out, and said so."""
    django.setup()
    from benchmarks import tables
    from benchmarks.duel import Effort
    from benchmarks.results import Report

    effort = Effort(is_full=full)
    if quick:
        effort = Effort(seconds=0.4, rounds=2, clients=(1, 16), is_quick=True)
    if seconds:
        effort = replace(effort, seconds=seconds)
    if clients:
        effort = replace(effort, clients=tuple(map(int, clients.split(","))))
    report = Report(database)
    start = perf_counter()
    try:
        _knock()
    except OperationalError as error:
        print(f"{database} is left out, its server doesn't answer: {error}")
        return 0
    with _database():
        tables.print_heading(database)
        _measure_all(only.split(",") if only else MEASURES, effort, report)
    tables.print_report(report, took=perf_counter() - start)
    if target:
        target.write_text(json.dumps(_write_json(report), indent=2, ensure_ascii=False))
    return 0


def _knock() -> None:
    """Raises OperationalError when the database server doesn't answer."""
    if connection.vendor == "sqlite":
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1")


def _measure_all(names: Sequence[str], effort: Effort, report: Report) -> None:
    from benchmarks.duel import Run
    from benchmarks.peers import openedx_ledger
    from benchmarks.stock import LEARNERS, Stock

    if openedx_ledger.is_installed():
        openedx_ledger.set_up()
    stock = Stock(learners=1600 if effort.is_quick else LEARNERS)
    run = Run(report.database, effort, report, stock)
    for name in names:
        print(f"  {name} ...", flush=True)
        importlib.import_module(f"benchmarks.measures.{name}").measure(run)


def _write_json(report: Report) -> dict[str, list[Any]]:
    database = report.database
    return {
        "results": [asdict(row) for row in report.rows],
        "goals": [{"database": database, **asdict(goal)} for goal in report.goals],
        "notes": [f"{database}: {note}" for note in report.notes],
    }


@contextmanager
def _database() -> Iterator[None]:
    """A database of our own, dropped at the end whatever happens."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
