"""Everything that changes what accounts hold.

Locks: issues are always locked in burn order, and only to plan again after a conditional UPDATE
missed. Entries are written before the issues' rows are touched: those are the hot ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Sum, Value, When

from token_payments.dates import end_of_day, last_day
from token_payments.errors import (
    AccountFrozen,
    AdjustmentsNotAllowed,
    ExpiryNotLater,
    IdempotencyConflict,
    InsufficientTokens,
    IssueExpired,
    ManualIssuesNotAllowed,
    TypeArchived,
)
from token_payments.hosts.base import User
from token_payments.transactions import LostRace
from token_payments.wallets.fifo import BURN_ORDER, Draw, filter_usable, plan_draws
from token_payments.wallets.models import (
    Account,
    EntryKind,
    IssueSource,
    LedgerEntry,
    TokenIssue,
    TokenSettings,
    TokenType,
    Wallet,
)

if TYPE_CHECKING:
    from token_payments.checkout.models import Redemption


def raise_issue(
    *,
    account: Account,
    token_type: TokenType,
    quantity: int,
    actor: User,
    idempotency_key: str,
    now: datetime,
    expires_at: datetime | None = None,
    source: IssueSource = IssueSource.MANUAL,
    reference: str = "",
    reason: str = "",
    unit_price: Decimal | None = None,
    currency: str = "",
) -> TokenIssue:
    """Give an account tokens. Without ``expires_at`` the type's redemption period decides.

    Raises AccountFrozen, TypeArchived, ManualIssuesNotAllowed (for the manual source only), and
    IdempotencyConflict for a key that stands for another issue.
    """
    wanted = (account.pk, token_type.pk, quantity, source, reference)
    earlier = _find_issue(idempotency_key)
    if earlier is not None:
        return _check_same_issue(earlier, wanted)
    if source == IssueSource.MANUAL and not TokenSettings.current().manual_issues_allowed:
        raise ManualIssuesNotAllowed
    if expires_at is None:
        expires_at = find_default_expiry(token_type, now)
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
    try:
        with transaction.atomic():
            _check_may_issue(account, token_type)
            issue.wallet = get_wallet(account, token_type)
            issue.save(force_insert=True)
            add_entry(issue, EntryKind.ISSUE, quantity, actor=actor, reason=reason, now=now)
    except IntegrityError:
        earlier = _find_issue(idempotency_key)
        if earlier is None:
            raise
        return _check_same_issue(earlier, wanted)
    return issue


def find_default_expiry(token_type: TokenType, now: datetime) -> datetime | None:
    """The end of the local day that lies the type's redemption period after today."""
    if token_type.redemption_days is None:
        return None
    today = last_day(now + timedelta(microseconds=1))
    return end_of_day(today + timedelta(days=token_type.redemption_days))


def get_wallet(account: Account, token_type: TokenType) -> Wallet:
    """The account's wallet for the type, made when there was none."""
    return Wallet.objects.get_or_create(account=account, token_type=token_type)[0]


def add_entry(
    issue: TokenIssue,
    kind: EntryKind,
    amount: int,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    idempotency_key: str | None = None,
) -> LedgerEntry:
    """Write one row of the ledger; ``amount`` has the sign that the kind wants."""
    entry = LedgerEntry(
        issue=issue,
        kind=kind,
        amount=amount,
        actor=actor,
        reason=reason,
        idempotency_key=idempotency_key,
        created_at=now,
    )
    entry.save(force_insert=True)
    return entry


def debit(
    wallet: Wallet,
    quantity: int,
    *,
    redemption: Redemption,
    actor: User,
    now: datetime,
    careful: bool = False,
) -> list[Draw]:
    """Spend tokens on a redemption, in burn order, within the caller's transaction.

    Reads without locks and decides by one conditional UPDATE. When another debit came between,
    LostRace is raised: the caller rolls back and comes again, ``careful``, which locks first.
    Raises InsufficientTokens.
    """
    usable = filter_usable(TokenIssue.objects.filter(wallet=wallet), now).order_by(*BURN_ORDER)
    if careful:
        usable = usable.select_for_update()
    draws = plan_draws(usable.only("remaining", "expires_at", "issued_at"), quantity)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            issue_id=draw.issue.pk,
            kind=EntryKind.DEBIT,
            amount=-draw.amount,
            redemption=redemption,
            actor=actor,
            created_at=now,
        )
        for draw in draws
    )
    _take(draws)
    return draws


def give_back(redemption: Redemption, *, actor: User | None, reason: str, now: datetime) -> None:
    """Return what a redemption drew to the very issues it was drawn from.

    Does it once: what was given back before is not given back again.
    """
    drawn = _sum_by_issue(redemption, EntryKind.DEBIT)
    returned = _sum_by_issue(redemption, EntryKind.REVERSAL)
    for issue in _lock_issues(drawn):
        amount = -drawn[issue.pk] - returned.get(issue.pk, 0)
        if amount <= 0:
            continue
        LedgerEntry.objects.create(
            issue=issue,
            kind=EntryKind.REVERSAL,
            amount=amount,
            redemption=redemption,
            actor=actor,
            reason=reason,
            created_at=now,
        )
        TokenIssue.objects.filter(pk=issue.pk).update(remaining=F("remaining") + amount)


