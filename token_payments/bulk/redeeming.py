"""Paying for the rows of a job, each by itself, exactly as one payment by itself would."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError

from token_payments import errors
from token_payments.bulk.leases import JobLease
from token_payments.bulk.models import BulkJob, BulkRow, RowState
from token_payments.bulk.states import advance_rows
from token_payments.catalogue.models import WALLET_METHOD
from token_payments.checkout.members import Person, name_people
from token_payments.checkout.models import Redemption
from token_payments.checkout.payment_methods.wallet import may_pay_for_others
from token_payments.checkout.redeeming import redeem

CHUNK = 50  # rows whose people are looked up at once
BROKEN = "failed"  # the reason of unforeseen errors

log = logging.getLogger(__name__)


class RowTaken(Exception):
    """The row was done, or the job cancelled, while it was being paid for."""


def redeem_chunk(job: BulkJob, lease: JobLease) -> bool:
    """Pay for the next rows; whether there were any. Raises LeaseLost."""
    waiting = BulkRow.objects.filter(job=job.pk, state=RowState.WAITING)
    rows = list(waiting.order_by("number")[:CHUNK])
    if not rows:
        return False
    job = BulkJob.objects.select_related("actor", "item", "wallet__account").get(pk=job.pk)
    assert job.wallet is not None
    if not (job.actor.is_active and may_pay_for_others(job.wallet, job.actor)):
        changes = {"reason": errors.NotAManager.reason, "tried_at": lease.clock()}
        advance_rows(waiting.filter(pk__in=[row.pk for row in rows]), "fail", **changes)
        return True
    people = name_people(job.wallet.account, [row.entered for row in rows])
    for row in rows:
        lease.keep()
        _redeem_row(job, row, people[row.entered], now=lease.clock())
    return True


def write_key(job: BulkJob, row: BulkRow) -> str:
    """The key of the row's payment, also when it is tried again."""
    return f"bulk:{job.uuid.hex}:{row.number}"


def _redeem_row(job: BulkJob, row: BulkRow, person: Person, *, now: datetime) -> None:
    """Raises what says that the database is gone: the row waits for the next run then."""
    if person.learner is None:
        _close(row, "fail", person.reason, now)
        return
    assert job.item is not None
    marked: list[int] = []

    def mark(redemption: Redemption) -> None:
        """In the transaction that pays."""
        marked[:] = [redemption.pk]
        if not _close(row, "do", "", now, redemption=redemption.pk):
            raise RowTaken

    try:
        redemption = redeem(
            learner=person.learner,
            item_key=job.item.item_key,
            method=WALLET_METHOD,
            reference={"wallet": str(job.wallet_id), "tokens": str(job.tokens)},
            idempotency_key=write_key(job, row),
            now=now,
            actor=job.actor,
            also=mark,
        )
    except RowTaken:
        log.info("job %s: row %s has no learner any more", job.pk, row.number)
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 (the others are to be paid for, whatever this is)
        _close(row, *_judge(error), now)
    else:
        if marked != [redemption.pk]:  # paid by a run that lost its database at the commit
            _close(row, "do", "", now, redemption=redemption.pk)


def _judge(error: Exception) -> tuple[str, str]:
    """The outcome of a row that was not paid for: (operation, reason)."""
    if isinstance(error, errors.AlreadyEnrolled | errors.AlreadyPaid):
        return "skip", error.reason
    if isinstance(error, errors.TokenPaymentsError):
        return "fail", error.reason
    log.error("a row of a job was not paid for", exc_info=error)
    return "fail", BROKEN


def _close(
    row: BulkRow, operation: str, reason: str, now: datetime, redemption: int | None = None
) -> bool:
    """Whether the row was still waiting."""
    rows = BulkRow.objects.filter(pk=row.pk)
    changes = {"reason": reason, "tried_at": now, "redemption": redemption}
    return bool(advance_rows(rows, operation, **changes))
