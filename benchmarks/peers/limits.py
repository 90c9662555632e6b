"""The limits: one conditional UPDATE, one INSERT and COMMIT, by the driver and by Django's ORM."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from benchmarks.clients import Operation, UsedUp
from benchmarks.models import Entry, Lot

NOW = datetime(2026, 6, 1, tzinfo=UTC)
#: Gives the ids of the lots that a client takes from, by its number.
ChooseLots = Callable[[int], Iterator[int]]


class Driver:
    """The connection that Django made, used without Django: same settings, no ORM."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.raw: Any = connection.connection
        self.vendor = connection.vendor
        if self.vendor == "postgresql":
            import psycopg

            self.raw.autocommit = False
            self.raw.cursor_factory = psycopg.Cursor  # which prepares what is repeated
            self.run: Callable[..., Any] = self.raw.execute
        elif self.vendor == "mysql":
            self.raw.autocommit(False)
            self.run = self._run_on_mysql
        else:
            self.run = self.raw.execute

    def _run_on_mysql(self, sql: str, values: Sequence[Any] = ()) -> Any:
        cursor = self.raw.cursor()
        cursor.execute(sql, values)
        return cursor

    def begin(self) -> None:
        if self.vendor == "sqlite":
            self.raw.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.raw.commit()

    def mark(self, sql: str) -> str:
        """The statement, with the driver's own sign for a value."""
        return sql.replace("%s", "?") if self.vendor == "sqlite" else sql


def make_raw(choose: ChooseLots) -> Callable[[int], Operation]:
    def make(client: int) -> Operation:
        driver, lots = Driver(), choose(client)
        update = driver.mark(
            "UPDATE benchmarks_lot SET remaining = remaining - 1 WHERE id = %s AND remaining >= 1"
        )
        insert = driver.mark(
            "INSERT INTO benchmarks_entry (lot_id, amount, created_at) VALUES (%s, %s, %s)"
        )
        now: Any = NOW if driver.vendor == "postgresql" else NOW.strftime("%Y-%m-%d %H:%M:%S")

        def operate() -> None:
            lot = _take_next(lots)
            driver.begin()
            if driver.run(update, (lot,)).rowcount != 1:
                raise UsedUp
            driver.run(insert, (lot, -1, now))
            driver.commit()

        return operate

    return make


def make_floor(choose: ChooseLots) -> Callable[[int], Operation]:
    def make(client: int) -> Operation:
        lots = choose(client)

        def operate() -> None:
            lot = _take_next(lots)
            with transaction.atomic():
                enough = Lot.objects.filter(pk=lot, remaining__gte=1)
                if enough.update(remaining=F("remaining") - 1) != 1:
                    raise UsedUp
                Entry.objects.create(lot_id=lot, amount=-1, created_at=NOW)

        return operate

    return make


def _take_next(lots: Iterator[int]) -> int:
    lot = next(lots, None)
    if lot is None:
        raise UsedUp
    return lot
