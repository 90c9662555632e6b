"""Work of the clock, as docs/scheduled-work.md has it; ``run_...`` is what a command does, too."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone

from token_payments import conf
from token_payments.bulk import operations as bulk_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.doctor import DailyReport, examine_daily
from token_payments.notifications import mails
from token_payments.outbox import idempotency, notices
from token_payments.outbox.dispatch import Resumed
from token_payments.outbox.dispatch import resume_pending as dispatch_pending
from token_payments.privacy import operations as privacy_operations
from token_payments.tasks.base import RETRY, MailsPostponed, task
from token_payments.tasks.work import resume_jobs
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

REMINDERS_PER_RUN = 2000  # each run looks for what is due anew

log = logging.getLogger(__name__)


# Due again within the hour: what a lost worker leaves, the next run does.
@task()
def expire_issues() -> int:
    """Record what has expired since the last run; returns how many issues that were."""
    expired = wallet_operations.expire_all_issues(now=timezone.now(), clock=timezone.now)
    log.info("expired: %s tokens of %s issues", expired.tokens, expired.issues)
    return expired.issues


# Daily: what left no event behind, or whose task was lost.
@task()
def sweep_departures() -> int:
    """Find enrolments that ended without our being told; returns how many gave something back."""
    return run_sweep().given_back


def run_sweep() -> checkout_operations.Swept:
    """Do the work of ``sweep_departures``, for a command; who got something back is told."""
    swept = checkout_operations.sweep_departures(now=timezone.now())
    log.info(
        "left: %s, given back: %s, failed: %s, paid and not enrolled: %s",
        *(swept.left, swept.given_back, swept.failed, swept.missing),
    )
    return swept


# Daily; on the first of January there may be something to do.
@task()
def forget_invoices() -> int:
    """Remove what invoices of retired users no longer have to keep; returns how many values."""
    values = privacy_operations.forget_invoices(now=timezone.now())
    log.info("invoices forgotten: %s values", values)
    return values


# Daily. Late, or again, it tells of each thing once.
@task(bind=True, autoretry_for=(MailsPostponed,), **RETRY)
def send_reminders(self: Any) -> None:  # noqa: ARG001 (bound, as what is retried is)
    """Mail everybody what is due to them, some thousand in one run; then goes on by itself."""
    reminded = run_reminders(limit=REMINDERS_PER_RUN)
    if reminded.left and not reminded.is_down:
        send_reminders.delay()
    elif reminded.postponed:
        raise MailsPostponed(f"{reminded.postponed} reminders")


def run_reminders(*, limit: int | None = None) -> mails.Reminded:
    """Do the work of ``send_reminders``, for a command. The plugin off sends no mail."""
    if not conf.is_enabled():
        log.info("reminders: none, as token payments are switched off")
        return mails.Reminded()
    reminded = mails.send_reminders(clock=timezone.now, limit=limit)
    log.info("reminders: %s", reminded)
    return reminded


# Every ten minutes: what no broker took, what a worker lost or gave up.
@task()
def resume_pending() -> int:
    """Hand over again what isn't done; returns how much that was."""
    return run_resuming().queued


def run_resuming() -> Resumed:
    """Do the work of ``resume_pending``, for a command."""
    resumed = dispatch_pending(now=timezone.now())
    resume_jobs()
    log.info("resumed: %s", resumed)
    return resumed


# Hourly: what isn't a payment changes balances, too; and what a lost task left undone.
@task()
def sweep_low_balances() -> None:
    """Find every wallet that has few tokens left, and tell of those not told of yet."""
    run_low_balances()


def run_low_balances() -> mails.LowBalances:
    """Do the work of ``sweep_low_balances``, for a command. The plugin off sends no mail."""
    total = mails.LowBalances()
    for wallet_ids in wallet_queries.iterate_watched() if conf.is_enabled() else ():
        run = mails.tell_low_balances(wallet_ids, now=timezone.now())
        total.low, total.told = total.low + run.low, total.told + run.told
        total.failed += run.failed
        if run.is_down:  # the next sweep finds the others
            total.is_down = True
            break
    log.info("low balances: %s", total)
    return total


# Daily: what is old is forgotten, however often it runs.
@task()
def purge_answers() -> int:
    """Forget what the API answered more than 30 days ago; returns how many answers that were.

    And bulk jobs that ended more than 90 days ago.
    """
    return run_purge()[0]


def run_purge() -> tuple[int, int]:
    """Do the work of ``purge_answers``, for a command: how many answers, and how many jobs."""
    purged = (
        idempotency.purge_answers(now=timezone.now()),
        bulk_operations.purge_jobs(now=timezone.now()),
    )
    log.info("forgotten: %s answers of the API, %s bulk jobs", *purged)
    return purged


# Daily: what is old is forgotten, however often it runs.
@task()
def purge_notices() -> int:
    """Forget the notices of mails that can't be due again; returns how many that were."""
    purged = notices.purge_notices(now=timezone.now())
    log.info("forgotten: %s notices", purged)
    return purged


# Due again within the hour: what a lost worker leaves, a later run does.
@task()
def retry_groups() -> int:
    """Try again to place learners in the groups of what they paid with; returns how many were."""
    return run_groups().placed


def run_groups() -> checkout_operations.Retried:
    """Do the work of ``retry_groups``, for a command."""
    retried = checkout_operations.retry_groups(now=timezone.now())
    log.info(
        "groups: %s placed, %s not, of these %s for good",
        *(retried.placed, retried.failed, retried.given_up),
    )
    return retried


# Daily. Looking changes nothing, so running twice costs time alone; the mail leaves once a day.
@task(autoretry_for=(OSError,), **RETRY)
def run_doctor() -> int:
    """Have the doctor look at everything, log what it finds, and mail errors; returns how many."""
    return run_daily_doctor().errors


def run_daily_doctor() -> DailyReport:
    """Do the work of ``run_doctor``, for a command. Raises errors of the mail transport."""
    report = examine_daily(now=timezone.now())
    if report.is_alarming:
        mails.send_doctor_mail(
            lines=report.lines, errors=report.errors, failure=report.failure, now=timezone.now()
        )
    return report
