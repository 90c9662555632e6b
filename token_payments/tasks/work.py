"""The work that follows from payments, orders and unenrolments, and bulk jobs, done by workers."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from token_payments import conf
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import JobBusy
from token_payments.notifications import mails
from token_payments.orders import operations as order_operations
from token_payments.outbox.dispatch import enqueue
from token_payments.tasks.base import RESUME, RETRY, MailsPostponed, task


# What is lost with a worker is one chunk of codes.
@task(**RESUME)
def process_order(order_id: int) -> int:
    """Make the codes of an order that is being processed; returns how many this run made."""
    return order_operations.generate(order_id, clock=timezone.now)


@task(**RESUME)
def judge_unenrolment(redemption_id: int, actor_id: int | None, left_at: str) -> None:
    """Decide by the item's rule what leaving a course gives back."""
    actor = get_user_model().objects.filter(pk=actor_id).first() if actor_id else None
    checkout_operations.handle_unenrolment(
        redemption_id,
        actor=actor,
        left_at=datetime.fromisoformat(left_at),
        now=timezone.now(),
    )


# Not written down: what a lost worker leaves, the next sweep does.
@task(autoretry_for=(MailsPostponed,), **RETRY)
def check_low_balance(wallet_id: int) -> None:
    """Tell of a wallet that has few tokens left, once in each low episode."""
    if conf.is_enabled() and mails.tell_low_balances([wallet_id], now=timezone.now()).failed:
        raise MailsPostponed(f"wallet {wallet_id}")


RESUMED_AT_ONCE = 100
BUSY_PAUSE = 20  # seconds; eight of them are longer than a lease

log = logging.getLogger(__name__)


def work_on(job_id: int, *, run_for: timedelta = bulk_operations.RUN_FOR) -> bool:
    """Do what ``run_bulk_job`` does, for a command; whether there is more to do. Raises JobBusy."""
    return bulk_operations.run_job(job_id, clock=timezone.now, run_for=run_for)


def resume_jobs() -> int:
    """Enqueue jobs that have something to do and that no worker is at; returns how many."""
    stalled = bulk_queries.list_stalled(now=timezone.now(), limit=RESUMED_AT_ONCE)
    for job_id in stalled:
        log.warning("bulk job %s is resumed", job_id)
        enqueue("run_bulk_job", job_id=job_id)
    return len(stalled)


@task(bind=True, autoretry_for=(InterfaceError, OperationalError), **RETRY, **RESUME)
def run_bulk_job(self: Any, job_id: int) -> None:
    """Do what waits of a job, for half a minute; then goes on by itself."""
    try:
        is_left = work_on(job_id)
    except JobBusy as error:  # by a dead worker, maybe: its lease is over in a minute
        raise self.retry(exc=error, countdown=BUSY_PAUSE) from error
    if is_left:
        enqueue("run_bulk_job", job_id=job_id)
