"""Work for Celery. Tasks take ids, may run twice or at once, and go on where another one died."""

from __future__ import annotations

import logging

from celery import shared_task
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from edx_django_utils.monitoring import set_code_owner_attribute

from token_payments import api, emails
from token_payments.orders.generation import generate
from token_payments.orders.models import TokenOrder

log = logging.getLogger(__name__)


def queue_processing(order_id: int) -> None:
    """Have the order's codes made by a worker, once the running transaction is committed.

    Without a broker that is logged, and the order stays Processing until it is queued again.
    """
    # no partial: Django asks a robust function that fails for its name
    transaction.on_commit(lambda: process_order.delay(order_id), robust=True)


def queue_codes_mail(order_id: int, *, actor_id: int, recipient_id: int | None = None) -> None:
    """Have the order's available codes sent, once the transaction is committed.

    To the buyer, or to somebody else who looks after the order.
    Without a broker that is logged, and the order's own log has no such mail.
    """
    transaction.on_commit(lambda: mail_codes.delay(order_id, actor_id, recipient_id), robust=True)


# Acknowledged when done, and handed on when the worker dies: what is lost is one chunk of codes.
@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
@set_code_owner_attribute
def process_order(order_id: int) -> int:
    """Make the codes of an order that is being processed; returns how many this run made."""
    return generate(order_id, clock=timezone.now)


# A mail server that is down for a while is asked again, for about an hour.
@shared_task(autoretry_for=(OSError,), retry_backoff=15, max_retries=8, ignore_result=True)
@set_code_owner_attribute
def mail_codes(order_id: int, actor_id: int, recipient_id: int | None = None) -> None:
    """Send the available codes of an order to its buyer, or to a recipient, and log it.

    Who doesn't look after the order (any more) is sent nothing.
    """
    order = TokenOrder.objects.select_related("buyer", "item").get(pk=order_id)
    users = get_user_model().objects
    actor = users.get(pk=actor_id)
    recipient = order.buyer if recipient_id is None else users.get(pk=recipient_id)
    if recipient != order.buyer and api.find_access(recipient, order_id) is None:
        log.warning("order %s: user %s doesn't look after it", order.number, recipient_id)
        return
    emails.send_codes(order, actor=actor, now=timezone.now(), recipient=recipient)


# Due again within the hour: what a lost worker leaves, the next run does.
@shared_task(ignore_result=True)
@set_code_owner_attribute
def expire_issues() -> int:
    """Record what has expired since the last run; returns how many issues that were."""
    expired = api.expire_all_issues(now=timezone.now())
    log.info("expired: %s tokens of %s issues", expired.tokens, expired.issues)
    return expired.issues
