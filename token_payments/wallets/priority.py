"""Issues that are kept for last: marked, and unmarked, by an entry that moves no tokens."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from token_payments.errors import IssueExpired
from token_payments.hosts.base import User
from token_payments.outbox.earlier import find_earlier
from token_payments.wallets.ledger import add_entry, is_expired, lock_issue
from token_payments.wallets.models import EntryKind, LedgerEntry, TokenIssue


def set_use_last(
    issue_id: int,
    use_last: bool,
    *,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
) -> LedgerEntry | None:
    """Have an issue spent after all others, or in its turn again; None when it is so already.

    Also for a frozen account: nothing is spent or issued by it. Raises IssueExpired (nothing is
    spent of it any more) and IdempotencyConflict.
    """
    kind = EntryKind.USE_LAST if use_last else EntryKind.USE_IN_TURN
    with transaction.atomic():
        issue = lock_issue(issue_id)
        earlier = find_earlier(LedgerEntry, idempotency_key, issue_id=issue_id, kind=kind)
        if earlier is not None:
            return earlier
        if is_expired(issue, now):
            raise IssueExpired(str(issue))
        if issue.use_last == use_last:
            return None
        TokenIssue.objects.filter(pk=issue_id).update(use_last=use_last)
        return add_entry(
            issue,
            kind,
            0,
            actor=actor,
            reason=reason,
            idempotency_key=idempotency_key,
            now=now,
        )
