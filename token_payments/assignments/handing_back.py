"""Codes whose payment was reversed: given to the same learner again, or unassigned."""

from __future__ import annotations

from datetime import datetime

from token_payments.assignments.models import AssignmentBatch, CodeAssignment, MailState
from token_payments.hosts.base import User
from token_payments.orders.models import TokenCode


def hand_back(code: TokenCode, learner: User, *, actor: User, now: datetime) -> CodeAssignment:
    """Let the code be the learner's alone, in the caller's transaction; the order is locked.

    No mail leaves for it: the mail about the reversal tells the learner.
    """
    live = CodeAssignment.objects.filter(code=code, live=True).first()
    address = learner.email.lower()
    if live is not None and live.email == address and not live.is_open:
        return live
    release(code, now=now)
    number = CodeAssignment.objects.filter(code=code).count() + 1
    batch = AssignmentBatch.objects.create(
        order_id=code.order_id,
        quantity=1,
        actor=actor,
        idempotency_key=f"given-back:{code.pk}:{number}",
        created_at=now,
    )
    return CodeAssignment.objects.create(
        batch=batch,
        code=code,
        email=address,
        name=live.name if live else "",
        mail_state=MailState.SENT,
        mailed_at=now,
        created_at=now,
    )


def release(code: TokenCode, *, now: datetime) -> None:
    """The code is unassigned."""
    CodeAssignment.objects.filter(code=code, live=True).update(live=None, ended_at=now)
