"""The quickest way into each database that its driver has, short of files on the server.

COPY on PostgreSQL, INSERTs of 10,000 rows on MariaDB, ``executemany`` on SQLite; one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from benchmarks.peers.limits import Driver

ROWS = 10_000


def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Store the rows, all or none."""
    driver = Driver()
    names = ", ".join(columns)
    driver.begin()
    if driver.vendor == "postgresql":
        with (
            driver.raw.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
    elif driver.vendor == "mysql":
        row_marks = f"({', '.join(['%s'] * len(columns))})"
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            marks = ", ".join([row_marks] * len(part))
            driver.run(
                f"INSERT INTO {table} ({names}) VALUES {marks}",
                list(chain.from_iterable(part)),
            )
    else:
        marks = ", ".join(["?"] * len(columns))
        driver.raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
    driver.commit()
