"""Webhooks: written down with what happens, sent by workers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from token_payments.events import EventData
from token_payments.notifications import mails
from token_payments.outbox.dispatch import queue
from token_payments.tasks.base import RESUME, RETRY, task
from token_payments.webhooks import operations as webhook_operations

log = logging.getLogger(__name__)


def write_events(event_type: str, told: Sequence[EventData]) -> None:
    """Write down what endpoints are to be told, and have a worker send it after the commit.

    Without a broker, the next ``send_webhooks`` of the schedule does.
    """
    if webhook_operations.write_events(event_type, told):
        queue_webhooks()


def queue_webhooks() -> None:
    """Have what is due sent soon; not to endpoints that fail, which are the schedule's."""
    transaction.on_commit(_hand_over, robust=True)


# What a lost worker leaves, the schedule finds.
@task()
def deliver_webhooks() -> None:
    """Send what is due; goes on by itself while there is more."""
    run = _deliver(skips_failing=True)
    if run.left and run.delivered:
        deliver_webhooks.delay()


# Every minute: retries, and what no broker took or a worker lost.
@task()
def send_webhooks() -> None:
    """Send all that is due."""
    run_webhooks()


def run_webhooks() -> webhook_operations.WebhookRun:
    """What ``send_webhooks`` does, for a command."""
    return _deliver(skips_failing=False)


# Daily: what is old is forgotten, however often it runs.
@task()
def purge_webhooks() -> int:
    """Forget old events and deliveries; returns how many events that were."""
    purged = webhook_operations.purge_log(now=timezone.now())
    log.info("forgotten: %s webhook events", purged)
    return purged


@task(autoretry_for=(OSError,), **RETRY, **RESUME)
def mail_webhook_off(endpoint_id: int, when: str) -> None:
    """Tell the owners that an endpoint was switched off then; who was told is not told again."""
    mails.send_webhook_off_mail(endpoint_id, when, now=timezone.now())


def _hand_over() -> None:
    deliver_webhooks.delay()


def _deliver(*, skips_failing: bool) -> webhook_operations.WebhookRun:
    run = webhook_operations.deliver_due(
        clock=timezone.now, tell=_queue_mail, skips_failing=skips_failing
    )
    if run.delivered or run.failed:
        log.info("webhooks: %s", run)
    return run


def _queue_mail(endpoint_id: int) -> Any:
    queue(mail_webhook_off, endpoint_id, timezone.now().isoformat())
