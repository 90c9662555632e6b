"""Somebody who writes while a table changes, as the release before the change does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.db import DatabaseError, connection, connections

from benchmarks.clients import FORK
from token_payments.models import LedgerEntry, Notice, Redemption, TokenCode

PAUSE = 0.002  # seconds between two writes
PATIENCE = 3600  # seconds for whoever writes to get through

Statement = tuple[str, list[Any]]


@dataclass(frozen=True)
class Waited:
    """What happened to whoever wrote: so many writes, the ``longest`` in seconds, and errors."""

    writes: int
    longest: float
    errors: int


class Beside:
    """A process that writes to every big table in turn, and tells how long it had to wait."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def report(self) -> Waited:
        """What happened since the last report, of a write that waits still when it is through."""
        self._pipe.send("report")
        if not self._pipe.poll(PATIENCE):
            raise TimeoutError("whoever writes doesn't get through")
        return Waited(*self._pipe.recv())


@contextmanager
def writing_beside(*, rows: int, now: Any) -> Iterator[Beside]:
    connections.close_all()  # a connection mustn't be shared with a child
    here, there = FORK.Pipe()
    process = FORK.Process(target=_write, args=(there, rows, now), daemon=True)
    process.start()
    try:
        yield Beside(here)
    finally:
        here.send("stop")
        process.join(10)
        if process.is_alive():
            process.kill()


def _write(pipe: Connection, rows: int, now: Any) -> None:
    writes, longest, errors = 0, 0.0, 0
    for number in count():
        if pipe.poll():
            if pipe.recv() == "stop":
                return
            pipe.send((writes, longest, errors))
            writes, longest, errors = 0, 0.0, 0
        before = perf_counter()
        for sql, values in _list_statements(number, rows, now):
            try:
                with connection.cursor() as cursor:
                    cursor.execute(sql, values)
            except DatabaseError:
                errors += 1
        writes, longest = writes + 1, max(longest, perf_counter() - before)
        time.sleep(PAUSE)


def _list_statements(number: int, rows: int, now: Any) -> Sequence[Statement]:
    """With the columns that this release knows, whatever others the tables have meanwhile."""
    code, entry, redemption, notice = (
        connection.ops.quote_name(model._meta.db_table)
        for model in (TokenCode, LedgerEntry, Redemption, Notice)
    )
    row = number % rows + 1
    status = "available" if number // rows % 2 == 0 else "redeemed"
    add_entry = (
        f"INSERT INTO {entry} (issue_id, kind, amount, reason, created_at) "
        "VALUES (%s, 'debit', -1, '', %s)"
    )
    key = connection.ops.quote_name("key")
    return [
        (f"UPDATE {code} SET status = %s WHERE id = %s", [status, row]),
        (add_entry, [row, now]),
        (f"UPDATE {redemption} SET group_tried_at = %s WHERE id = %s", [now, row]),
        (f"INSERT INTO {notice} ({key}, claimed_at) VALUES (%s, %s)", [uuid4().hex, now]),
    ]
