"""Everything that people change about issues: raising, adjusting, extending, taking back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction

from token_payments import errors
from token_payments.hosts.base import User
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.outbox.earlier import find_earlier, make_once
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.ledger import add_entry, change_issue, is_expired, lock_issue
from token_payments.wallets.models import (
    MAX_ISSUE,
    MAX_REMAINING,
    Account,
    EntryKind,
    IssueSource,
    LedgerEntry,
    TokenIssue,
    TokenSettings,
    TokenType,
    Wallet,
)


def raise_issue(
    *,
    account: Account,
    token_type: TokenType,
    quantity: int,
    actor: User | None,
    idempotency_key: str,
    now: datetime,
    expires_at: datetime | None = None,
    source: IssueSource = IssueSource.MANUAL,
    reference: str = "",
    reason: str = "",
    unit_price: Decimal | None = None,
    currency: str = "",
) -> TokenIssue:
    """Give an account tokens of a type, as one issue that expires as a whole.

    ``quantity`` is 1 to 10,000,000 tokens (else ValueError). They can be spent from ``now`` until
    just before ``expires_at``; without one the type's redemption period decides. ``reference`` has
    up to 128 characters; ``unit_price`` is money for one token, in ``currency`` (ISO 4217).
    Raises AccountFrozen, TypeArchived, ManualIssuesNotAllowed (for the manual source only),
    ExpiryNotLater for an expiry that isn't in the future, and IdempotencyConflict.
    """
    issue = TokenIssue(
        quantity=quantity,
        remaining=quantity,
        issued_at=now,
        expires_at=expires_at,
        source=source,
        reference=reference,
        unit_price=unit_price,
        currency=currency,
        idempotency_key=idempotency_key,
    )
    wanted = _identify(issue, account, token_type)
    find = partial(find_earlier, TokenIssue, idempotency_key, **wanted)
    save = partial(_save_issue, issue, account, token_type, actor=actor, reason=reason)
    return find() or make_once(save, find)


def check_issuable(account: Account, token_type: TokenType) -> None:
    """Whether the account may get tokens of the type. Raises AccountFrozen, TypeArchived."""
    if account.is_frozen:
        raise errors.AccountFrozen(str(account))
    if token_type.is_archived:
        raise errors.TypeArchived(str(token_type))


def decide_expiry(
    token_type: TokenType, expires_at: datetime | None, *, now: datetime
) -> datetime | None:
    """When tokens that are issued now expire: as given, or as the type's redemption period says.

    Raises ExpiryNotLater for a given one that isn't in the future.
    """
    if expires_at is None:
        return compute_default_expiry(token_type, now)
    if expires_at <= now:
        raise errors.ExpiryNotLater(str(expires_at))
    return expires_at


def compute_default_expiry(token_type: TokenType, now: datetime) -> datetime | None:
    """The end of the local day that lies the type's redemption period after today."""
    if token_type.redemption_days is None:
        return None
    today = last_day(now + timedelta(microseconds=1))
    return end_of_day(today + timedelta(days=token_type.redemption_days))


def get_wallet(account: Account, token_type: TokenType) -> Wallet:
    """The account's wallet for the type, made when there was none."""
    return Wallet.objects.get_or_create(account=account, token_type=token_type)[0]


def adjust_issue(
    issue_id: int,
    amount: int,
    *,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
) -> LedgerEntry:
    """Correct by hand what remains of an issue: ``amount`` tokens more, or fewer if negative.

    The same key answers with the entry that it wrote. Raises InsufficientTokens when fewer remain
    than are to go, IssueFull where the issue would hold more than the database can,
    AdjustmentsNotAllowed, AccountFrozen, IssueExpired and IdempotencyConflict; ValueError for 0 and
    for more than 10,000,000.
    """
    kind = EntryKind.ADJUSTMENT_UP if amount > 0 else EntryKind.ADJUSTMENT_DOWN
    with transaction.atomic():
        issue = lock_issue(issue_id)
        earlier = find_earlier(
            LedgerEntry, idempotency_key, issue_id=issue_id, kind=kind, amount=amount
        )
        if earlier is not None:
            return earlier
        _check_adjustable(issue, amount, now)
        entry = change_issue(
            issue,
            kind,
            amount,
            actor=actor,
            reason=reason,
            idempotency_key=idempotency_key,
            now=now,
        )
        if amount < 0:
            announce(Step.BALANCE_LOWERED, issue.wallet)
        return entry


def _check_adjustable(issue: TokenIssue, amount: int, now: datetime) -> None:
    """Raises what ``adjust_issue`` raises."""
    if not 1 <= abs(amount) <= MAX_ISSUE:
        raise ValueError(f"{amount} tokens can't be added or taken away")
    if not TokenSettings.current().adjustments_allowed:
        raise errors.AdjustmentsNotAllowed
    if issue.wallet.account.is_frozen:
        raise errors.AccountFrozen
    if is_expired(issue, now):
        raise errors.IssueExpired(str(issue))
    if issue.remaining + amount > MAX_REMAINING:
        raise errors.IssueFull(room=MAX_REMAINING - issue.remaining)
    if issue.remaining + amount < 0:
        raise errors.InsufficientTokens(wanted=-amount, available=issue.remaining)


