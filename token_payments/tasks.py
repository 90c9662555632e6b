"""Work for Celery. Tasks take ids, may run twice or at once, and go on where another one died.

``queue_...`` hand a task over once the running transaction is committed. Without a broker that is
logged, and nothing else fails: ``resume_pending`` does it later.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from celery import shared_task
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from edx_django_utils.monitoring import set_code_owner_attribute

from token_payments import api, conf, emails
from token_payments.doctor import DailyReport, examine_daily
from token_payments.hosts import on_site_of
from token_payments.models import OrderKind, OrderStatus, Redemption, TokenOrder, Wallet
from token_payments.queueing import Durable, Once, Resumed, queue
from token_payments.queueing import resume_pending as hand_over_pending

MAILS_PER_RUN = 500  # of one task; a broker gives up on tasks that last for long
REMINDERS_PER_RUN = 2000  # the same of reminders: each run looks for what is due anew

#: A mail server that is down for a while is asked again, for about an hour.
RETRY: dict[str, Any] = {"retry_backoff": 15, "retry_backoff_max": 1200, "max_retries": 8}
#: Acknowledged when done, and handed on when the worker dies.
RESUME: dict[str, Any] = {"base": Durable, "acks_late": True, "reject_on_worker_lost": True}

log = logging.getLogger(__name__)


class MailsPostponed(Exception):
    """Some mails could not be sent now: the task is run again later."""


def queue_processing(order_id: int) -> None:
    """Have the order's codes made by a worker.

    Without a broker the order stays Processing until it is resumed.
    """
    queue(process_order, order_id)


def queue_codes_mail(order_id: int, *, actor_id: int, recipient_id: int | None = None) -> None:
    """Have the order's available codes sent to the buyer, or to somebody else who looks after it.

    The order's own log has the mail once it was sent.
    """
    queue(mail_codes, order_id, actor_id, recipient_id)


def queue_order_mail(order_id: int, kind: str) -> None:
    """Have people told, once, of an order's step: requested, processed, declined or cancelled."""
    _check(kind, emails.ORDER_KINDS)
    queue(mail_order, order_id, kind)


def queue_departure(redemption_id: int, *, actor_id: int | None, left_at: datetime) -> None:
    """Have decided what a learner who left gets back; otherwise the daily sweep does it."""
    queue(judge_departure, redemption_id, actor_id, left_at.isoformat())


def queue_redemption_mail(redemption_id: int) -> None:
    """Have the learner told of a payment, once, where the site wants that."""
    if conf.learners_get_receipts():
        queue(mail_redemption, redemption_id)


def queue_reversal_mail(redemption_id: int) -> None:
    """Have the learner, and the account's managers or the buyer, told of a reversal, once."""
    queue(mail_reversal, redemption_id)


def queue_cancellation_mail(request_id: int, kind: str) -> None:
    """Have people told, once, of a wish to cancel (requested) or of the answer (answered)."""
    _check(kind, emails.CANCELLATION_KINDS)
    queue(mail_cancellation, request_id, kind)


def queue_assignment_mails(order_id: int) -> None:
    """Have every mail sent that waits at the order's assignments: first ones and reminders.

    Without a broker they go on waiting until it is resumed, or queued again.
    """
    queue(mail_assignments, order_id)


def queue_delegate_mail(delegate_id: int) -> None:
    """Have a newly named helper of an order told, once."""
    queue(mail_delegate, delegate_id)


def queue_low_balance(wallet: Wallet | None) -> None:
    """Have those told whom it concerns that few tokens are left, if that is so after a payment.

    Nothing for a wallet of which nobody is to be told. It isn't written down, as payments are to
    cost nothing more: without a broker the hourly sweep tells them.
    """
    if wallet is not None and wallet.low_balance is not None:
        wallet_id = wallet.pk
        # a lambda: Django asks a robust function that fails for its name
        transaction.on_commit(lambda: check_low_balance.delay(wallet_id), robust=True)


def _on_site_of(**order: int) -> AbstractContextManager[None]:
    """Mails about an order come from its course's site; one for wallet tokens has no course."""
    keys = TokenOrder.objects.filter(**order).values_list("item__item_key", flat=True)
    return on_site_of(keys.first() or "")


def _check(kind: str, kinds: dict[str, Any]) -> None:
    if kind not in kinds:
        raise ValueError(kind)


# What is lost with a worker is one chunk of codes.
@shared_task(**RESUME, ignore_result=True)
@set_code_owner_attribute
def process_order(order_id: int) -> int:
    """Make the codes of an order that is being processed; returns how many this run made.

    Once all are there the buyer is told, whichever worker made the last ones.
    """
    made = api.generate(order_id, clock=timezone.now)
    orders = TokenOrder.objects.filter(kind=OrderKind.CODES, status=OrderStatus.PROCESSED)
    if orders.filter(pk=order_id).exists():
        queue_order_mail(order_id, "processed")
    return made


