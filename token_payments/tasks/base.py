"""The common part of all tasks: how they are named, retried, and handed on."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from celery import Task, shared_task
from edx_django_utils.monitoring import set_code_owner_attribute

from token_payments.outbox.dispatch import Durable, name_task

R = TypeVar("R")

log = logging.getLogger(__name__)

#: A mail server that is down for a while is asked again, for about an hour.
RETRY: dict[str, Any] = {"retry_backoff": 15, "retry_backoff_max": 1200, "max_retries": 8}
#: Acknowledged when done, and handed on when the worker dies.
RESUME: dict[str, Any] = {"base": Durable, "acks_late": True, "reject_on_worker_lost": True}


class MailsPostponed(Exception):
    """Some mails could not be sent now: the task is run again later."""


def task(**options: Any) -> Callable[[Callable[..., R]], Task[..., R]]:
    """Make a function a task of Celery's, whose result nobody keeps.

    It is named after the function alone: brokers, schedules and pending tasks hold the name,
    wherever the code is.
    """

    def register(function: Callable[..., R]) -> Task[..., R]:
        name = name_task(function.__name__)
        owned = set_code_owner_attribute(_leave_out_unknown(function))
        made: Task[..., R] = shared_task(  # type: ignore[no-untyped-call]
            name=name, ignore_result=True, **options
        )(owned)
        return made

    return register


def _leave_out_unknown(function: Callable[..., R]) -> Callable[..., R]:
    """The function without named arguments that it doesn't have: a newer release may send some."""
    known = inspect.signature(function).parameters

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> R:
        unknown = kwargs.keys() - known.keys()
        if unknown:
            log.warning("%s: left out %s", function.__name__, ", ".join(sorted(unknown)))
        return function(*args, **{name: kwargs[name] for name in kwargs.keys() - unknown})

    return run
