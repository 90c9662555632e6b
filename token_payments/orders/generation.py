"""Making the codes of an order, in chunks that each are one transaction.

A worker may die at any point and another may begin, or both may work at once: every chunk locks the
order, goes on after the last serial that is stored, and derives the same codes that any other
worker would. Memory stays that of one chunk, whatever the quantity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import chain, islice

from django.db import connection
from django.db.models import Max

from token_payments import conf
from token_payments.db.transactions import in_transaction
from token_payments.errors import InvalidTransition
from token_payments.orders import codes, states
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
)
from token_payments.orders.placing import lock_order
from token_payments.orders.states import advance_codes

ROWS_PER_STATEMENT = 1000
COLUMNS = ("order_id", "serial", "code_hash", "last_four", "status")


def generate(order_id: int, *, clock: Callable[[], datetime]) -> int:
    """Make the codes that a processing order still lacks, and mark it processed.

    Returns how many it made. ``clock`` gives the time of each step. It commits in between, so it
    can't run inside a transaction; run again, it goes on where it was stopped. An order that isn't
    being processed (any more) is left as it is: cancelling an order ends the work after the chunk
    under way.
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
    """Store the codes in the quickest way that the database's driver has."""
    if connection.vendor == "postgresql" and _has_copy():
        _copy_codes(order, serials)
        return
    names = ", ".join(connection.ops.quote_name(column) for column in COLUMNS)
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    with connection.cursor() as cursor:
        for start in range(serials.start, serials.stop, ROWS_PER_STATEMENT):
            part = range(start, min(start + ROWS_PER_STATEMENT, serials.stop))
            marks = ", ".join([row] * len(part))
            statement = f"INSERT INTO {_table()} ({names}) VALUES {marks}"  # noqa: S608 (names are ours)
            cursor.execute(statement, list(chain.from_iterable(_make_rows(order, part))))


def _copy_codes(order: TokenOrder, serials: range) -> None:
    """PostgreSQL's COPY: no value needs quoting, they are digits and letters."""
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor, cursor.copy(f"COPY {_table()} ({names}) FROM STDIN") as out:
        rows = _make_rows(order, serials)
        while block := list(islice(rows, ROWS_PER_STATEMENT)):
            out.write("".join("{}\t{}\t{}\t{}\t{}\n".format(*row) for row in block))


def _make_rows(order: TokenOrder, serials: range) -> Iterator[tuple[int, int, str, str, str]]:
    """The row of each code, in the order of COLUMNS."""
    derived = list(codes.derive_codes(key_name=order.code_key, order=order.uuid, serials=serials))
    hashes = codes.hash_codes(derived, key_name=order.code_key)
    status = CodeStatus.AVAILABLE.value
    for serial, code, code_hash in zip(serials, derived, hashes, strict=True):
        yield order.pk, serial, code_hash, code[-4:], status


def _has_copy() -> bool:
    """Whether the driver is psycopg 3; psycopg 2 has no way to write into a COPY."""
    with connection.cursor() as cursor:
        return hasattr(cursor, "copy")


def _table() -> str:
    return connection.ops.quote_name(TokenCode._meta.db_table)


def replace_code(code: TokenCode, order: TokenOrder, *, operation: str = "replace") -> TokenCode:
    """Let an available code die and make a new one; ``order`` is the code's, locked.

    ``replace_redeemed`` as operation does so with one whose payment is reversed. Runs in the
    caller's transaction. The new code's serial follows the last one of the order. Raises
    InvalidTransition when the code was redeemed or cancelled meanwhile, ConfigurationError when the
    operator's key is gone.
    """
    if not advance_codes(TokenCode.objects.filter(pk=code.pk), operation):
        status = TokenCode.objects.only("status").get(pk=code.pk).status
        raise InvalidTransition(f"Code {code}", status, operation)
    serial = int(order.codes.aggregate(last=Max("serial"))["last"]) + 1
    (text,) = codes.derive_codes(key_name=order.code_key, order=order.uuid, serials=[serial])
    return TokenCode.objects.create(
        order=order,
        serial=serial,
        code_hash=codes.hash_code(text, key_name=order.code_key),
        last_four=text[-4:],
        status=CodeStatus.AVAILABLE,
        replaces=code,
    )