@shared_task(base=Once, autoretry_for=(OSError,), **RETRY, ignore_result=True)
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
    with _on_site_of(pk=order_id):
        emails.send_codes(order, actor=actor, now=timezone.now(), recipient=recipient)


@shared_task(autoretry_for=(OSError,), **RETRY, **RESUME, ignore_result=True)
@set_code_owner_attribute
def mail_order(order_id: int, kind: str) -> None:
    """Tell of an order's step; who was told before is not told again."""
    with _on_site_of(pk=order_id):
        emails.send_order_mail(order_id, kind, now=timezone.now())


@shared_task(autoretry_for=(OSError,), **RETRY, **RESUME, ignore_result=True)
@set_code_owner_attribute
def mail_cancellation(request_id: int, kind: str) -> None:
    """Tell of a wish to cancel, or of its answer; who was told before is not told again."""
    with _on_site_of(cancellation_requests=request_id):
        emails.send_cancellation_mail(request_id, kind, now=timezone.now())


@shared_task(autoretry_for=(OSError,), **RETRY, **RESUME, ignore_result=True)
@set_code_owner_attribute
def mail_delegate(delegate_id: int) -> None:
    """Tell a helper of an order."""
    with _on_site_of(delegates=delegate_id):
        emails.send_delegate_mail(delegate_id, now=timezone.now())


@shared_task(bind=True, autoretry_for=(MailsPostponed,), **RETRY, **RESUME, ignore_result=True)
@set_code_owner_attribute
def mail_assignments(self: Any, order_id: int) -> None:
    """Send what waits at an order's assignments, some hundred in one run; then goes on by itself.

    What can't be sent is tried again later, and has failed after the last try.
    """
    with _on_site_of(pk=order_id):
        delivery = emails.send_assignments(
            order_id,
            clock=timezone.now,
            limit=MAILS_PER_RUN,
            may_postpone=self.request.retries < self.max_retries,
        )
    log.info("order %s: %s", order_id, delivery)
    if delivery.left and not delivery.is_down:
        mail_assignments.delay(order_id)
    elif delivery.postponed:
        raise MailsPostponed(f"{delivery.postponed} mails of order {order_id}")


# Due again within the hour: what a lost worker leaves, the next run does.
@shared_task(ignore_result=True)
@set_code_owner_attribute
def expire_issues() -> int:
    """Record what has expired since the last run; returns how many issues that were."""
    expired = api.expire_all_issues(now=timezone.now())
    log.info("expired: %s tokens of %s issues", expired.tokens, expired.issues)
    return expired.issues


@shared_task(ignore_result=True, **RESUME)
@set_code_owner_attribute
def judge_departure(redemption_id: int, actor_id: int | None, left_at: str) -> None:
    """Decide by the item's rule what leaving a course gives back."""
    actor = get_user_model().objects.filter(pk=actor_id).first() if actor_id else None
    api.handle_unenrolment(
        redemption_id,
        actor=actor,
        left_at=datetime.fromisoformat(left_at),
        now=timezone.now(),
        tell=queue_reversal_mail,
    )


# Daily: what left no event behind, or whose task was lost.
@shared_task(ignore_result=True)
@set_code_owner_attribute
def sweep_departures() -> int:
    """Find enrolments that ended without our being told; returns how many gave something back."""
    return run_sweep().given_back


def run_sweep() -> api.Swept:
    """What ``sweep_departures`` does, for a command; whoever got something back is told."""
    swept = api.sweep_departures(now=timezone.now(), tell=queue_reversal_mail)
    log.info(
        "left: %s, given back: %s, failed: %s, paid and not enrolled: %s",
        *(swept.left, swept.given_back, swept.failed, swept.missing),
    )
    return swept


# Daily; on the first of January there may be something to do.
@shared_task(ignore_result=True)
@set_code_owner_attribute
def forget_invoices() -> int:
    """Remove what invoices of retired users no longer have to keep; returns how many values."""
    values = api.forget_invoices(now=timezone.now())
    log.info("invoices forgotten: %s values", values)
    return values


@shared_task(autoretry_for=(OSError,), **RETRY, **RESUME, ignore_result=True)
@set_code_owner_attribute
def mail_redemption(redemption_id: int) -> None:
    """Tell a learner of a payment; who was told before is not told again."""
    emails.send_redemption_mail(redemption_id, now=timezone.now())


