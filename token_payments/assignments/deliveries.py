"""Sending all that waits at an order: which mails those are, and what becomes of the others.

``mails.py`` claims, confirms and fails one.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from token_payments.assignments.mails import PIECE, is_wanted
from token_payments.assignments.models import CodeAssignment, MailState
from token_payments.assignments.states import advance_mails


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
