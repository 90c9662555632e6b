"""Tables with many rows, filled by the database itself, with all their indexes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from benchmarks.series import N, insert_series, write_digits, write_uuid_of_digits, write_value
from benchmarks.stock import Stock
from token_payments.models import LedgerEntry, Notice, Redemption, TokenCode

USED = 5  # one code of so many has been redeemed
TABLES = (TokenCode, LedgerEntry, Redemption, Notice)


def fill_tables(stock: Stock, rows: int) -> str:
    """So many codes and ledger entries, and redemptions and notices as belong to them.

    Each table by one statement: into an empty table MariaDB writes indexes in their order.
    """
    few = rows // USED
    with _nothing_checked():
        for add, count in (
            (_add_codes, rows),
            (_add_entries, rows),
            (_add_redemptions, few),
            (_add_notices, few),
        ):
            add(stock, count)
            print(f"    {add.__name__.removeprefix('_add_')}: {count:,}", flush=True)
    _gather_statistics()
    return f"{rows:,} codes and ledger entries, {few:,} redemptions and notices"


def _add_codes(stock: Stock, count: int) -> None:
    insert_series(
        TokenCode,
        count,
        order=str(stock.old_order.pk),
        serial=f"{N} + 1",
        code_hash=write_digits(),
        last_four="'AB12'",
        status="'redeemed'",
    )


def _add_redemptions(stock: Stock, count: int) -> None:
    """A few learners wait for their group."""
    insert_series(
        Redemption,
        count,
        uuid=write_uuid_of_digits(),
        state="'completed'",
        learner=str(stock.learners[0].pk),
        item=f"{N} + 1",
        method="'token_code'",
        mode="'verified'",
        price="149",
        currency="'GBP'",
        group_state=f"CASE WHEN {N} %% 20000 = 7 THEN 'failed' ELSE 'none' END",
        actor=str(stock.learners[0].pk),
        idempotency_key=write_digits(),
        created_at=write_value(Redemption, "created_at", stock.now),
        completed_at=write_value(Redemption, "completed_at", stock.now),
    )


def _add_entries(stock: Stock, count: int) -> None:
    insert_series(
        LedgerEntry,
        count,
        issue=f"{N} / 100 + 1" if connection.vendor != "mysql" else f"{N} DIV 100 + 1",
        kind="'debit'",
        amount="-1",
        redemption=f"{N} + 1",
        actor=str(stock.learners[0].pk),
        created_at=write_value(LedgerEntry, "created_at", stock.now),
    )


def _add_notices(stock: Stock, count: int) -> None:
    insert_series(
        Notice,
        count,
        key=write_digits(),
        claimed_at=write_value(Notice, "claimed_at", stock.now),
        sent_at=write_value(Notice, "sent_at", stock.now),
    )


@contextmanager
def _nothing_checked() -> Iterator[None]:
    """Many rows belong to few others, and to some that aren't there: nothing looks for these."""
    switches = {
        "postgresql": [("session_replication_role", "replica", "DEFAULT")],
        "mysql": [("foreign_key_checks", "0", "1"), ("unique_checks", "0", "1")],
    }[connection.vendor]
    with connection.cursor() as cursor:
        for name, off, _ in switches:
            cursor.execute(f"SET {name} = {off}")
        try:
            yield
        finally:
            for name, _, on in switches:
                cursor.execute(f"SET {name} = {on}")


def _gather_statistics() -> None:
    verb = "VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE TABLE"
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"{verb} {connection.ops.quote_name(model._meta.db_table)}")
