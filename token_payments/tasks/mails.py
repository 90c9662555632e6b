"""Mails, sent by workers; each leaves once."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from token_payments.assignments import queries as assignment_queries
from token_payments.hosts import on_site_of
from token_payments.models import Redemption, TokenOrder
from token_payments.notifications import mails
from token_payments.outbox.dispatch import Unrepeatable
from token_payments.tasks.base import RESUME, RETRY, MailsPostponed, task

MAILS_PER_RUN = 500  # of one task; a broker gives up on tasks that last for long

log = logging.getLogger(__name__)


def _on_site_of(**order: int) -> AbstractContextManager[None]:
    """Mails about an order come from its course's site; one for wallet tokens has no course."""
    orders = TokenOrder.objects.filter(**order).values_list("item__item_key", "buyer_id")
    item_key, buyer_id = orders.first() or ("", None)
    return on_site_of(item_key or "", user_id=buyer_id)


def _on_site_of_payment(redemption_id: int) -> AbstractContextManager[None]:
    """Mails about a payment come from its course's site. Raises Redemption.DoesNotExist."""
    keys = Redemption.objects.filter(pk=redemption_id).values_list("item__item_key", flat=True)
    return on_site_of(keys.get())


@task(base=Unrepeatable, autoretry_for=(OSError,), **RETRY)
def mail_codes(order_id: int, actor_id: int, recipient_id: int | None = None) -> None:
    """Send the available codes of an order to its buyer, or to a recipient, and log it.

    Who doesn't look after the order (any more) is sent nothing.
    """
    order = TokenOrder.objects.select_related("buyer", "item").get(pk=order_id)
    users = get_user_model().objects
    actor = users.get(pk=actor_id)
    recipient = order.buyer if recipient_id is None else users.get(pk=recipient_id)
    if recipient != order.buyer and assignment_queries.find_access(recipient, order_id) is None:
        log.warning("order %s: user %s doesn't look after it", order.number, recipient_id)
        return
    with _on_site_of(pk=order_id):
        mails.send_codes(order, actor=actor, now=timezone.now(), recipient=recipient)


@task(autoretry_for=(OSError,), **RETRY, **RESUME)
def mail_order(order_id: int, kind: str) -> None:
    """Tell of an order's step; who was told before is not told again."""
    with _on_site_of(pk=order_id):
        mails.send_order_mail(order_id, kind, now=timezone.now())


@task(autoretry_for=(OSError,), **RETRY, **RESUME)
def mail_cancellation(request_id: int, kind: str) -> None:
    """Tell of a cancellation request, or of its answer; who was told is not told again."""
    with _on_site_of(cancellation_requests=request_id):
        mails.send_cancellation_mail(request_id, kind, now=timezone.now())


@task(autoretry_for=(OSError,), **RETRY, **RESUME)
def mail_delegate(delegate_id: int) -> None:
    """Tell a helper of an order."""
    with _on_site_of(delegates=delegate_id):
        mails.send_delegate_mail(delegate_id, now=timezone.now())


@task(bind=True, autoretry_for=(MailsPostponed,), **RETRY, **RESUME)
def mail_assignments(self: Any, order_id: int) -> None:
    """Send what waits at an order's assignments, some hundred in one run; then goes on by itself.

    What can't be sent is tried again later, and has failed after the last try.
    """
    with _on_site_of(pk=order_id):
        delivery = mails.send_assignments(
            order_id,
            clock=timezone.now,
            limit=MAILS_PER_RUN,
            may_postpone=self.request.retries < self.max_retries,
        )
    log.info("order %s: %s", order_id, delivery)
    if delivery.left and not delivery.is_down:
        mail_assignments.delay(order_id=order_id)
    elif delivery.postponed:
        raise MailsPostponed(f"{delivery.postponed} mails of order {order_id}")


@task(autoretry_for=(OSError,), **RETRY, **RESUME)
def mail_redemption(redemption_id: int) -> None:
    """Tell a learner of a payment; who was told before is not told again."""
    with _on_site_of_payment(redemption_id):
        mails.send_redemption_mail(redemption_id, now=timezone.now())


@task(autoretry_for=(OSError,), **RETRY, **RESUME)
def mail_reversal(redemption_id: int) -> None:
    """Tell of a reversal; who was told before is not told again."""
    with _on_site_of_payment(redemption_id):
        mails.send_reversal_mail(redemption_id, now=timezone.now())
