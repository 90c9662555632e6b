"""Transfers: tokens go to another account, and stay what they are.

Locks, in this order: both accounts, then the issues, each by their ids. So two transfers in
opposite directions wait for each other instead of deadlocking, and freezing waits or is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import QuerySet

from token_payments import errors
from token_payments.db.transactions import in_transaction
from token_payments.hosts.base import User
from token_payments.outbox.earlier import find_earlier, make_once
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.accounts import find_role
from token_payments.wallets.balances import sum_usable
from token_payments.wallets.fifo import Draw, filter_usable, plan_draws, sort_for_burning
from token_payments.wallets.issuing import get_wallet
from token_payments.wallets.ledger import add_entry, change_issue, is_expired, lock_issues
from token_payments.wallets.models import (
    MAX_ISSUE,
    Account,
    AccountRole,
    EntryKind,
    IssueSource,
    TokenIssue,
    TokenSettings,
    TokenTransfer,
    TokenType,
    Wallet,
)


@dataclass(frozen=True)
class WantedTransfer:
    """The tokens that are to go to another account: ``quantity`` of the wallet ``source``.

    They are taken in burn order, or of the one issue ``issue_id``. With ``as_manager`` the actor
    must manage both accounts, and the site must allow it; without it the actor counts as staff.
    """

    source: Wallet
    account: Account
    quantity: int
    issue_id: int | None = None
    as_manager: bool = False


@dataclass(frozen=True)
class TransferPreview:
    """A preview of a transfer: the draws, each a new issue there; balances before it."""

    wish: WantedTransfer
    draws: Sequence[Draw]
    source_before: int
    target_before: int

    @property
    def source_after(self) -> int:
        return self.source_before - self.wish.quantity

    @property
    def target_after(self) -> int:
        return self.target_before + self.wish.quantity


def preview_transfer(wish: WantedTransfer, *, actor: User, now: datetime) -> TransferPreview:
    """A preview of ``transfer_tokens``, doing nothing. Raises the same errors."""
    _check(wish, actor)
    usable = _list_issues(wish, now)
    draws = _plan(wish, list(usable), now)
    target = Wallet.objects.filter(account=wish.account, token_type=wish.source.token_type_id)
    return TransferPreview(
        wish=wish,
        draws=draws,
        source_before=sum_usable(wish.source, now),
        target_before=sum(sum_usable(wallet, now) for wallet in target),
    )


def transfer_tokens(
    wish: WantedTransfer, *, actor: User, reason: str, idempotency_key: str, now: datetime
) -> TokenTransfer:
    """Transfer tokens to another account.

    It gets an issue for each issue that they are drawn from. Expiry, price per token and “use last”
    stay; the reference stays behind, since it tells of the account that it was made for. The same
    key answers with the first transfer, whatever has changed since, or raises IdempotencyConflict
    for another wish.

    Raises AccountFrozen, TypeArchived, IssueExpired, InsufficientTokens, TransferToItself,
    TransfersNotAllowed and NotAManager, TokenIssue.DoesNotExist for an issue that isn't in the
    wallet; ValueError for a quantity outside 1 to 10,000,000.
    """
    work = partial(
        _transfer, wish, actor=actor, reason=reason, idempotency_key=idempotency_key, now=now
    )
    # what comes between is of other accounts, which no lock of ours held
    return make_once(partial(in_transaction, work), partial(_find_earlier, wish, idempotency_key))


def _transfer(
    wish: WantedTransfer, *, actor: User, reason: str, idempotency_key: str, now: datetime
) -> TokenTransfer:
    concerned = (wish.source.account_id, wish.account.pk)
    list(Account.objects.filter(pk__in=concerned).order_by("id").select_for_update())
    earlier = _find_earlier(wish, idempotency_key)
    if earlier is not None:
        return earlier
    if not 1 <= wish.quantity <= MAX_ISSUE:
        raise ValueError(f"{wish.quantity} tokens can't be transferred")
    _check(wish, actor)
    draws = _plan(wish, lock_issues(_list_issues(wish, now)), now)
    transfer = TokenTransfer.objects.create(
        source=wish.source,
        target=get_wallet(wish.account, wish.source.token_type),
        quantity=wish.quantity,
        issue_id=wish.issue_id,
        actor=actor,
        reason=reason,
        idempotency_key=idempotency_key,
        created_at=now,
    )
    for draw in draws:
        _move(draw, transfer)
    announce(Step.BALANCE_LOWERED, wish.source)
    return transfer


def _check(wish: WantedTransfer, actor: User) -> None:
    """The rules that don't look at issues, by what is true now."""
    accounts = Account.objects.in_bulk([wish.source.account_id, wish.account.pk])
    if len(accounts) == 1:
        raise errors.TransferToItself(str(wish.account))
    if wish.as_manager:
        if not TokenSettings.current().transfers_allowed:
            raise errors.TransfersNotAllowed
        for account in accounts.values():
            if find_role(account, actor) != AccountRole.MANAGER:
                raise errors.NotAManager(str(account))
    for pk in (wish.source.account_id, wish.account.pk):
        if accounts[pk].is_frozen:
            raise errors.AccountFrozen(str(accounts[pk]))
    token_type = TokenType.objects.get(pk=wish.source.token_type_id)
    if token_type.is_archived:
        raise errors.TypeArchived(str(token_type))


def _list_issues(wish: WantedTransfer, now: datetime) -> QuerySet[TokenIssue]:
    issues = TokenIssue.objects.filter(wallet=wish.source)
    if wish.issue_id is not None:
        return issues.filter(pk=wish.issue_id)
    return filter_usable(issues, now)


def _plan(wish: WantedTransfer, issues: Sequence[TokenIssue], now: datetime) -> Sequence[Draw]:
    """Raises InsufficientTokens; of a named issue also IssueExpired and DoesNotExist."""
    if wish.issue_id is not None:
        if not issues:
            raise TokenIssue.DoesNotExist
        if is_expired(issues[0], now):
            raise errors.IssueExpired(str(wish.issue_id))
    return plan_draws(sort_for_burning(issues), wish.quantity)


def _move(draw: Draw, transfer: TokenTransfer) -> None:
    """Two entries: what leaves the locked issue, and the issue that the other account gets."""
    actor, reason, now = transfer.actor, transfer.reason, transfer.created_at
    kind = EntryKind.TRANSFER
    change_issue(
        draw.issue, kind, -draw.amount, actor=actor, reason=reason, now=now, transfer=transfer
    )
    issue = TokenIssue.objects.create(
        wallet=transfer.target,
        quantity=draw.amount,
        remaining=draw.amount,
        issued_at=now,
        expires_at=draw.issue.expires_at,
        source=IssueSource.TRANSFER,
        unit_price=draw.issue.unit_price,
        currency=draw.issue.currency,
        use_last=draw.issue.use_last,
        idempotency_key=f"transfer:{transfer.pk}:{draw.issue.pk}",
    )
    kind = EntryKind.ISSUE
    add_entry(issue, kind, draw.amount, actor=actor, reason=reason, now=now, transfer=transfer)


def _find_earlier(wish: WantedTransfer, idempotency_key: str) -> TokenTransfer | None:
    return find_earlier(
        TokenTransfer,
        idempotency_key,
        source_id=wish.source.pk,
        target__account_id=wish.account.pk,
        quantity=wish.quantity,
        issue_id=wish.issue_id,
    )
