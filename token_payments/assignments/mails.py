"""The mails of assignments: claiming, confirming and failing one, sending again, reminding."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from token_payments.assignments.giving import check_givable
from token_payments.assignments.models import AssignmentBatch, CodeAssignment, MailState
from token_payments.assignments.states import advance_mails
from token_payments.hosts import list_name_relations
from token_payments.hosts.base import User
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import CodeStatus, OrderStatus, TokenOrder, TokenOrderAction
from token_payments.orders.placing import lock_order
from token_payments.outbox.leases import Lease
from token_payments.outbox.steps import Step, announce

#: A mail that is being sent for so long isn't any more: its worker died.
STALE_AFTER = timedelta(minutes=15)
LEASE = Lease("mail_claimed_at", STALE_AFTER)
REMINDER_PAUSE = timedelta(days=1)
PIECE = 1000  # ids in one statement: orders may have 100,000 learners


def remind(
    order_id: int, *, actor: User, now: datetime, assignment_id: int | None = None
) -> list[int]:
    """Have the learners of an order mailed again who haven't used their codes, or one of them.

    Returns the ids of the assignments that will be. A learner is told once a day at most, however
    often this is asked. Raises InvalidTransition like ``assign_codes``.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        check_givable(order, now)
        rows = list_remindable(order, now)
        if assignment_id is not None:
            rows = rows.filter(pk=assignment_id)
        ids = list(rows.values_list("pk", flat=True))
        for start in range(0, len(ids), PIECE):
            piece = CodeAssignment.objects.filter(pk__in=ids[start : start + PIECE])
            advance_mails(piece, "send_again", reminders=F("reminders") + 1)
        if ids:
            action = TokenOrderAction.LEARNERS_REMINDED
            add_log_entry(order, action, actor=actor, now=now, quantity=len(ids))
            announce(Step.MAILS_WAIT, order.pk)
    return ids


def list_remindable(order: TokenOrder, now: datetime) -> QuerySet[CodeAssignment]:
    """The live assignments of unused codes whose mail left at least a day ago."""
    return CodeAssignment.objects.filter(
        code__order=order,
        code__status=CodeStatus.AVAILABLE,
        live=True,
        mail_state=MailState.SENT,
        mailed_at__lte=now - REMINDER_PAUSE,
    )


def filter_stale(now: datetime) -> Q:
    """Assignments whose worker died while it sent the mail, which may have left or not."""
    return Q(mail_state=MailState.SENDING) & LEASE.is_over(now)


def is_stale(assignment: CodeAssignment, *, now: datetime) -> bool:
    """The same of one assignment."""
    claimed_at = assignment.mail_claimed_at
    is_sending = assignment.mail_state == MailState.SENDING
    return is_sending and claimed_at is not None and claimed_at <= now - STALE_AFTER


def send_again(assignment_id: int, *, now: datetime) -> bool:
    """Let a mail be sent that failed, or whose worker died; whether it is waiting now.

    Not when its code was used or cancelled meanwhile: nobody needs it then.
    """
    rows = CodeAssignment.objects.filter(pk=assignment_id)
    with transaction.atomic():
        is_waiting = bool(_send_again(rows, now))
        if is_waiting:
            announce(Step.MAILS_WAIT, rows.values_list("code__order_id", flat=True).get())
    return is_waiting


def send_batch_again(batch: AssignmentBatch, *, now: datetime) -> int:
    """The same for all mails of a batch whose codes are unused; returns how many are waiting."""
    with transaction.atomic():
        announce(Step.MAILS_WAIT, batch.order_id)  # also for those that wait already
        return _send_again(batch.assignments.all(), now)


def _send_again(rows: QuerySet[CodeAssignment], now: datetime) -> int:
    unsent = filter_stale(now) | Q(mail_state=MailState.FAILED)
    wanted = rows.filter(unsent, live=True, code__status=CodeStatus.AVAILABLE)
    # the rows that were found, and are as they were: not a subquery, which isn't evaluated again
    ids = list(wanted.values_list("pk", flat=True))
    found = CodeAssignment.objects.filter(unsent, pk__in=ids, live=True)
    return advance_mails(found, "send_again")


def is_wanted(now: datetime) -> Q:
    """Of assignments: those whose code can still be redeemed, so that a mail makes sense."""
    in_time = Q(code__order__redeem_by=None) | Q(code__order__redeem_by__gt=now)
    return in_time & Q(
        live=True, code__status=CodeStatus.AVAILABLE, code__order__status=OrderStatus.PROCESSED
    )


def claim_mail(assignment_id: int, *, now: datetime) -> CodeAssignment | None:
    """Take the mail for this worker alone; None when there is nothing to send (any more)."""
    rows = CodeAssignment.objects.filter(is_wanted(now), pk=assignment_id)
    if not advance_mails(
        CodeAssignment.objects.filter(pk__in=list(rows.values_list("pk", flat=True))),
        "claim",
        mail_error="",
        **LEASE.marks(now),
    ):
        return None
    relations = ("code__order__item", "code__order__account", *list_name_relations("batch__actor"))
    return CodeAssignment.objects.select_related(*relations).get(pk=assignment_id)


def confirm_mail(assignment_id: int, *, now: datetime) -> None:
    advance_mails(CodeAssignment.objects.filter(pk=assignment_id), "confirm", mailed_at=now)


def fail_mail(assignment_id: int, *, error: str) -> None:
    """Record that the mail did not leave, and why, in the transport's words."""
    rows = CodeAssignment.objects.filter(pk=assignment_id)
    advance_mails(rows, "fail", mail_error=error[:255])


def list_waiting_mails(order_id: int) -> list[int]:
    """The ids of the order's live assignments whose mail waits.

    First those that were never tried, then the longest untried ones: an address that is put
    off again and again keeps no other mail back.
    """
    rows = CodeAssignment.objects.filter(
        code__order=order_id, live=True, mail_state=MailState.WAITING
    )
    rows = rows.order_by(F("mail_claimed_at").asc(nulls_first=True), "pk")
    return list(rows.values_list("pk", flat=True))


def release_mail(assignment_id: int) -> None:
    """Put a claimed mail that did not leave back, for the next run to try."""
    advance_mails(CodeAssignment.objects.filter(pk=assignment_id), "release")


def give_up_mails(assignment_ids: list[int], *, error: str) -> int:
    """Let those that still wait count as failed; ``error`` says why. Returns how many."""
    given_up = 0
    for start in range(0, len(assignment_ids), PIECE):
        rows = CodeAssignment.objects.filter(pk__in=assignment_ids[start : start + PIECE])
        given_up += advance_mails(rows, "give_up", mail_error=error[:255])
    return given_up


def drop_unwanted_mails(order_id: int, *, error: str, now: datetime) -> int:
    """Give up those whose code can't be redeemed any more; returns how many."""
    waiting = CodeAssignment.objects.filter(code__order=order_id, mail_state=MailState.WAITING)
    ids = list(waiting.filter(live=True).exclude(is_wanted(now)).values_list("pk", flat=True))
    return give_up_mails(ids, error=error)
