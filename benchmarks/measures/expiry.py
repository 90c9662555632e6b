"""The sweep over issues that have expired, against UPDATE and INSERT by the driver in batches."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

from django.db import connection

from benchmarks.duel import Run
from benchmarks.peers.limits import Driver
from benchmarks.results import Row
from benchmarks.series import insert_series, write_random, write_value
from token_payments.models import LedgerEntry, TokenIssue
from token_payments.wallets.spending import expire_issues

BATCH = 500
LONGEST = 100  # ms that a lock may be held


def measure(run: Run) -> None:
    quantity = 1_000_000 if run.effort.is_full else 10_000 if run.effort.is_quick else 100_000
    raw = _expire_raw(run, quantity)
    connection.close()  # whose settings the driver has changed
    ours, longest, batches = _expire(run, quantity)
    name = f"expire {quantity:,} issues"
    run.report.rows += [
        Row(f"raw UPDATE + INSERT of {quantity:,} issues", run.database, 1, raw, ratio_to_raw=1.0),
        Row(name, run.database, 1, ours, p99_ms=longest, ratio_to_raw=ours / raw),
    ]
    run.report.judge(name, "≥ 0.3 of raw", f"{ours / raw:.2f}", is_met=ours / raw >= 0.3)
    run.report.judge(
        f"{name}: longest transaction",
        f"≤ {LONGEST} ms",
        f"{longest:.0f} ms of {batches} batches",
        is_met=longest <= LONGEST,
    )


def _expire(run: Run, quantity: int) -> tuple[float, float, int]:
    """Issues a second, the longest transaction in ms, the number of transactions."""
    _add_issues(run, quantity)
    durations = []
    start = perf_counter()
    after: int | None = 0
    while after is not None:
        before = perf_counter()
        after = expire_issues(now=run.stock.now, limit=BATCH, after=after).last
        durations.append((perf_counter() - before) * 1000)
    return quantity / (perf_counter() - start), max(durations), len(durations)


def _expire_raw(run: Run, quantity: int) -> float:
    """The same batches and the same rows, told by their ids: no Python object is made of any."""
    first = _add_issues(run, quantity)
    lots, entries = TokenIssue._meta.db_table, LedgerEntry._meta.db_table
    insert = (
        f"INSERT INTO {entries} (issue_id, kind, amount, reason, created_at) "
        f"SELECT id, 'expiry', -remaining, '', expires_at FROM {lots} "
        "WHERE id >= %s AND id < %s AND remaining > 0"
    )
    update = f"UPDATE {lots} SET remaining = 0 WHERE id >= %s AND id < %s"
    driver = Driver()
    start = perf_counter()
    for begin in range(first, first + quantity, BATCH):
        driver.begin()
        driver.run(driver.mark(insert), (begin, begin + BATCH))
        driver.run(driver.mark(update), (begin, begin + BATCH))
        driver.commit()
    return quantity / (perf_counter() - start)


def _add_issues(run: Run, quantity: int) -> int:
    """Issues that expired a day ago, of a wallet that has many; returns the first one's id."""
    now = run.stock.now
    insert_series(
        TokenIssue,
        quantity,
        wallet=str(run.stock.expiring_wallet.pk),
        quantity="5",
        remaining="5",
        issued_at=write_value(TokenIssue, "issued_at", now - timedelta(days=30)),
        expires_at=write_value(TokenIssue, "expires_at", now - timedelta(days=1)),
        source="'manual'",
        idempotency_key=write_random(),
    )
    last = TokenIssue.objects.order_by("-id").values_list("pk", flat=True)[0]
    return last - quantity + 1
