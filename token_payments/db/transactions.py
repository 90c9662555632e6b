"""Running an operation in a transaction of its own, again when the database asks for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

log = logging.getLogger(__name__)

T = TypeVar("T")
ATTEMPTS = 4
PAUSE = 0.04  # seconds before the second attempt; doubled each time
_MYSQL_DEADLOCK, _MYSQL_LOCK_TIMEOUT = 1213, 1205
_POSTGRESQL_RETRY = ("40001", "40P01")


class LostRace(Exception):
    """Another transaction changed a row after it was read; nothing is kept, a retry is worth it."""


def in_transaction(operation: Callable[[], T], *, with_locks: Callable[[], T] | None = None) -> T:
    """Run ``operation`` atomically, up to four times when it lost a race or a deadlock.

    After the first time ``with_locks`` is run instead, if there is one. After a deadlock inside
    somebody else's transaction nothing is run again: only the owner can start that one over.
    """
    attempt = 1
    while True:
        try:
            with transaction.atomic():
                return operation()
        except LostRace:
            if attempt == ATTEMPTS:
                raise
        except OperationalError as error:
            if attempt == ATTEMPTS or connection.in_atomic_block or not _is_retryable(error):
                raise
            log.info("attempt %s lost a deadlock, trying again", attempt)
        operation = with_locks or operation
        time.sleep(PAUSE * 2 ** (attempt - 1))
        attempt += 1


def _is_retryable(error: OperationalError) -> bool:
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _POSTGRESQL_RETRY:
        return True
    return bool(error.args) and error.args[0] in (_MYSQL_DEADLOCK, _MYSQL_LOCK_TIMEOUT)
