"""What other systems are told of the ledger (``events.py``), by the kind of its entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from openedx_events.tooling import OpenEdxPublicSignal

from token_payments import events
from token_payments.wallets.models import EntryKind, LedgerEntry, TokenIssue, Wallet

if TYPE_CHECKING:
    from token_payments.checkout.models import Redemption

SIGNALS: dict[str, OpenEdxPublicSignal] = {
    EntryKind.ISSUE: events.TOKENS_ISSUED,
    EntryKind.REVERSAL: events.TOKENS_REVERSED,
    EntryKind.EXPIRY: events.TOKENS_EXPIRED,
    EntryKind.EXTENSION: events.TOKENS_EXTENDED,
    EntryKind.ADJUSTMENT_UP: events.TOKENS_ADJUSTED,
    EntryKind.ADJUSTMENT_DOWN: events.TOKENS_ADJUSTED,
    EntryKind.CANCELLATION: events.TOKENS_CANCELLED,
    EntryKind.TRANSFER: events.TOKENS_TRANSFERRED,
}


def announce_entry(entry: LedgerEntry) -> None:
    """Tell of one entry on commit; debits are told once a payment (``announce_debit``)."""
    signal = SIGNALS.get(entry.kind)
    if signal is not None:
        events.announce(signal, lambda: [_describe(entry, _get_issue(entry.issue_id))])


def announce_debit(
    wallet: Wallet, tokens: int, *, redemption: Redemption, actor_id: int, now: datetime
) -> None:
    """Tell of a payment on commit, however many issues it drew on."""
    events.announce(
        events.TOKENS_DEBITED,
        lambda: [
            events.TokensData(
                account_id=wallet.account_id,
                wallet_id=wallet.pk,
                token_type=wallet.token_type.name,
                amount=-tokens,
                redemption_uuid=str(redemption.uuid),
                actor_id=actor_id,
                time=now,
            )
        ],
    )


def announce_expiries(amounts: Mapping[int, int], now: datetime) -> None:
    """Tell on commit that so many tokens of each issue, by its id, are over."""
    events.announce(events.TOKENS_EXPIRED, lambda: _describe_expiries(amounts, now))


def announce_low_balance(wallet: Wallet, balance: int, now: datetime) -> None:
    """Tell on commit that a wallet is below the number that its account wants to keep."""
    events.announce(
        events.TOKEN_BALANCE_LOW,
        lambda: [
            events.TokenBalanceData(
                account_id=wallet.account_id,
                wallet_id=wallet.pk,
                token_type=wallet.token_type.name,
                balance=balance,
                threshold=wallet.low_balance or 0,
                time=now,
            )
        ],
    )


def _describe_expiries(amounts: Mapping[int, int], now: datetime) -> Iterable[events.TokensData]:
    issues = TokenIssue.objects.select_related("wallet__token_type").filter(pk__in=amounts)
    for issue in issues.order_by("id"):
        entry = LedgerEntry(
            issue_id=issue.pk, kind=EntryKind.EXPIRY, amount=-amounts[issue.pk], created_at=now
        )
        yield _describe(entry, issue)


def _describe(entry: LedgerEntry, issue: TokenIssue) -> events.TokensData:
    return events.TokensData(
        account_id=issue.wallet.account_id,
        wallet_id=issue.wallet_id,
        token_type=issue.wallet.token_type.name,
        amount=entry.amount,
        issue_id=issue.pk,
        expires_at=issue.expires_at,
        redemption_uuid=str(entry.redemption.uuid) if entry.redemption else "",
        actor_id=entry.actor_id,
        time=entry.created_at,
    )


def _get_issue(issue_id: int) -> TokenIssue:
    return TokenIssue.objects.select_related("wallet__token_type").get(pk=issue_id)
