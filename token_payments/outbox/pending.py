"""Work that a worker has to do, enqueued in the transaction that makes it necessary.

It is completed when it is done. What no broker took, or what a worker gave up, is found again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from token_payments.outbox.leases import Lease
from token_payments.outbox.models import PendingTask

#: Until then its own process is still dispatching it.
NOT_BEFORE = timedelta(minutes=2)
#: By then a worker has done it, or has given up: the retries of a mail take an hour.
TRIED_FOR = timedelta(hours=3)
#: By then the mail would come too late to be of use.
GIVEN_UP_AFTER = timedelta(days=3)

LEASE = Lease("queued_at", TRIED_FOR)

Arguments = Mapping[str, Any]


def add_pending(task: str, arguments: Arguments, *, now: datetime) -> PendingTask:
    """Keep the work in the running transaction: with what makes it necessary, or not at all."""
    return PendingTask.objects.create(
        task=task, arguments=json.dumps(arguments, sort_keys=True), created_at=now
    )


def dispatch(pending: PendingTask, send: Callable[[], object], *, now: datetime) -> None:
    """Give it to a broker by ``send``, unless somebody else has; what that raises is raised.

    No transaction holds it meanwhile: where tasks run at once, they have their own.
    """
    rows = PendingTask.objects.filter(pk=pending.pk)
    if not LEASE.take(rows, now=now):
        return
    try:
        send()
    except Exception:
        rows.update(queued_at=pending.queued_at)
        raise


def complete(
    task: str, arguments: Arguments, *, begun: datetime, positional: Sequence[object] = ()
) -> None:
    """The work is done; what was enqueued after it had ``begun`` isn't.

    ``positional`` are its arguments as a release that knew no names wrote them.
    """
    written = [json.dumps(arguments, sort_keys=True)]
    if positional:
        written.append(json.dumps(list(positional)))
    done = PendingTask.objects.filter(task=task, arguments__in=written, created_at__lte=begun)
    ids = list(done.values_list("pk", flat=True))
    if ids:
        PendingTask.objects.filter(pk__in=ids).delete()


def read_arguments(pending: PendingTask) -> tuple[Sequence[Any], Arguments]:
    """The arguments of the task: positional ones, which an older release wrote, and named ones."""
    read = json.loads(pending.arguments)
    return ((), read) if isinstance(read, dict) else (read, {})


def list_due(*, now: datetime, known: Collection[str], limit: int) -> list[PendingTask]:
    """Tasks that no broker took, and those that should have been done by now; the oldest first.

    Of the ``known`` tasks: those of another release wait for one that has them.
    """
    untaken = Q(queued_at=None, created_at__lte=now - NOT_BEFORE)
    rows = PendingTask.objects.filter(untaken | LEASE.is_over(now), task__in=known)
    return list(rows.order_by("id")[:limit])


def give_up(*, now: datetime, limit: int) -> list[PendingTask]:
    """Forget what is older than anybody wants to know; returns what that was, the oldest first."""
    rows = PendingTask.objects.filter(created_at__lte=now - GIVEN_UP_AFTER)
    old = list(rows.order_by("id")[:limit])
    PendingTask.objects.filter(pk__in=[pending.pk for pending in old]).delete()
    return old
