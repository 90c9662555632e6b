"""What a run finds: rows for the tables and the JSON, and goals with their verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.clients import Round


@dataclass
class Row:
    """One contender at one number of clients. Ratios are of rates: above 1 is faster than it."""

    name: str
    database: str
    clients: int
    rate: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    queries: int | None = None
    errors: int = 0
    ratio_to_raw: float | None = None
    ratio_to_floor: float | None = None
    ratio_to_peer: float | None = None


@dataclass
class Goal:
    """A goal of docs/performance.md, and whether this run met it."""

    name: str
    target: str
    measured: str
    is_met: bool


@dataclass
class Report:
    """All that one database's run found; ``notes`` says what was left out, and why."""

    database: str
    rows: list[Row] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def judge(self, name: str, target: str, measured: str, *, is_met: bool) -> None:
        self.goals.append(Goal(name, target, measured, is_met))

    def find(self, name: str, clients: int) -> Row | None:
        return next((row for row in self.rows if (row.name, row.clients) == (name, clients)), None)


def summarise(name: str, database: str, clients: int, rounds: Sequence[Round]) -> Row:
    """The median rate of the rounds, and the percentiles of all their operations together."""
    latencies = [latency for one in rounds for latency in one.latencies]
    return Row(
        name,
        database,
        clients,
        rate=median(one.rate for one in rounds),
        p50_ms=find_percentile(latencies, 0.50),
        p99_ms=find_percentile(latencies, 0.99),
        errors=count_errors(rounds).total(),
    )


def count_errors(rounds: Sequence[Round]) -> Counter[str]:
    """How often each error came up."""
    return sum((one.errors for one in rounds), Counter[str]())


def divide(a: float, b: float | None) -> float | None:
    return a / b if b else None


def find_percentile(latencies: Sequence[float], share: float) -> float | None:
    """In milliseconds; None of nothing."""
    if not latencies:
        return None
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000
