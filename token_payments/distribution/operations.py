"""Everything that changes assignments and delegates.

Locks: an operation locks the order's row first, then the codes that it gives away, by serial: a
learner who redeems one at that moment either has it, or finds it assigned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from token_payments.distribution.models import (
    MAX_RECIPIENTS,
    AssignmentBatch,
    CodeAssignment,
    MailState,
    OrderDelegate,
)
from token_payments.distribution.states import advance_mails
from token_payments.errors import IdempotencyConflict, InvalidTransition, NotEnoughUnused
from token_payments.hosts.base import User
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
)
from token_payments.orders.operations import lock_order
from token_payments.orders.replacement import replace_code

#: A mail that is being sent for so long isn't any more: its worker died.
STALE_AFTER = timedelta(minutes=15)
REMINDER_PAUSE = timedelta(days=1)


@dataclass(frozen=True)
class Recipient:
    """Whom a code is for: ``email`` in lower case, ``name`` may be empty."""

    email: str
    name: str = ""


def assign_codes(
    order_id: int,
    recipients: Sequence[Recipient],
    *,
    is_open: bool = False,
    actor: User,
    idempotency_key: str,
    now: datetime,
) -> AssignmentBatch:
    """Give each recipient an available code that is nobody's yet, the first ones first.

    The same key answers with the batch that it made. Raises NotEnoughUnused (nobody gets one then),
    InvalidTransition for an order that isn't processed, IdempotencyConflict; ValueError for none,
    or for more than MAX_RECIPIENTS.
    """
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise ValueError(f"{len(recipients)} recipients")
    earlier = _find_batch(order_id, idempotency_key, recipients)
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            order = lock_order(order_id)
            _check_processed(order)
            batch = AssignmentBatch.objects.create(
                order=order,
                quantity=len(recipients),
                actor=actor,
                idempotency_key=idempotency_key,
                created_at=now,
            )
            codes = _take_codes(order, len(recipients))
            _add_assignments(batch, codes, recipients, is_open=is_open, now=now)
            _log(order, TokenOrderAction.CODES_ASSIGNED, actor, now, len(recipients))
    except IntegrityError:
        # The same request, sent twice at once.
        earlier = _find_batch(order_id, idempotency_key, recipients)
        if earlier is None:
            raise
        return earlier
    return batch


def revoke(assignment_id: int, *, actor: User, now: datetime) -> TokenCode:
    """Take an unused code away: it dies, and a new one that is nobody's is in its place.

    Doing it again returns that same new code. Raises InvalidTransition when the code was redeemed
    or cancelled meanwhile.
    """
    with transaction.atomic():
        order = lock_order(CodeAssignment.objects.get(pk=assignment_id).code.order_id)
        assignment = CodeAssignment.objects.select_related("code").get(pk=assignment_id)
        if not assignment.live:
            return TokenCode.objects.get(replaces=assignment.code_id)
        fresh = replace_code(assignment.code, order)
        _end(assignment, now)
        _log(order, TokenOrderAction.CODES_REVOKED, actor, now, 1, detail=str(assignment.code))
    return fresh


def reassign(
    assignment_id: int,
    recipient: Recipient,
    *,
    is_open: bool = False,
    actor: User,
    idempotency_key: str,
    now: datetime,
) -> AssignmentBatch:
    """Give an unused code's place to somebody else: the old code dies, the new one is theirs.

    Raises InvalidTransition and IdempotencyConflict like ``revoke`` and ``assign_codes``.
    """
    with transaction.atomic():
        order = lock_order(CodeAssignment.objects.get(pk=assignment_id).code.order_id)
        earlier = _find_batch(order.pk, idempotency_key, [recipient])
        if earlier is not None:
            return earlier
        fresh = revoke(assignment_id, actor=actor, now=now)
        if CodeAssignment.objects.filter(code=fresh, live=True).exists():
            raise InvalidTransition(f"Assignment {assignment_id}", "ended", "reassign")
        batch = AssignmentBatch.objects.create(
            order=order, quantity=1, actor=actor, idempotency_key=idempotency_key, created_at=now
        )
        _add_assignments(batch, [fresh], [recipient], is_open=is_open, now=now)
        _log(order, TokenOrderAction.CODES_ASSIGNED, actor, now, 1)
    return batch


def remind(order_id: int, *, actor: User, now: datetime) -> list[int]:
    """Have everybody who hasn't used the code told again; returns the assignments' ids.

    Nobody is told twice within a day, however often this is asked.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        _check_processed(order)
        due = find_remindable(order, now)
        ids = list(due.values_list("pk", flat=True))
        advance_mails(
            CodeAssignment.objects.filter(pk__in=ids),
            "send_again",
            reminders=F("reminders") + 1,
        )
        if ids:
            _log(order, TokenOrderAction.LEARNERS_REMINDED, actor, now, len(ids))
    return ids


