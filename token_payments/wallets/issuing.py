"""Everything that people change about issues: raising, adjusting, extending, taking back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from token_payments.errors import (
    AccountFrozen,
    AdjustmentsNotAllowed,
    ExpiryNotLater,
    IdempotencyConflict,
    InsufficientTokens,
    IssueExpired,
    IssueFull,
    ManualIssuesNotAllowed,
    TypeArchived,
)
from token_payments.hosts.base import User
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.ledger import (
    add_entry,
    change_issue,
    find_entry,
    is_expired,
    lock_issue,
)
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
    earlier = _find_earlier(issue, account, token_type, expires_at)
    if earlier is not None:
        return earlier
    _check_raisable(quantity, source)
    return _save_issue(issue, account, token_type, actor=actor, reason=reason)


def check_issuable(account: Account, token_type: TokenType) -> None:
    """Whether the account may get tokens of the type. Raises AccountFrozen, TypeArchived."""
    if account.is_frozen:
        raise AccountFrozen(str(account))
    if token_type.is_archived:
        raise TypeArchived(str(token_type))


def decide_expiry(
    token_type: TokenType, expires_at: datetime | None, *, now: datetime
) -> datetime | None:
    """When tokens that are issued now expire: as given, or as the type's redemption period says.

    Raises ExpiryNotLater for a given one that isn't in the future.
    """
    if expires_at is None:
        return find_default_expiry(token_type, now)
    if expires_at <= now:
        raise ExpiryNotLater(str(expires_at))
    return expires_at


def find_default_expiry(token_type: TokenType, now: datetime) -> datetime | None:
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
    if not 1 <= abs(amount) <= MAX_ISSUE:
        raise ValueError(f"{amount} tokens can't be added or taken away")
    kind = EntryKind.ADJUSTMENT_UP if amount > 0 else EntryKind.ADJUSTMENT_DOWN
    with transaction.atomic():
        issue = lock_issue(issue_id)
        earlier = find_entry(idempotency_key, issue_id, kind, amount)
        if earlier is not None:
            return earlier
        if not TokenSettings.current().adjustments_allowed:
            raise AdjustmentsNotAllowed
        if issue.wallet.account.is_frozen:
            raise AccountFrozen
        if is_expired(issue, now):
            raise IssueExpired(str(issue))
        if issue.remaining + amount > MAX_REMAINING:
            raise IssueFull(room=MAX_REMAINING - issue.remaining)
        if issue.remaining + amount < 0:
            raise InsufficientTokens(wanted=-amount, available=issue.remaining)
        entry = change_issue(issue, kind, amount, actor, reason, idempotency_key, now)
        if amount < 0:
            announce(Step.BALANCE_LOWERED, issue.wallet)
        return entry


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
        earlier = find_entry(idempotency_key, issue_id, EntryKind.EXTENSION, 0)
        if earlier is not None:
            if earlier.expires_to != expires_at:
                raise IdempotencyConflict(idempotency_key)
            return earlier
        if issue.wallet.account.is_frozen:
            raise AccountFrozen
        if is_expired(issue, now) or _is_swept(issue):
            raise IssueExpired(str(issue))
        ends = issue.expires_at
        if ends is None or (expires_at is not None and expires_at <= max(ends, now)):
            raise ExpiryNotLater(str(issue))
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
        earlier = LedgerEntry.objects.filter(idempotency_key=idempotency_key).first()
        if earlier is not None:
            is_other = (earlier.issue_id, earlier.kind) != (issue_id, EntryKind.CANCELLATION)
            if is_other or quantity not in (None, -earlier.amount):
                raise IdempotencyConflict(idempotency_key)
            return -earlier.amount
        unspent = 0 if is_expired(issue, now) else issue.remaining
        amount = unspent if quantity is None else quantity
        if amount > unspent:
            raise InsufficientTokens(wanted=amount, available=unspent)
        if amount:
            kind = EntryKind.CANCELLATION
            change_issue(issue, kind, -amount, actor, reason, idempotency_key, now)
            announce(Step.BALANCE_LOWERED, issue.wallet)
    return amount


def _is_swept(issue: TokenIssue) -> bool:
    """Whether its expiry is recorded: ``now`` is older than the lock, which the sweep had first."""
    return issue.entries.filter(kind=EntryKind.EXPIRY).exists()


def _check_raisable(quantity: int, source: IssueSource) -> None:
    """Raises ManualIssuesNotAllowed, and ValueError for a number that no issue has."""
    if not 1 <= quantity <= MAX_ISSUE:
        raise ValueError(f"{quantity} tokens can't be issued")
    if source == IssueSource.MANUAL and not TokenSettings.current().manual_issues_allowed:
        raise ManualIssuesNotAllowed


def _save_issue(
    issue: TokenIssue,
    account: Account,
    token_type: TokenType,
    *,
    actor: User | None,
    reason: str,
) -> TokenIssue:
    """Save a new issue with its entry. Of two with one key the second gets the first one's."""
    given_expiry, now = issue.expires_at, issue.issued_at
    issue.expires_at = decide_expiry(token_type, given_expiry, now=now)
    try:
        with transaction.atomic():
            _hold_issuable(account, token_type)
            issue.wallet = get_wallet(account, token_type)
            issue.save(force_insert=True)
            kind = EntryKind.ISSUE
            add_entry(issue, kind, issue.quantity, actor=actor, reason=reason, now=now)
    except IntegrityError:
        earlier = _find_earlier(issue, account, token_type, given_expiry)
        if earlier is None:
            raise
        return earlier
    return issue


def _hold_issuable(account: Account, token_type: TokenType) -> None:
    """Check both as they are now; the account is locked, so that freezing it waits or is seen."""
    locked = Account.objects.select_for_update().get(pk=account.pk)
    check_issuable(locked, TokenType.objects.get(pk=token_type.pk))


def _find_earlier(
    issue: TokenIssue, account: Account, token_type: TokenType, given_expiry: datetime | None
) -> TokenIssue | None:
    """What was raised with the key of ``issue`` before. Raises IdempotencyConflict.

    An expiry that the type's redemption period decided may be another one by now.
    """
    rows = TokenIssue.objects.select_related("wallet")
    earlier = rows.filter(idempotency_key=issue.idempotency_key).first()
    if earlier is None:
        return None
    wallet = earlier.wallet
    same = (wallet.account_id, wallet.token_type_id) == (account.pk, token_type.pk)
    same = same and all(getattr(earlier, name) == getattr(issue, name) for name in _IDENTITY)
    if not same or given_expiry not in (None, earlier.expires_at):
        raise IdempotencyConflict(issue.idempotency_key)
    return earlier


#: What two issues with one key must agree on, beside account, type and a given expiry.
_IDENTITY = ("quantity", "source", "reference", "unit_price", "currency")
