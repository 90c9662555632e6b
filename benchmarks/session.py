"""One database's run, from its creation to its end."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter

import django
from django.db import OperationalError, connection

MEASURES = ("wallet", "codes", "finish", "generation", "expiry", "pages", "imports", "growth")


def run_session(
    database: str,
    *,
    only: str = "",
    quick: bool = False,
    full: bool = False,
    seconds: float | None = None,
    target: Path | None = None,
) -> int:
    """Measure, print, write the JSON. A server that doesn't answer is left out, and said so."""
    django.setup()
    from benchmarks import tables
    from benchmarks.duel import Effort, Run
    from benchmarks.results import Report
    from benchmarks.stock import LEARNERS, Stock

    wanted = only.split(",") if only else MEASURES
    effort = Effort(is_full=full)
    if quick:
        effort = Effort(seconds=0.4, rounds=2, clients=(1, 16), is_quick=True)
    if seconds:
        effort = replace(effort, seconds=seconds)
    start = perf_counter()
    try:
        with _database():
            tables.print_heading(database)
            _set_up_peers()
            report = Report(database)
            run = Run(database, effort, report, Stock(learners=1600 if quick else LEARNERS))
            for name in wanted:
                print(f"  {name} ...", flush=True)
                importlib.import_module(f"benchmarks.measures.{name}").measure(run)
    except OperationalError as error:
        if connection.vendor == "sqlite" or connection.connection is not None:
            raise
        print(f"{database} is left out, its server doesn't answer: {error}")
        return 0
    tables.print_report(report, took=perf_counter() - start)
    if target:
        found = {
            "results": [asdict(row) for row in report.rows],
            "goals": [{"database": database, **asdict(goal)} for goal in report.goals],
            "notes": [f"{database}: {note}" for note in report.notes],
        }
        target.write_text(json.dumps(found, indent=2, ensure_ascii=False))
    return 0


@contextmanager
def _database() -> Iterator[None]:
    """A database of our own, dropped at the end whatever happens."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _set_up_peers() -> None:
    from benchmarks.peers import openedx_ledger

    if openedx_ledger.is_installed():
        openedx_ledger.set_up()
