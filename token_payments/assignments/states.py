"""The life of an assignment's mail, as a table: operation, from where, to where."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from token_payments.assignments.models import CodeAssignment, MailState

MAIL_TRANSITIONS: dict[str, dict[str, str]] = {
    # only one worker gets it; if that one dies it stays SENDING, and a person decides
    "claim": {MailState.WAITING: MailState.SENDING},
    "confirm": {MailState.SENDING: MailState.SENT},
    "fail": {MailState.SENDING: MailState.FAILED},
    # it is known not to have left
    "release": {MailState.SENDING: MailState.WAITING},
    "give_up": {MailState.WAITING: MailState.FAILED},
    "send_again": {
        MailState.SENT: MailState.WAITING,
        MailState.FAILED: MailState.WAITING,
        MailState.SENDING: MailState.WAITING,
    },
}


def advance_mails(assignments: QuerySet[CodeAssignment], operation: str, **changes: Any) -> int:
    """Take those of the mails that can along the operation's step; returns how many could."""
    changed = 0
    for origin, target in MAIL_TRANSITIONS[operation].items():
        rows = assignments.filter(mail_state=origin)
        changed += rows.update(mail_state=target, **changes)
    return changed