def adjust(
    issue_id: int,
    amount: int,
    *,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
) -> LedgerEntry:
    """Correct an issue by hand, up or down. Raises InsufficientTokens below zero.

    Also AdjustmentsNotAllowed, AccountFrozen, IssueExpired and IdempotencyConflict.
    """
    kind = EntryKind.ADJUSTMENT_UP if amount > 0 else EntryKind.ADJUSTMENT_DOWN
    with transaction.atomic():
        issue = _lock_issue(issue_id)
        earlier = _find_entry(idempotency_key, issue_id, kind, amount)
        if earlier is not None:
            return earlier
        if not TokenSettings.current().adjustments_allowed:
            raise AdjustmentsNotAllowed
        if issue.wallet.account.is_frozen:
            raise AccountFrozen
        if is_expired(issue, now):
            raise IssueExpired(str(issue))
        if issue.remaining + amount < 0:
            raise InsufficientTokens(wanted=-amount, available=issue.remaining)
        return _change(issue, kind, amount, actor, reason, idempotency_key, now)


def extend_expiry(
    issue_id: int,
    expires_at: datetime | None,
    *,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
) -> LedgerEntry:
    """Let an issue expire later, or never (None). The entry's reason says from when to when.

    Raises IssueExpired (its tokens are gone: raise a new issue instead), ExpiryNotLater,
    AccountFrozen and IdempotencyConflict.
    """
    with transaction.atomic():
        issue = _lock_issue(issue_id)
        earlier = _find_entry(idempotency_key, issue_id, EntryKind.EXTENSION, 0)
        if earlier is not None:
            return earlier
        if issue.wallet.account.is_frozen:
            raise AccountFrozen
        if is_expired(issue, now):
            raise IssueExpired(str(issue))
        ends = issue.expires_at
        if ends is None or (expires_at is not None and expires_at <= max(ends, now)):
            raise ExpiryNotLater(str(issue))
        TokenIssue.objects.filter(pk=issue.pk).update(expires_at=expires_at)
        later = last_day(expires_at).isoformat() if expires_at else "-"
        text = f"{last_day(ends).isoformat()} > {later}: {reason}"[:255]
        return add_entry(
            issue,
            EntryKind.EXTENSION,
            0,
            actor=actor,
            reason=text,
            idempotency_key=idempotency_key,
            now=now,
        )


def take_back(
    issue_id: int, *, actor: User, reason: str, idempotency_key: str, now: datetime
) -> int:
    """Cancel what is unspent of an issue; returns how many tokens that were."""
    with transaction.atomic():
        issue = _lock_issue(issue_id)
        earlier = LedgerEntry.objects.filter(idempotency_key=idempotency_key).first()
        if earlier is not None:
            return -earlier.amount
        amount = issue.remaining
        if amount and not is_expired(issue, now):
            _change(
                issue, EntryKind.CANCELLATION, -amount, actor, reason, idempotency_key, now
            )
            return amount
    return 0


def is_expired(issue: TokenIssue, now: datetime) -> bool:
    return issue.expires_at is not None and now >= issue.expires_at


def _take(draws: Sequence[Draw]) -> None:
    """Take the drawn tokens from their issues by one UPDATE. Raises LostRace."""
    enough = Q()
    for draw in draws:
        enough |= Q(pk=draw.issue.pk, remaining__gte=draw.amount)
    amounts = Case(*(When(pk=draw.issue.pk, then=Value(draw.amount)) for draw in draws))
    if TokenIssue.objects.filter(enough).update(remaining=F("remaining") - amounts) != len(draws):
        raise LostRace


def _change(
    issue: TokenIssue,
    kind: EntryKind,
    amount: int,
    actor: User | None,
    reason: str,
    idempotency_key: str | None,
    now: datetime,
) -> LedgerEntry:
    """An entry and its effect on a locked issue."""
    entry = add_entry(
        issue,
        kind,
        amount,
        actor=actor,
        reason=reason,
        idempotency_key=idempotency_key,
        now=now,
    )
    TokenIssue.objects.filter(pk=issue.pk).update(remaining=F("remaining") + amount)
    return entry


def _lock_issue(issue_id: int) -> TokenIssue:
    """Raises TokenIssue.DoesNotExist."""
    issue = TokenIssue.objects.select_for_update().get(pk=issue_id)
    issue.wallet = Wallet.objects.select_related("account", "token_type").get(pk=issue.wallet_id)
    return issue


def _lock_issues(issue_ids: Iterable[int]) -> list[TokenIssue]:
    issues = TokenIssue.objects.filter(pk__in=list(issue_ids)).order_by(*BURN_ORDER)
    return list(issues.select_for_update())


def _sum_by_issue(redemption: Redemption, kind: EntryKind) -> dict[int, int]:
    rows = LedgerEntry.objects.filter(redemption=redemption, kind=kind).order_by()
    return dict(rows.values_list("issue").annotate(Sum("amount")))


def _check_may_issue(account: Account, token_type: TokenType) -> None:
    """Read afresh, and locked against freezing and archiving meanwhile."""
    if Account.objects.select_for_update().get(pk=account.pk).is_frozen:
        raise AccountFrozen(str(account))
    if TokenType.objects.get(pk=token_type.pk).is_archived:
        raise TypeArchived(str(token_type))


def _find_issue(idempotency_key: str) -> TokenIssue | None:
    rows = TokenIssue.objects.select_related("wallet")
    return rows.filter(idempotency_key=idempotency_key).first()


def _check_same_issue(earlier: TokenIssue, wanted: tuple[object, ...]) -> TokenIssue:
    wallet = earlier.wallet
    same = (
        wallet.account_id,
        wallet.token_type_id,
        earlier.quantity,
        earlier.source,
        earlier.reference,
    )
    if same != wanted:
        raise IdempotencyConflict(earlier.idempotency_key)
    return earlier


def _find_entry(
    idempotency_key: str, issue_id: int, kind: EntryKind, amount: int
) -> LedgerEntry | None:
    earlier = LedgerEntry.objects.filter(idempotency_key=idempotency_key).first()
    if earlier and (earlier.issue_id, earlier.kind, earlier.amount) != (issue_id, kind, amount):
        raise IdempotencyConflict(idempotency_key)
    return earlier
