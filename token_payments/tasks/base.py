"""The common part of all tasks: how they are named, retried, and handed on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from celery import Task, shared_task
from edx_django_utils.monitoring import set_code_owner_attribute

from token_payments.outbox.dispatch import TASKS, Durable, Tolerant

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
        name = f"{TASKS}.{function.__name__}"
        made: Task[..., R] = shared_task(  # type: ignore[no-untyped-call]
            **{"base": Tolerant, **options}, name=name, ignore_result=True
        )(set_code_owner_attribute(function))
        return made

    return register
