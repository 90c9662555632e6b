"""Contenders that take turns, and what comes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from django.db import connection

from benchmarks.clients import MakeOperation, Round, run_round
from benchmarks.results import Report, Row, count_errors, divide, find_percentile, summarise
from benchmarks.stock import Stock

RAW, FLOOR, OURS, PEER = "raw", "floor", "ours", "peer"
RAW_QUERIES = 2
_DATA = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@dataclass(frozen=True)
class Effort:
    """How much is done: ``is_quick`` leaves out what takes minutes, ``is_full`` nothing."""

    seconds: float = 1.2
    rounds: int = 3
    clients: tuple[int, ...] = (1, 4, 16)
    is_quick: bool = False
    is_full: bool = False


@dataclass(frozen=True)
class Contender:
    """``prepare`` is called before each round, with the number of clients.

    ``is_ours_to_count``: its statements are this process's own, and so can be counted.
    """

    role: str
    name: str
    prepare: Callable[[int], MakeOperation]
    is_ours_to_count: bool = True


@dataclass
class Run:
    """What every measure is given.

    ``fastest_ms`` has, by a contender's name, what a tenth of its operations were quicker than:
    what it takes when nothing else is in the way, for comparisons of one time with another.
    """

    database: str
    effort: Effort
    report: Report
    stock: Stock
    fastest_ms: dict[str, float] = field(default_factory=dict)

    def duel(self, contenders: list[Contender], *, clients: int) -> dict[str, Row]:
        """Rounds in turns; adds a row for each contender, and returns them by role.

        A ratio is the median of the rounds' own ratios: what slows the machine down for a while
        slows all contenders of a round.
        """
        played: dict[str, list[Round]] = defaultdict(list)
        for _ in range(self.effort.rounds):
            for contender in contenders:
                make = contender.prepare(clients)
                played[contender.role].append(
                    run_round(make, clients=clients, seconds=self.effort.seconds)
                )
        rows = {}
        for contender in contenders:
            rounds = played[contender.role]
            row = summarise(contender.name, self.database, clients, rounds)
            row.ratio_to_raw = _find_ratio(rounds, played.get(RAW))
            row.ratio_to_floor = _find_ratio(rounds, played.get(FLOOR))
            row.ratio_to_peer = _find_ratio(rounds, played.get(PEER))
            if contender.is_ours_to_count:
                row.queries = RAW_QUERIES if contender.role == RAW else count_queries(contender)
            for error, times in count_errors(rounds).items():
                self.report.notes.append(f"{contender.name}, {clients} clients: {times} × {error}")
            latencies = [latency for one in rounds for latency in one.latencies]
            self.fastest_ms[row.name] = find_percentile(latencies, 0.1) or 0.0
            self.report.rows.append(row)
            rows[contender.role] = row
        return rows


def count_queries(contender: Contender) -> int:
    """The statements of one operation, without those that begin and end transactions."""
    operation = contender.prepare(1)(0)
    operation()
    statements: list[str] = []

    def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        operation()
    return sum(sql.lstrip(" (").upper().startswith(_DATA) for sql in statements)


def _find_ratio(ours: list[Round], theirs: list[Round] | None) -> float | None:
    if not theirs:
        return None
    pairs = zip(ours, theirs, strict=True)
    ratios = [ratio for a, b in pairs if (ratio := divide(a.rate, b.rate)) is not None]
    return median(ratios) if ratios else None
