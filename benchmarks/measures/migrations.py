"""Changes of big tables: how long they hold writers up, and whether they write the table anew.

Every kind of change that migrations may make (docs/decisions/0034), some that they may not, and
every migration after the first, there and back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from benchmarks.big_tables import TABLES, USED, fill_tables
from benchmarks.duel import Run
from benchmarks.kinds_of_change import KINDS, LABEL, Kind
from benchmarks.writers import Beside, Waited, writing_beside
from token_payments.checkout import operations as checkout_operations

ROWS, QUICK_ROWS, FULL_ROWS = 500_000, 20_000, 10_000_000
LONGEST = 1.0  # seconds that anybody may have to wait
AFTERWARDS = 0.3  # seconds in which whoever writes sees the new table
STILL = 5.0  # seconds without any change, to compare with


@dataclass(frozen=True)
class Change:
    """What one change did: seconds it ``took``, whoever wrote meanwhile, tables written anew."""

    took: float
    waited: Waited
    rewritten: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        return self.waited.longest <= LONGEST and not self.waited.errors and not self.rewritten

    def __str__(self) -> str:
        anew = f", written anew: {', '.join(self.rewritten)}" if self.rewritten else ""
        errors = f", {self.waited.errors} writes failed" if self.waited.errors else ""
        return f"{self.took:.2f} s, longest wait {self.waited.longest:.2f} s{errors}{anew}"


def measure(run: Run) -> None:
    if connection.vendor == "sqlite":
        run.report.notes.append("migrations: no LMS with this many rows runs on SQLite")
        return
    effort = run.effort
    rows = FULL_ROWS if effort.is_full else QUICK_ROWS if effort.is_quick else ROWS
    start = perf_counter()
    run.report.notes.append(f"{fill_tables(run.stock, rows)}: {_say_size()}")
    print(f"    filled in {perf_counter() - start:.0f} s", flush=True)
    _fake_migrations()
    with writing_beside(rows=rows // USED, now=run.stock.now) as beside:
        time.sleep(STILL)
        still = beside.report()
        run.report.notes.append(
            f"with no change at all the longest of {still.writes} writes took {still.longest:.2f} s"
        )
        _migrate_there_and_back(run, beside)
        for kind in KINDS:
            _measure_kind(run, beside, kind)


def _measure_kind(run: Run, beside: Beside, kind: Kind) -> None:
    """There and back, by the operation of a migration."""
    before = MigrationExecutor(connection).loader.project_state()
    after, operation = before.clone(), kind.make()
    operation.state_forwards(LABEL, after)

    def do() -> None:
        with connection.schema_editor(atomic=operation.atomic is not False) as editor:
            operation.database_forwards(LABEL, editor, before, after)

    def undo() -> None:
        with connection.schema_editor(atomic=operation.atomic is not False) as editor:
            operation.database_backwards(LABEL, editor, after, before)

    name = f"{kind.name}, {kind.model._meta.verbose_name}"
    for what, step in ((name, do), (f"{name}: back", undo)):
        _tell(run, what, _watch(beside, step), is_allowed=kind.is_allowed)


def _migrate_there_and_back(run: Run, beside: Beside) -> None:
    """Every migration after the first: the tables are as the last one leaves them."""
    nodes = MigrationExecutor(connection).loader.graph.nodes
    first, *later = sorted(name for label, name in nodes if label == LABEL)
    for name, target in reversed(list(zip(later, [first, *later], strict=False))):
        _tell(run, f"{name}: back", _watch(beside, partial(_migrate_to, target)))
    run.report.notes.append(f"without it, finding whom to place in groups: {_find_waiting(run)}")
    for name in later:
        _tell(run, name, _watch(beside, partial(_migrate_to, name)))
    run.report.notes.append(f"with all, finding whom to place in groups: {_find_waiting(run)}")


def _find_waiting(run: Run) -> str:
    """Nobody's turn has come, so that looking for them is all it does."""
    start = perf_counter()
    checkout_operations.retry_groups(now=run.stock.now)
    return f"{(perf_counter() - start) * 1000:.1f} ms"


def _watch(beside: Beside, step: Callable[[], object]) -> Change:
    files = {model: _find_file(model) for model in TABLES}
    beside.report()
    start = perf_counter()
    step()
    took = perf_counter() - start
    time.sleep(AFTERWARDS)
    waited = beside.report()
    anew = tuple(m._meta.model_name or "" for m in TABLES if _find_file(m) != files[m])
    return Change(took, waited, anew)


def _tell(run: Run, name: str, change: Change, *, is_allowed: bool = True) -> None:
    print(f"    {name}: {change}", flush=True)
    if is_allowed:
        target = f"≤ {LONGEST:.0f} s wait, not written anew"
        run.report.judge(name, target, str(change), is_met=change.is_fine)
    else:
        run.report.notes.append(f"not allowed: {name}: {change}")


def _fake_migrations() -> None:
    """The tables are there, as models have them: migrations are to know it."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes(LABEL), fake=True)


def _migrate_to(name: str) -> None:
    MigrationExecutor(connection).migrate([(LABEL, name)])


def _find_file(model: type[Model]) -> int:
    """What is another one once a table was written anew."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_relation_filenode(%s)", [model._meta.db_table])
        else:
            table = "INNODB_SYS_TABLES" if connection.mysql_is_mariadb else "INNODB_TABLES"  # type: ignore[attr-defined]
            cursor.execute(
                f"SELECT table_id FROM information_schema.{table} "
                "WHERE name = CONCAT(DATABASE(), '/', %s)",
                [model._meta.db_table],
            )
        return int(cursor.fetchone()[0])


def _say_size() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute(
                "SELECT SUM(data_length + index_length) FROM information_schema.tables "
                "WHERE table_schema = DATABASE()"
            )
        return f"{int(cursor.fetchone()[0]) / 2**30:.1f} GiB"