@shared_task(autoretry_for=(OSError,), **RETRY, **RESUME, ignore_result=True)
@set_code_owner_attribute
def mail_reversal(redemption_id: int) -> None:
    """Tell of a reversal; who was told before is not told again."""
    rows = Redemption.objects.filter(pk=redemption_id)
    with on_site_of(rows.values_list("item__item_key", flat=True).get()):
        emails.send_reversal_mail(redemption_id, now=timezone.now())


# Daily. Late, or again, nobody is told of the same twice.
@shared_task(bind=True, autoretry_for=(MailsPostponed,), **RETRY, ignore_result=True)
@set_code_owner_attribute
def send_reminders(self: Any) -> None:  # noqa: ARG001 (bound, as what is retried is)
    """Mail everybody what is due to them, some thousand in one run; then goes on by itself."""
    reminded = run_reminders(limit=REMINDERS_PER_RUN)
    if reminded.left and not reminded.is_down:
        send_reminders.delay()
    elif reminded.postponed:
        raise MailsPostponed(f"{reminded.postponed} reminders")


def run_reminders(*, limit: int | None = None) -> emails.Reminded:
    """What ``send_reminders`` does, for a command. Nobody is told while the plugin is off."""
    if not conf.is_enabled():
        log.info("reminders: none, as token payments are switched off")
        return emails.Reminded()
    reminded = emails.send_reminders(clock=timezone.now, limit=limit)
    log.info("reminders: %s", reminded)
    return reminded


# Every ten minutes: what no broker took, what a worker lost or gave up.
@shared_task(ignore_result=True)
@set_code_owner_attribute
def resume_pending() -> int:
    """Hand over again what isn't done; returns how much that was."""
    return run_resuming().queued


def run_resuming() -> Resumed:
    """What ``resume_pending`` does, for a command."""
    resumed = hand_over_pending(now=timezone.now())
    log.info("resumed: %s", resumed)
    return resumed


# Not written down: what a lost worker leaves, the next sweep does.
@shared_task(autoretry_for=(MailsPostponed,), **RETRY, ignore_result=True)
@set_code_owner_attribute
def check_low_balance(wallet_id: int) -> None:
    """Tell of a wallet that has few tokens left, once in each low episode."""
    if conf.is_enabled() and emails.tell_low_balances([wallet_id], now=timezone.now()).failed:
        raise MailsPostponed(f"wallet {wallet_id}")


# Hourly: what isn't a payment changes balances, too; and what a lost task left undone.
@shared_task(ignore_result=True)
@set_code_owner_attribute
def sweep_low_balances() -> None:
    """Find every wallet that has few tokens left, and tell of those that nobody was told of."""
    run_low_balances()


def run_low_balances() -> emails.LowBalances:
    """What ``sweep_low_balances`` does, for a command. Nobody is told while the plugin is off."""
    total = emails.LowBalances()
    for wallet_ids in api.iterate_watched() if conf.is_enabled() else ():
        run = emails.tell_low_balances(wallet_ids, now=timezone.now())
        total.low, total.told = total.low + run.low, total.told + run.told
        total.failed += run.failed
    log.info("low balances: %s", total)
    return total


# Daily: what is old is forgotten, however often it runs.
@shared_task(ignore_result=True)
@set_code_owner_attribute
def purge_answers() -> int:
    """Forget what the API answered more than 30 days ago; returns how many answers that were."""
    purged = api.purge_answers(now=timezone.now())
    log.info("forgotten: %s answers of the API", purged)
    return purged


# Due again within the hour: what a lost worker leaves, a later run does.
@shared_task(ignore_result=True)
@set_code_owner_attribute
def retry_groups() -> int:
    """Try again to place learners in the groups of what they paid with; returns how many were."""
    return run_groups().placed


def run_groups() -> api.Retried:
    """What ``retry_groups`` does, for a command."""
    retried = api.retry_groups(now=timezone.now())
    log.info(
        "groups: %s placed, %s not, of these %s for good",
        *(retried.placed, retried.failed, retried.given_up),
    )
    return retried


# Daily. Looking changes nothing, so running twice costs time alone; the mail leaves once a day.
@shared_task(autoretry_for=(OSError,), **RETRY, ignore_result=True)
@set_code_owner_attribute
def examine_books() -> int:
    """Have the doctor look at everything, log what it finds, and mail errors; returns how many."""
    return run_doctor().errors


def run_doctor() -> DailyReport:
    """What ``examine_books`` does, for a command. Raises what the mail transport raises."""
    report = examine_daily(now=timezone.now())
    if report.is_alarming:
        emails.send_doctor_mail(
            lines=report.lines, errors=report.errors, failure=report.failure, now=timezone.now()
        )
    return report
