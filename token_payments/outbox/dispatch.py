"""Handing work to Celery so that none is lost.

What is to be done is enqueued with what makes it necessary, dispatched to the broker once that is
committed, and completed by the worker that has done it. Without a broker nothing fails: a scheduled
task dispatches it later, as it does with what a worker lost or gave up.

Tasks are called by their names and take named arguments, so that this is below them, and so that
two releases understand each other: a task leaves out an argument that it doesn't know.
"""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import Task, current_app
from django.db import transaction
from django.utils import timezone

from token_payments.outbox import pending
from token_payments.outbox.models import PendingTask

#: A task is named by this and its function: brokers, schedules and pending tasks hold the name.
TASKS = "token_payments.tasks"
LIMIT = 1000  # in one run: a broker that comes back isn't flooded

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Resumed:
    """The result of a run: dispatched tasks, those ``waiting`` for a broker, and those given up."""

    queued: int = 0
    waiting: int = 0
    given_up: int = 0


class Tolerant(Task):
    """A task that leaves out named arguments that it doesn't have: a newer release may send some.

    ``is_durable``: it completes what was enqueued of it. ``is_repeatable``: it may run again where
    it isn't known whether it ran. What isn't is the broker's alone once that has taken it.
    """

    abstract = True
    is_durable = False
    is_repeatable = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        begun, signature = timezone.now(), inspect.signature(self.run)
        known = {name: kwargs[name] for name in signature.parameters if name in kwargs}
        if known.keys() != kwargs.keys():
            log.warning(
                "%s: left out %s", self.name, ", ".join(sorted(kwargs.keys() - known.keys()))
            )
        result = self.run(*args, **known)
        if self.is_durable:
            named = {**signature.bind_partial(*args).arguments, **kwargs}
            pending.complete(self.name, named, begun=begun, positional=args)
        return result


class Durable(Tolerant):
    """A task that completes what was enqueued of it."""

    abstract = True
    is_durable = True


class Unrepeatable(Durable):
    """One whose mail can't be told from an earlier one."""

    abstract = True
    is_repeatable = False


def enqueue(function_name: str, **arguments: int | str | None) -> None:
    """Have a Durable task run once the running transaction is committed, now or later."""
    work = pending.add_pending(f"{TASKS}.{function_name}", arguments, now=timezone.now())
    # a lambda: Django asks a robust function that fails for its name
    transaction.on_commit(lambda: _dispatch(work, timezone.now(), arguments), robust=True)


def send_soon(function_name: str, **arguments: int | str | None) -> None:
    """Have a task run once the running transaction is committed; nothing is kept of it.

    For what a scheduled task finds as well.
    """
    task = current_app.tasks[f"{TASKS}.{function_name}"]
    transaction.on_commit(lambda: task.delay(**arguments), robust=True)


def resume_pending(*, now: datetime) -> Resumed:
    """Dispatch what no broker took, and what should have been done for long.

    Safe to run again, late, or twice at once. Ends at the first error of the broker.
    """
    given_up = pending.give_up(now=now, limit=LIMIT)
    for each in given_up:
        log.error("given up after days: %s", each)
    known = [name for name in current_app.tasks if name.startswith(f"{TASKS}.")]
    queued, due = 0, pending.list_due(now=now, known=known, limit=LIMIT)
    for each in due:
        try:
            args, kwargs = pending.read_arguments(each)
            _dispatch(each, now, kwargs, *args)
        except Exception:  # whatever a broker or its client raises
            log.exception("no broker takes what is pending")
            break
        queued += 1
    return Resumed(queued, len(due) - queued, len(given_up))


def _dispatch(work: PendingTask, now: datetime, kwargs: pending.Arguments, *args: object) -> None:
    task = current_app.tasks[work.task]
    pending.dispatch(work, lambda: task.delay(*args, **kwargs), now=now)
    if not getattr(task, "is_repeatable", True):
        pending.complete(work.task, kwargs, begun=work.created_at, positional=args)
