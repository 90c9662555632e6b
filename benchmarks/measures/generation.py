"""Making and storing an order's codes, against the database's best bulk insert of as many rows."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from benchmarks.duel import Run
from benchmarks.peers.bulk import insert_rows
from benchmarks.results import Row
from benchmarks.stock import Stock
from token_payments import api
from token_payments.models import TokenCode, TokenOrder

MEMORY_GOAL = 50  # MiB
COLUMNS = ("order_id", "serial", "code_hash", "last_four", "status")
STATUS = Path("/proc/self/status")


def measure(run: Run) -> None:
    quantity = 1_000_000 if run.effort.is_full else 10_000 if run.effort.is_quick else 100_000
    rounds = 1 if run.effort.is_full else run.effort.rounds
    ours, raw, grown = [], [], []
    for _ in range(rounds):
        rate, memory = _generate(run.stock, quantity)
        ours.append(rate)
        grown.append(memory)
        raw.append(_insert(run.stock, quantity))
    ratio = median(one / other for one, other in zip(ours, raw, strict=True))
    name = f"generate and store {quantity:,} codes"
    best = f"best bulk insert of {quantity:,} codes"
    run.report.rows += [
        Row(best, run.database, 1, median(raw), ratio_to_raw=1.0),
        Row(name, run.database, 1, median(ours), ratio_to_raw=ratio),
    ]
    run.report.judge(name, "≥ 0.5 of the bulk insert", f"{ratio:.2f}", is_met=ratio >= 0.5)
    most = grown[0]  # afterwards the process keeps what the bulk insert took
    run.report.judge(
        f"{name}: memory", f"+ ≤ {MEMORY_GOAL} MiB", f"+ {most:.0f} MiB", is_met=most <= MEMORY_GOAL
    )


def _insert(stock: Stock, quantity: int) -> float:
    """Rows of the same shape, made beforehand; returns how many a second."""
    order = stock.request_order(stock.make_item(), quantity)
    table = TokenCode._meta.db_table
    rows = [
        (order.pk, serial, uuid4().hex, "AB12", "available") for serial in range(1, quantity + 1)
    ]
    start = perf_counter()
    insert_rows(table, COLUMNS, rows)
    rate = quantity / (perf_counter() - start)
    connection.close()  # whose settings the driver has changed
    return rate


def _generate(stock: Stock, quantity: int) -> tuple[float, float]:
    """Codes a second, and by how many MiB the process grew meanwhile."""
    order: TokenOrder = stock.request_order(stock.make_item(), quantity)
    before = _reset_peak()
    start = perf_counter()
    api.generate(order.pk, clock=timezone.now)
    rate = quantity / (perf_counter() - start)
    return rate, _read_memory("VmHWM") - before


def _reset_peak() -> float:
    """Begin to look for the process's peak afresh; returns its size now. Linux only."""
    if STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5")
    return _read_memory("VmRSS")


def _read_memory(name: str) -> float:
    """MiB; 0 where the system doesn't tell."""
    if not STATUS.exists():
        return 0.0
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024
