"""The ledger's own moves: adding entries, with their effect on issues that are locked.

An issue is locked before it is changed; several issues always by their ids: burn order is changed
by extensions, and two that lock in two orders wait for each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet

from token_payments.hosts.base import User
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.models import (
    EntryKind,
    LedgerEntry,
    TokenIssue,
    TokenTransfer,
    Wallet,
)

if TYPE_CHECKING:
    from token_payments.checkout.models import Redemption

#: What an entry announces, by its kind; debits are announced with their payment.
STEPS: dict[str, Step] = {
    EntryKind.ISSUE: Step.TOKENS_ISSUED,
    EntryKind.REVERSAL: Step.TOKENS_REVERSED,
    EntryKind.EXPIRY: Step.TOKENS_EXPIRED,
    EntryKind.EXTENSION: Step.TOKENS_EXTENDED,
    EntryKind.ADJUSTMENT_UP: Step.TOKENS_ADJUSTED,
    EntryKind.ADJUSTMENT_DOWN: Step.TOKENS_ADJUSTED,
    EntryKind.CANCELLATION: Step.TOKENS_CANCELLED,
    EntryKind.TRANSFER: Step.TOKENS_TRANSFERRED,
}


def add_entry(
    issue: TokenIssue,
    kind: EntryKind,
    amount: int,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    idempotency_key: str | None = None,
    redemption: Redemption | None = None,
    transfer: TokenTransfer | None = None,
    expires_from: datetime | None = None,
    expires_to: datetime | None = None,
) -> LedgerEntry:
    """Write one row of the ledger; ``amount`` has the sign that the kind wants."""
    entry = LedgerEntry(
        issue=issue,
        kind=kind,
        amount=amount,
        actor=actor,
        reason=reason,
        idempotency_key=idempotency_key,
        redemption=redemption,
        transfer=transfer,
        expires_from=expires_from,
        expires_to=expires_to,
        created_at=now,
    )
    entry.save(force_insert=True)
    if entry.kind in STEPS:
        announce(STEPS[entry.kind], entry)
    return entry


def change_issue(
    issue: TokenIssue,
    kind: EntryKind,
    amount: int,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    idempotency_key: str | None = None,
    redemption: Redemption | None = None,
    transfer: TokenTransfer | None = None,
) -> LedgerEntry:
    """An entry and its effect on a locked issue."""
    entry = add_entry(
        issue,
        kind,
        amount,
        actor=actor,
        reason=reason,
        idempotency_key=idempotency_key,
        redemption=redemption,
        transfer=transfer,
        now=now,
    )
    TokenIssue.objects.filter(pk=issue.pk).update(remaining=F("remaining") + amount)
    return entry


def lock_issue(issue_id: int) -> TokenIssue:
    """The issue as it is then, with wallet, account and type. Raises TokenIssue.DoesNotExist."""
    issue = TokenIssue.objects.select_for_update().get(pk=issue_id)
    issue.wallet = Wallet.objects.select_related("account", "token_type").get(pk=issue.wallet_id)
    return issue


def lock_issues(issues: QuerySet[TokenIssue]) -> list[TokenIssue]:
    """Lock them all; as they are then, by id."""
    return list(issues.order_by("id").select_for_update())


def is_expired(issue: TokenIssue, now: datetime) -> bool:
    """Whether the issue's last instant is over, whatever the sweep has recorded."""
    return issue.expires_at is not None and now >= issue.expires_at
