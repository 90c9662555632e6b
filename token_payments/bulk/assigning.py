"""Giving codes to the rows of a job, many in one transaction, by the rules of lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from token_payments.assignments.access import may_distribute
from token_payments.assignments.giving import assign_codes, check_givable
from token_payments.assignments.previews import preview_list
from token_payments.assignments.rows import Row, Verdict, read_one
from token_payments.bulk.models import BulkJob, BulkRow, RowState
from token_payments.bulk.states import ROW_TRANSITIONS, advance_rows
from token_payments.db.transactions import in_transaction
from token_payments.errors import InvalidTransition, NotADistributor
from token_payments.orders.models import TokenOrder
from token_payments.orders.placing import lock_order

CHUNK = 500
#: These need nothing; all other refusals can be tried again.
NEEDLESS = (Verdict.ASSIGNED, Verdict.DUPLICATE)


def assign_chunk(job: BulkJob, *, now: datetime) -> bool:
    """Give the next rows their codes, all that can in one transaction; whether there were any."""
    return in_transaction(partial(_assign, job.pk, now))


def _assign(job_id: int, now: datetime) -> bool:
    job = BulkJob.objects.select_related("actor").get(pk=job_id)
    assert job.order_id is not None
    order = lock_order(job.order_id)
    waiting = BulkRow.objects.filter(job=job_id, state=RowState.WAITING).order_by("number")
    rows = list(waiting.select_for_update()[:CHUNK])
    if not rows:
        return False
    reason = _find_obstacle(job, order, now)
    if reason:
        _close(rows, "fail", reason, now)
        return True
    by_line = {row.number: row for row in rows}
    listed = [one for row in rows for one in read_one(row.name, row.entered, line=row.number)]
    judged = preview_list(order, listed, now=now)
    for verdict in {each.verdict for each in judged if each.verdict != Verdict.OK}:
        refused = [by_line[each.line] for each in judged if each.verdict == verdict]
        _close(refused, "skip" if verdict in NEEDLESS else "fail", verdict.value, now)
    good = [each for each in judged if each.verdict == Verdict.OK]
    if good:
        _give(job, order, [by_line[each.line] for each in good], good, now)
    return True


def _give(
    job: BulkJob, order: TokenOrder, rows: Sequence[BulkRow], listed: Sequence[Row], now: datetime
) -> None:
    batch = assign_codes(
        order.pk,
        [each.recipient for each in listed],
        is_open=job.is_open,
        actor=job.actor,
        idempotency_key=f"bulk:{job.uuid.hex}:{job.run}:{rows[0].number}",
        now=now,
    )
    made = dict(batch.assignments.values_list("email", "pk"))
    for row, each in zip(rows, listed, strict=True):
        row.state = ROW_TRANSITIONS["do"][row.state]
        row.assignment_id, row.tried_at = made[each.email], now
    BulkRow.objects.bulk_update(rows, ["state", "assignment", "tried_at"])


def _find_obstacle(job: BulkJob, order: TokenOrder, now: datetime) -> str:
    """The reason why no row can get a code; empty when rows can."""
    if not (job.actor.is_active and may_distribute(job.actor, order)):
        return NotADistributor.reason
    try:
        check_givable(order, now)
    except InvalidTransition as error:
        return error.state
    return ""


def _close(rows: Sequence[BulkRow], operation: str, reason: str, now: datetime) -> None:
    found = BulkRow.objects.filter(pk__in=[row.pk for row in rows])
    advance_rows(found, operation, reason=reason, tried_at=now)
