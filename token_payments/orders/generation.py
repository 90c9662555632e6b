"""Making the codes of an order, in chunks that each are one transaction.

A worker may die at any point and another may begin, or both may work at once: every chunk locks the
order, goes on after the last serial that is stored, and derives the same codes that any other
worker would. Memory stays that of one chunk, whatever the quantity.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import connection
from django.db.models import Max

from token_payments import conf
from token_payments.orders import codes, states
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
)
from token_payments.orders.operations import lock_order
from token_payments.transactions import in_transaction

ROWS_PER_STATEMENT = 1000


def generate(order_id: int, *, clock: Callable[[], datetime]) -> int:
    """Make what is missing of the order's codes, then mark it processed; returns how many.

    ``clock`` gives the time of each step. An order that isn't being processed (any more) is left as
    it is: cancelling an order ends the work after the chunk under way.
    """
    made = 0
    while True:
        chunk = in_transaction(partial(_generate_chunk, order_id, now=clock()))
        if chunk is None:
            return made
        made += chunk


def count_generated(order: TokenOrder) -> int:
    """How many of the order's codes exist: serials have no gap, so the last one tells."""
    last = order.codes.aggregate(last=Max("serial"))["last"]
    return int(last or 0)


def _generate_chunk(order_id: int, *, now: datetime) -> int | None:
    """Make one chunk, in the running transaction; None when there is nothing (left) to do."""
    order = lock_order(order_id)
    if order.status != OrderStatus.PROCESSING or order.is_for_wallet:
        return None
    first = count_generated(order) + 1
    last = min(first + conf.codes_per_chunk() - 1, order.quantity)
    if first > last:
        states.advance(order, "complete_processing")
        order.save(update_fields=["status"])
        add_log_entry(
            order, TokenOrderAction.PROCESSED, actor=None, now=now, quantity=order.quantity
        )
        return None
    _insert_codes(order, range(first, last + 1))
    return last - first + 1


def _insert_codes(order: TokenOrder, serials: range) -> None:
    """Store the codes by INSERTs of many rows each: several times as fast as ``bulk_create``."""
    columns = ("order_id", "serial", "code_hash", "last_four", "status")
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    table = connection.ops.quote_name(TokenCode._meta.db_table)
    row = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for start in range(serials.start, serials.stop, ROWS_PER_STATEMENT):
            part = range(start, min(start + ROWS_PER_STATEMENT, serials.stop))
            rows = ", ".join([row] * len(part))
            statement = f"INSERT INTO {table} ({names}) VALUES {rows}"  # noqa: S608 (names are ours)
            cursor.execute(statement, _list_values(order, part))


def _list_values(order: TokenOrder, serials: range) -> list[int | str]:
    derived = list(codes.derive_codes(key_name=order.code_key, order=order.uuid, serials=serials))
    hashes = codes.hash_codes(derived, key_name=order.code_key)
    values: list[int | str] = []
    for serial, code, code_hash in zip(serials, derived, hashes, strict=True):
        values += (order.pk, serial, code_hash, code[-4:], CodeStatus.AVAILABLE.value)
    return values