def extend_expiry(
    issue_id: int,
    expires_at: datetime | None,
    *,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
) -> LedgerEntry:
    """Let an issue expire later: at the instant ``expires_at``, or never (None).

    The entry says from when to when; the same key answers with it again. Raises IssueExpired (its
    tokens are gone: raise a new issue instead), ExpiryNotLater, AccountFrozen, IdempotencyConflict.
    """
    with transaction.atomic():
        issue = lock_issue(issue_id)
        wanted: dict[str, Any] = {"kind": EntryKind.EXTENSION, "expires_to": expires_at}
        earlier = find_earlier(LedgerEntry, idempotency_key, issue_id=issue_id, **wanted)
        if earlier is not None:
            return earlier
        if issue.wallet.account.is_frozen:
            raise errors.AccountFrozen
        if is_expired(issue, now) or _is_swept(issue):
            raise errors.IssueExpired(str(issue))
        ends = issue.expires_at
        if ends is None or (expires_at is not None and expires_at <= max(ends, now)):
            raise errors.ExpiryNotLater(str(issue))
        TokenIssue.objects.filter(pk=issue.pk).update(expires_at=expires_at)
        return add_entry(
            issue,
            EntryKind.EXTENSION,
            0,
            actor=actor,
            reason=reason,
            idempotency_key=idempotency_key,
            now=now,
            expires_from=ends,
            expires_to=expires_at,
        )


def take_back_tokens(
    issue_id: int,
    *,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
    quantity: int | None = None,
) -> int:
    """Cancel unspent tokens of an issue: all of them, or exactly ``quantity``; returns how many.

    Also for a frozen account: nothing is spent or issued by it. Raises InsufficientTokens when
    fewer than ``quantity`` are unspent, and IdempotencyConflict.
    """
    with transaction.atomic():
        issue = lock_issue(issue_id)
        wanted: dict[str, Any] = {"issue_id": issue_id, "kind": EntryKind.CANCELLATION}
        if quantity is not None:
            wanted["amount"] = -quantity
        earlier = find_earlier(LedgerEntry, idempotency_key, **wanted)
        if earlier is not None:
            return -earlier.amount
        unspent = 0 if is_expired(issue, now) else issue.remaining
        amount = unspent if quantity is None else quantity
        if amount > unspent:
            raise errors.InsufficientTokens(wanted=amount, available=unspent)
        if amount:
            change_issue(
                issue,
                EntryKind.CANCELLATION,
                -amount,
                actor=actor,
                reason=reason,
                idempotency_key=idempotency_key,
                now=now,
            )
            announce(Step.BALANCE_LOWERED, issue.wallet)
    return amount


def _is_swept(issue: TokenIssue) -> bool:
    """Whether its expiry is recorded: ``now`` is older than the lock, which the sweep had first."""
    return issue.entries.filter(kind=EntryKind.EXPIRY).exists()


def _identify(issue: TokenIssue, account: Account, token_type: TokenType) -> dict[str, Any]:
    """The values that an issue with the same key must have, too; of the expiry only a given one.

    The one that the type's redemption period decides may be another one by now.
    """
    names = ["quantity", "source", "reference", "unit_price", "currency"]
    if issue.expires_at is not None:
        names.append("expires_at")
    wallet = {"wallet__account_id": account.pk, "wallet__token_type_id": token_type.pk}
    return {**wallet, **{name: getattr(issue, name) for name in names}}


def _save_issue(
    issue: TokenIssue,
    account: Account,
    token_type: TokenType,
    *,
    actor: User | None,
    reason: str,
) -> TokenIssue:
    """Save a new issue with its entry. Raises what ``raise_issue`` raises."""
    if not 1 <= issue.quantity <= MAX_ISSUE:
        raise ValueError(f"{issue.quantity} tokens can't be issued")
    if issue.source == IssueSource.MANUAL and not TokenSettings.current().manual_issues_allowed:
        raise errors.ManualIssuesNotAllowed
    issue.expires_at = decide_expiry(token_type, issue.expires_at, now=issue.issued_at)
    with transaction.atomic():
        _hold_issuable(account, token_type)
        issue.wallet = get_wallet(account, token_type)
        issue.save(force_insert=True)
        kind, now = EntryKind.ISSUE, issue.issued_at
        add_entry(issue, kind, issue.quantity, actor=actor, reason=reason, now=now)
    return issue


def _hold_issuable(account: Account, token_type: TokenType) -> None:
    """Check both as they are now; the account is locked, so that freezing it waits or is seen."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    check_issuable(locked, TokenType.objects.get(pk=token_type.pk))
