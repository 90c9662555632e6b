"""Webhooks: written down with what happens, sent by workers."""

from __future__ import annotations

import logging

from django.utils import timezone

from token_payments.notifications import mails
from token_payments.tasks.base import RESUME, RETRY, task
from token_payments.webhooks import operations as webhook_operations

log = logging.getLogger(__name__)


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
    """Do the work of ``send_webhooks``, for a command."""
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


def _deliver(*, skips_failing: bool) -> webhook_operations.WebhookRun:
    run = webhook_operations.deliver_due(clock=timezone.now, skips_failing=skips_failing)
    if run.delivered or run.failed:
        log.info("webhooks: %s", run)
    return run
