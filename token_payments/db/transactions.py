"""Running an operation in a transaction of its own, again when the database asks for it.

A database gives one of two transactions up that wait for each other: it says so to whichever
statement comes next, or at COMMIT, and a cluster whose nodes all take writes does it often. Nothing
of such a transaction is kept, so nothing that it came to may be believed.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction

from token_payments import conf

log = logging.getLogger(__name__)

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.04, 0.64  # seconds at most before a new attempt; doubled each time
_MYSQL_DEADLOCK, _MYSQL_LOCK_TIMEOUT = 1213, 1205
_POSTGRESQL_LOST = ("40001", "40P01")


class LostRace(Exception):
    """Another transaction changed a row after it was read; nothing is kept, a retry is worth it."""


def in_transaction(operation: Callable[[], T], *, with_locks: Callable[[], T] | None = None) -> T:
    """Run ``operation`` atomically, and again while it loses races or deadlocks.

    It is tried until TOKEN_PAYMENTS["RETRY_SECONDS"] are over, after pauses of random length, so
    that those who lost to each other don't meet again. After the first time ``with_locks`` is run
    instead, if there is one. After a deadlock inside somebody else's transaction nothing is run
    again: only the owner can start that one over.
    """
    until = time.monotonic() + conf.retry_seconds()
    pause = FIRST_PAUSE
    while True:
        try:
            return _run(operation)
        except LostRace:
            if time.monotonic() >= until:
                raise
        except OperationalError as error:
            if connection.in_atomic_block or not _is_lost(error) or time.monotonic() >= until:
                raise
            log.info("a transaction was lost to another one, trying again")
        operation = with_locks or operation
        time.sleep(random.uniform(0, pause))  # noqa: S311 (no secret)
        pause = min(pause * 2, LONGEST_PAUSE)


def _run(operation: Callable[[], T]) -> T:
    """Raises the database's error when it gave the transaction up, whatever was made of it.

    Code on the way may have caught it: a receiver of a signal that goes on, a filter of the host
    that takes every error for a refusal.
    """
    watch = _Watch()
    try:
        with transaction.atomic():
            with connection.execute_wrapper(watch):
                result = operation()
            if watch.lost is not None:
                raise watch.lost
    except Exception as error:
        if watch.lost is None or watch.lost is error:
            raise
        raise watch.lost from error
    return result


class _Watch:
    """Sees every statement, and keeps the error by which the database gave the transaction up."""

    lost: OperationalError | None = None

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return execute(*arguments)
        except OperationalError as error:
            if _is_lost(error):
                self.lost = error
            raise


def _is_lost(error: OperationalError) -> bool:
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _POSTGRESQL_LOST:
        return True
    return bool(error.args) and error.args[0] in (_MYSQL_DEADLOCK, _MYSQL_LOCK_TIMEOUT)
