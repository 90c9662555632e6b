"""The tokens of a wallet order: issued when it is processed, taken back as far as unspent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, Sum

from token_payments.errors import InsufficientTokens, NotEnoughUnused
from token_payments.hosts.base import User
from token_payments.orders.models import TokenOrder
from token_payments.wallets import issuing
from token_payments.wallets.ledger import is_expired
from token_payments.wallets.models import EntryKind, IssueSource, LedgerEntry, TokenIssue


def check_processable(order: TokenOrder, *, now: datetime) -> None:
    """Whether the tokens of a requested order can be issued, as far as can be told beforehand.

    Raises AccountFrozen, TypeArchived, ExpiryNotLater like ``issue_tokens``.
    """
    assert order.account is not None
    assert order.token_type is not None
    issuing.check_issuable(order.account, order.token_type)
    issuing.decide_expiry(order.token_type, order.redeem_by, now=now)


def issue_tokens(order: TokenOrder, *, actor: User, now: datetime) -> TokenIssue:
    """Issue what was ordered, once. Raises AccountFrozen and TypeArchived.

    Also ExpiryNotLater when the order's last day has passed since it was requested.
    """
    assert order.account is not None
    assert order.token_type is not None
    return issuing.raise_issue(
        account=order.account,
        token_type=order.token_type,
        quantity=order.quantity,
        actor=actor,
        idempotency_key=f"order:{order.uuid}",
        now=now,
        expires_at=order.redeem_by,
        source=IssueSource.ORDER,
        reference=order.number,
        unit_price=order.unit_price,
        currency=order.currency,
    )


def take_back(
    order: TokenOrder,
    *,
    actor: User,
    reason: str,
    idempotency_key: str,
    now: datetime,
    quantity: int | None = None,
) -> int:
    """Take back what is unspent of the order, or exactly ``quantity``; returns how many tokens.

    0 for an order without tokens. Raises NotEnoughUnused when fewer than ``quantity`` are unspent.
    """
    if order.issue_id is None:
        return 0
    try:
        return issuing.take_back_tokens(
            order.issue_id,
            actor=actor,
            reason=reason,
            idempotency_key=idempotency_key,
            now=now,
            quantity=quantity,
        )
    except InsufficientTokens as error:
        raise NotEnoughUnused(wanted=error.wanted, available=error.available) from error


def count_tokens(
    orders: Iterable[TokenOrder], *, now: datetime
) -> dict[int, tuple[int, int, int, int, int]]:
    """By order id: tokens available, spent, cancelled, expired at ``now``, transferred away.

    Two queries.
    """
    by_issue = {order.issue_id: order.pk for order in orders if order.issue_id is not None}
    used = (EntryKind.DEBIT, EntryKind.REVERSAL)
    sums = (
        LedgerEntry.objects.filter(issue__in=list(by_issue))
        .order_by()
        .values("issue")
        .annotate(
            spent=-Sum("amount", filter=Q(kind__in=used), default=0),
            cancelled=-Sum("amount", filter=Q(kind=EntryKind.CANCELLATION), default=0),
            swept=-Sum("amount", filter=Q(kind=EntryKind.EXPIRY), default=0),
            moved=-Sum("amount", filter=Q(kind=EntryKind.TRANSFER), default=0),
        )
    )
    moved = {row["issue"]: row for row in sums}
    counts = {}
    for issue in TokenIssue.objects.filter(pk__in=list(by_issue)):
        row = moved[issue.pk]
        is_over = is_expired(issue, now)
        available = 0 if is_over else issue.remaining
        expired = row["swept"] + (issue.remaining if is_over else 0)
        taken = (row["spent"], row["cancelled"], expired, row["moved"])
        counts[by_issue[issue.pk]] = (available, *taken)
    return counts
