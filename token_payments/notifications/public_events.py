"""Steps as other systems are told of them: the public events of ``events.py``, and webhooks.

What they name is made only if somebody wants it. Webhooks are written down in the step's
transaction; signals are sent once it is committed, and what fails then is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any

from django.db import transaction
from openedx_events.tooling import OpenEdxPublicSignal

from token_payments import events, models
from token_payments.events import EventData
from token_payments.outbox.steps import Consequence, Step, announce
from token_payments.wallets.low_balance import LowBalance
from token_payments.wallets.spending import Expiries
from token_payments.webhooks.recording import list_audience, write_events


def publish(
    signal: OpenEdxPublicSignal, describe: Callable[[Any], Iterable[EventData]]
) -> Consequence:
    """The consequence that an event is published, with the data that ``describe`` makes."""

    def publish_event(subject: Any) -> None:
        send_event(signal, lambda: describe(subject))

    return publish_event


def send_event(signal: OpenEdxPublicSignal, make: Callable[[], Iterable[EventData]]) -> None:
    """Write what ``make`` makes down for webhooks, and send it after the commit, if it is wanted.

    What a receiver or a bus raises is logged: what happened has happened.
    """
    if list_audience() and write_events(signal.event_type, list(make())):
        announce(Step.WEBHOOKS_DUE, None)
    if signal.has_listeners():
        transaction.on_commit(lambda: _send(signal, make), robust=True)


def publish_payment(redemption: models.Redemption) -> None:
    """The event of what paid: a Token Code, or tokens; other methods have none."""
    if redemption.code_id is not None:
        send_event(events.TOKEN_CODE_REDEEMED, lambda: [_describe_code(redemption)])
    elif redemption.wallet_id is not None:
        send_event(events.TOKENS_DEBITED, lambda: [_describe_debit(redemption)])


def publish_reversal(redemption: models.Redemption) -> None:
    """The event of a payment with a code; tokens have one for each issue that they went back to."""
    if redemption.code_id is not None:
        send_event(events.TOKEN_CODE_REVERSED, lambda: [_describe_code(redemption)])


def describe_order(entry: models.TokenOrderLogEntry) -> Iterable[events.TokenOrderData]:
    """The order of the log entry, as it is when this is asked."""
    rows = models.TokenOrder.objects.select_related("item", "token_type")
    order = rows.get(pk=entry.order_id)
    yield events.TokenOrderData(
        order_id=order.pk,
        number=order.number,
        kind=order.kind,
        status=order.status,
        quantity=order.quantity,
        tokens=entry.quantity or 0,
        buyer_id=order.buyer_id,
        item_key=order.item.item_key if order.item else "",
        account_id=order.account_id,
        token_type=order.token_type.name if order.token_type else "",
        unit_price="" if order.unit_price is None else str(order.unit_price),
        currency=order.currency,
        actor_id=entry.actor_id,
        time=entry.created_at,
    )


def describe_entry(entry: models.LedgerEntry) -> Iterable[events.TokensData]:
    """A ledger entry, with the issue as it is when this is asked."""
    rows = models.TokenIssue.objects.select_related("wallet__token_type")
    yield _describe_tokens(entry, rows.get(pk=entry.issue_id))


def describe_expiries(expiries: Expiries) -> Iterable[events.TokensData]:
    """One event for each issue, by id."""
    issues = models.TokenIssue.objects.select_related("wallet__token_type").filter(
        pk__in=expiries.amounts
    )
    for issue in issues.order_by("id"):
        entry = models.LedgerEntry(
            issue_id=issue.pk,
            kind=models.EntryKind.EXPIRY,
            amount=-expiries.amounts[issue.pk],
            created_at=expiries.now,
        )
        yield _describe_tokens(entry, issue)


def describe_low_balance(low: LowBalance) -> Iterable[events.TokenBalanceData]:
    """A wallet that has become low."""
    yield events.TokenBalanceData(
        account_id=low.wallet.account_id,
        wallet_id=low.wallet.pk,
        token_type=low.wallet.token_type.name,
        balance=low.balance,
        threshold=low.wallet.low_balance or 0,
        time=low.now,
    )


def _describe_code(redemption: models.Redemption) -> events.TokenCodeData:
    """The code and its payment; never what the code reads."""
    code = redemption.code
    assert code is not None
    is_reversed = redemption.reversed_at is not None
    return events.TokenCodeData(
        order_id=code.order_id,
        serial=code.serial,
        item_key=redemption.item.item_key,
        learner_id=redemption.learner_id,
        redemption_uuid=str(redemption.uuid),
        account_id=code.order.account_id,
        actor_id=redemption.reversed_by_id if is_reversed else redemption.actor_id,
        time=redemption.reversed_at or redemption.created_at,
    )


def _describe_debit(redemption: models.Redemption) -> events.TokensData:
    """The payment, however many issues it drew on."""
    wallet = redemption.wallet
    assert wallet is not None
    return events.TokensData(
        account_id=wallet.account_id,
        wallet_id=wallet.pk,
        token_type=wallet.token_type.name,
        amount=-(redemption.tokens or 0),
        redemption_uuid=str(redemption.uuid),
        actor_id=redemption.actor_id,
        time=redemption.created_at,
    )


def _describe_tokens(entry: models.LedgerEntry, issue: models.TokenIssue) -> events.TokensData:
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


def _send(signal: OpenEdxPublicSignal, make: Callable[[], Iterable[EventData]]) -> None:
    (name,) = signal.init_data
    for data in make():
        given: dict[str, Any] = {name: data}
        signal.send_event(time=data.time.astimezone(UTC), **given)
