"""Running an operation in a transaction of its own, again when the database asks for it.

A database gives one of two transactions up that wait for each other: it says so to whichever
statement comes next, or at COMMIT, and a cluster whose nodes all take writes does it often. Nothing
of such a transaction is kept, so nothing that it came to may be believed.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from token_payments import conf

log = logging.getLogger(__name__)

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.2  # seconds at most before a new attempt; doubled each time
_MYSQL_DEADLOCK, _MYSQL_LOCK_TIMEOUT = 1213, 1205
_POSTGRESQL_LOST = ("40001", "40P01")


class LostRace(Exception):
    """Another transaction changed a row after it was read; nothing is kept, a retry is worth it."""


def in_transaction(operation: Callable[[], T], *, with_locks: Callable[[], T] | None = None) -> T:
    """Run ``operation`` atomically, and again while it loses races or deadlocks.

    It is tried until TOKEN_PAYMENTS["RETRY_SECONDS"] are over, after pauses of random length, so
    that those who lost to each other don't meet again. After the first time ``with_locks`` is run
    instead, if there is one. After a deadlock inside somebody else's transaction nothing is run
    again: only the owner can start that one over. Raises the database's error then, and when the
    time is over, whatever code on the way made of it: a lost transaction is no refusal.
    """
    until: float | None = None
    pause = FIRST_PAUSE
    while True:
        try:
            with transaction.atomic():
                return operation()
        except Exception as error:
            until = until or time.monotonic() + conf.retry_seconds()
            lost = _find_lost(error)
            if lost is None:
                raise
            is_owner = isinstance(lost, LostRace) or not connection.in_atomic_block
            if not is_owner or time.monotonic() >= until:
                raise lost from (None if lost is error else error)
        log.info("a transaction was lost to another one, trying again")
        operation = with_locks or operation
        time.sleep(random.uniform(0, pause))  # noqa: S311 (no secret)
        pause = min(pause * 2, LONGEST_PAUSE)


def list_causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _find_lost(error: BaseException) -> LostRace | OperationalError | None:
    """The error by which the transaction was lost: this one, or one that it came from."""
    for each in list_causes(error):
        if isinstance(each, LostRace) or (isinstance(each, OperationalError) and _is_lost(each)):
            return each
    return None


def _is_lost(error: OperationalError) -> bool:
    if getattr(error.__cause__, "sqlstate", None) in _POSTGRESQL_LOST:
        return True
    return bool(error.args) and error.args[0] in (_MYSQL_DEADLOCK, _MYSQL_LOCK_TIMEOUT)
