"""The tables that people read."""

from __future__ import annotations

import os
import platform

import django
from django.db import connection

from benchmarks.results import Report, Row

_COLUMNS = (
    "name", "clients", "rate/s", "p50 ms", "p99 ms",
    "to raw", "to floor", "to peer", "queries", "errors",
)  # fmt: skip
_WIDTHS = (44, 7, 9, 8, 8, 7, 8, 8, 7, 6)


def print_heading(database: str) -> None:
    with connection.cursor() as cursor:
        sql = "SELECT sqlite_version()" if connection.vendor == "sqlite" else "SELECT version()"
        cursor.execute(sql)
        version = str(cursor.fetchone()[0]).split(" (")[0]
    print(
        f"\n=== {database}: {version}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, Django {django.__version__}"
    )


def print_report(report: Report, *, took: float) -> None:
    print()
    _print_line(_COLUMNS)
    for row in report.rows:
        _print_line(_list_cells(row))
    print("\nGoals")
    for goal in report.goals:
        verdict = "met    " if goal.is_met else "NOT MET"
        print(f"  {verdict}  {goal.name:<62} {goal.target:<24} {goal.measured}")
    if report.notes:
        print("\nNotes")
    for note in report.notes:
        print(f"  {note}")
    met = sum(goal.is_met for goal in report.goals)
    print(f"\n{report.database}: {met} of {len(report.goals)} goals met, in {took:.0f} s")


def _print_line(cells: tuple[str, ...]) -> None:
    first, *others = zip(cells, _WIDTHS, strict=True)
    print(f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}} " for cell, width in others))


def _list_cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        str(row.clients),
        f"{row.rate:,.0f}" if row.rate >= 100 else f"{row.rate:.1f}",
        _write(row.p50_ms),
        _write(row.p99_ms),
        _write(row.ratio_to_raw),
        _write(row.ratio_to_floor),
        _write(row.ratio_to_peer),
        "" if row.queries is None else str(row.queries),
        str(row.errors),
    )


def _write(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}"
