"""Catching what steps of the domain enqueue for workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from unittest import mock

from token_payments.notifications import consequences
from token_payments.outbox import dispatch

P = ParamSpec("P")
R = TypeVar("R")

_is_unheard: ContextVar[bool] = ContextVar("is_unheard", default=False)


@contextmanager
def catch_enqueued(function_name: str) -> Iterator[mock.Mock]:
    """A mock that is called with the arguments of each such task, which isn't enqueued."""
    caught, real = mock.Mock(), _enqueue

    def enqueue(name: str, **arguments: Any) -> None:
        if name != function_name:
            real(name, **arguments)
        elif not _is_unheard.get():
            caught(*arguments.values())

    with mock.patch.object(consequences, "enqueue", enqueue):
        yield caught


def unheard(function: Callable[P, R]) -> Callable[P, R]:
    """What the function does makes no work for workers: it only sets the scene."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _is_unheard.set(True)
        try:
            return function(*args, **kwargs)
        finally:
            _is_unheard.reset(token)

    return run


def _enqueue(name: str, **arguments: Any) -> None:
    """In the place of the real one: races call what is ``unheard`` in threads, each for itself."""
    if not _is_unheard.get():
        dispatch.enqueue(name, **arguments)


consequences.enqueue = _enqueue  # type: ignore[assignment, attr-defined]


def no_receipts() -> Any:
    """Learners get none: the payment alone is looked at."""
    return mock.patch("token_payments.conf.learners_get_receipts", return_value=False)