def find_remindable(order: TokenOrder, now: datetime) -> QuerySet[CodeAssignment]:
    """The live assignments of unused codes whose mail left at least a day ago."""
    return CodeAssignment.objects.filter(
        code__order=order,
        code__status=CodeStatus.AVAILABLE,
        live=True,
        mail_state=MailState.SENT,
        mailed_at__lte=now - REMINDER_PAUSE,
    )


def send_again(assignment_id: int, *, now: datetime) -> bool:
    """Let a mail be sent that failed, or whose worker died; whether it is waiting now."""
    rows = CodeAssignment.objects.filter(pk=assignment_id, live=True)
    stale = Q(mail_state=MailState.SENDING, mail_claimed_at__lte=now - STALE_AFTER)
    return bool(advance_mails(rows.filter(stale | Q(mail_state=MailState.FAILED)), "send_again"))


def claim_mail(assignment_id: int, *, now: datetime) -> CodeAssignment | None:
    """Take the mail for this worker alone; None when there is nothing to send (any more)."""
    rows = CodeAssignment.objects.filter(
        pk=assignment_id, live=True, code__status=CodeStatus.AVAILABLE
    )
    if not advance_mails(
        CodeAssignment.objects.filter(pk__in=list(rows.values_list("pk", flat=True))),
        "claim",
        mail_claimed_at=now,
        mail_error="",
    ):
        return None
    return CodeAssignment.objects.select_related("code__order__item", "batch__actor").get(
        pk=assignment_id
    )


def confirm_mail(assignment_id: int, *, now: datetime) -> None:
    advance_mails(CodeAssignment.objects.filter(pk=assignment_id), "confirm", mailed_at=now)


def fail_mail(assignment_id: int, *, error: str) -> None:
    """Record that the mail did not leave, and why, in the transport's words."""
    rows = CodeAssignment.objects.filter(pk=assignment_id)
    advance_mails(rows, "fail", mail_error=error[:255])


def add_delegate(order: TokenOrder, user: User, *, actor: User, now: datetime) -> OrderDelegate:
    """Let somebody see and distribute the order; doing it again changes nothing."""
    delegate, is_new = OrderDelegate.objects.get_or_create(
        order=order, user=user, defaults={"added_by": actor, "created_at": now}
    )
    if is_new:
        name = user.get_username()
        _log(order, TokenOrderAction.DELEGATE_ADDED, actor, now, None, detail=name)
    return delegate


def remove_delegate(order: TokenOrder, user: User, *, actor: User, now: datetime) -> bool:
    """Undo ``add_delegate``; whether there was one."""
    deleted, _rows = OrderDelegate.objects.filter(order=order, user=user).delete()
    if deleted:
        name = user.get_username()
        _log(order, TokenOrderAction.DELEGATE_REMOVED, actor, now, None, detail=name)
    return bool(deleted)


def _check_processed(order: TokenOrder) -> None:
    if order.status != OrderStatus.PROCESSED or order.is_for_wallet:
        raise InvalidTransition(f"Order {order.number}", order.status, "assign")


def _take_codes(order: TokenOrder, quantity: int) -> list[TokenCode]:
    """So many available codes that are nobody's, locked. Raises NotEnoughUnused."""
    unassigned = list_unassigned(order).order_by("serial")
    codes = list(unassigned.select_for_update()[:quantity])
    if len(codes) < quantity:
        raise NotEnoughUnused(wanted=quantity, available=len(codes))
    return codes


def list_unassigned(order: TokenOrder) -> QuerySet[TokenCode]:
    """The order's available codes that are nobody's yet."""
    assigned = CodeAssignment.objects.filter(code__order=order, live=True).values("code")
    return TokenCode.objects.filter(order=order, status=CodeStatus.AVAILABLE).exclude(
        pk__in=assigned
    )


def _add_assignments(
    batch: AssignmentBatch,
    codes: Sequence[TokenCode],
    recipients: Sequence[Recipient],
    *,
    is_open: bool,
    now: datetime,
) -> None:
    CodeAssignment.objects.bulk_create(
        CodeAssignment(
            batch=batch,
            code=code,
            email=recipient.email.lower(),
            name=recipient.name,
            is_open=is_open,
            created_at=now,
        )
        for code, recipient in zip(codes, recipients, strict=True)
    )


def _end(assignment: CodeAssignment, now: datetime) -> None:
    CodeAssignment.objects.filter(pk=assignment.pk).update(live=None, ended_at=now)


def _find_batch(
    order_id: int, idempotency_key: str, recipients: Sequence[Recipient]
) -> AssignmentBatch | None:
    earlier = AssignmentBatch.objects.filter(idempotency_key=idempotency_key).first()
    if earlier is None:
        return None
    made = sorted(earlier.assignments.values_list("email", flat=True))
    if earlier.order_id != order_id or made != sorted(each.email.lower() for each in recipients):
        raise IdempotencyConflict(idempotency_key)
    return earlier


def _log(
    order: TokenOrder,
    action: TokenOrderAction,
    actor: User,
    now: datetime,
    quantity: int | None,
    *,
    detail: str = "",
) -> None:
    add_log_entry(order, action, actor=actor, now=now, quantity=quantity, detail=detail)
