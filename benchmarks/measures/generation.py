"""Making and storing an order's codes, against the database's best bulk insert of as many rows."""

from __future__ import annotations

import tracemalloc
from statistics import median
from time import perf_counter
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from benchmarks.duel import Run
from benchmarks.peers.bulk import insert_rows
from benchmarks.results import Row
from benchmarks.stock import Stock
from token_payments import conf
from token_payments.models import TokenCode
from token_payments.orders import operations as order_operations

MEMORY_GOAL = 50  # MiB
COLUMNS = ("order_id", "serial", "code_hash", "last_four", "status")
CHUNKS = 3


def measure(run: Run) -> None:
    quantity = 1_000_000 if run.effort.is_full else 10_000 if run.effort.is_quick else 100_000
    rounds = 1 if run.effort.is_full else run.effort.rounds
    ours, raw = [], []
    for _ in range(rounds):
        ours.append(_generate(run.stock, quantity))
        raw.append(_insert(run.stock, quantity))
    ratio = median(one / other for one, other in zip(ours, raw, strict=True))
    name = f"generate and store {quantity:,} codes"
    best = f"best bulk insert of {quantity:,} codes"
    run.report.rows += [
        Row(best, run.database, 1, median(raw), ratio_to_raw=1.0),
        Row(name, run.database, 1, median(ours), ratio_to_raw=ratio),
    ]
    run.report.judge(name, "≥ 0.5 of the bulk insert", f"{ratio:.2f}", is_met=ratio >= 0.5)
    most = _measure_memory(run.stock)
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


def _generate(stock: Stock, quantity: int) -> float:
    """Codes a second."""
    order = stock.request_order(stock.make_item(), quantity)
    start = perf_counter()
    order_operations.generate(order.pk, clock=timezone.now)
    return quantity / (perf_counter() - start)


def _measure_memory(stock: Stock) -> float:
    """The most MiB that making several chunks of codes takes: a longer order only has more."""
    order = stock.request_order(stock.make_item(), CHUNKS * conf.codes_per_chunk())
    tracemalloc.start()
    try:
        order_operations.generate(order.pk, clock=timezone.now)
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
