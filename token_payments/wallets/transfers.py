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

    wanted: WantedTransfer
    draws: Sequence[Draw]
    source_before: int
    target_before: int

    @property
    def source_after(self) -> int:
        return self.source_before - self.wanted.quantity

    @property
    def target_after(self) -> int:
        return self.target_before + self.wanted.quantity


def preview_transfer(wanted: WantedTransfer, *, actor: User, now: datetime) -> TransferPreview:
    """A preview of ``transfer_tokens``, doing nothing. Raises the same errors."""
    _check(wanted, actor)
    usable = _list_issues(wanted, now)
    draws = _plan(wanted, list(usable), now)
    target = Wallet.objects.filter(account=wanted.account, token_type=wanted.source.token_type_id)
    return TransferPreview(
        wanted=wanted,
        draws=draws,
        source_before=sum_usable(wanted.source, now),
        target_before=sum(sum_usable(wallet, now) for wallet in target),
    )


def transfer_tokens(
    wanted: WantedTransfer, *, actor: User, reason: str, idempotency_key: str, now: datetime
) -> TokenTransfer:
    """Transfer tokens to another account.

    It gets an issue for each issue that they are drawn from. Expiry, price per token and “use last”
    stay; the reference stays behind, since it tells of the account that it was made for. The same
    key answers with the first transfer, whatever has changed since, or raises IdempotencyConflict
    for another transfer.

    Raises AccountFrozen, TypeArchived, IssueExpired, InsufficientTokens, TransferToItself,
    TransfersNotAllowed and NotAManager, TokenIssue.DoesNotExist for an issue that isn't in the
    wallet; ValueError for a quantity outside 1 to 10,000,000.
    """
    work = partial(
        _transfer, wanted, actor=actor, reason=reason, idempotency_key=idempotency_key, now=now
    )
    # what comes between is of other accounts, which no lock of ours held
    return make_once(partial(in_transaction, work), partial(_find_earlier, wanted, idempotency_key))


def _transfer(
    wanted: WantedTransfer, *, actor: User, reason: str, idempotency_key: str, now: datetime
) -> TokenTransfer:
    concerned = (wanted.source.account_id, wanted.account.pk)
    list(Account.objects.filter(pk__in=concerned).order_by("id").select_for_update())
    earlier = _find_earlier(wanted, idempotency_key)
    if earlier is not None:
        return earlier
    if not 1 <= wanted.quantity <= MAX_ISSUE:
        raise ValueError(f"{wanted.quantity} tokens can't be transferred")
    _check(wanted, actor)
    draws = _plan(wanted, lock_issues(_list_issues(wanted, now)), now)
    transfer = TokenTransfer.objects.create(
        source=wanted.source,
        target=get_wallet(wanted.account, wanted.source.token_type),
        quantity=wanted.quantity,
        issue_id=wanted.issue_id,
        actor=actor,
        reason=reason,
        idempotency_key=idempotency_key,
        created_at=now,
    )
    for draw in draws:
        _move(draw, transfer)
    announce(Step.BALANCE_LOWERED, wanted.source)
    return transfer


def _check(wanted: WantedTransfer, actor: User) -> None:
    """The rules that don't look at issues, by what is true now."""
    accounts = Account.objects.in_bulk([wanted.source.account_id, wanted.account.pk])
    if len(accounts) == 1:
        raise errors.TransferToItself(str(wanted.account))
    if wanted.as_manager:
        if not TokenSettings.current().transfers_allowed:
            raise errors.TransfersNotAllowed
        for account in accounts.values():
            if find_role(account, actor) != AccountRole.MANAGER:
                raise errors.NotAManager(str(account))
    for pk in (wanted.source.account_id, wanted.account.pk):
        if accounts[pk].is_frozen:
            raise errors.AccountFrozen(str(accounts[pk]))
    token_type = TokenType.objects.get(pk=wanted.source.token_type_id)
    if token_type.is_archived:
        raise errors.TypeArchived(str(token_type))


def _list_issues(wanted: WantedTransfer, now: datetime) -> QuerySet[TokenIssue]:
    issues = TokenIssue.objects.filter(wallet=wanted.source)
    if wanted.issue_id is not None:
        return issues.filter(pk=wanted.issue_id)
    return filter_usable(issues, now)


def _plan(wanted: WantedTransfer, issues: Sequence[TokenIssue], now: datetime) -> Sequence[Draw]:
    """Raises InsufficientTokens; of a named issue also IssueExpired and DoesNotExist."""
    if wanted.issue_id is not None:
        if not issues:
            raise TokenIssue.DoesNotExist
        if is_expired(issues[0], now):
            raise errors.IssueExpired(str(wanted.issue_id))
    return plan_draws(sort_for_burning(issues), wanted.quantity)


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


def _find_earlier(wanted: WantedTransfer, idempotency_key: str) -> TokenTransfer | None:
    return find_earlier(
        TokenTransfer,
        idempotency_key,
        source_id=wanted.source.pk,
        target__account_id=wanted.account.pk,
        quantity=wanted.quantity,
        issue_id=wanted.issue_id,
    )
