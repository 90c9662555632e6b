"""The outcome for a code whose payment is reversed: one, never two."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from token_payments.assignments.handing_back import hand_back, release
from token_payments.catalogue.models import CodeReversal, EnrolmentSettings
from token_payments.checkout.models import Redemption
from token_payments.errors import InvalidTransition
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.orders.generation import replace_code
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
    TokenOrderCancellation,
)
from token_payments.orders.placing import lock_order
from token_payments.orders.states import advance_codes


class CodeOutcome(StrEnum):
    """For whom the code, or another one, is afterwards."""

    SAME_LEARNER = "same_learner"
    NEW_FOR_BUYER = "new_for_buyer"
    STAYS_CANCELLED = "stays_cancelled"


def decide_outcome(redemption: Redemption, order: TokenOrder) -> CodeOutcome:
    """As the site has it. A cancelled order gets no usable code back.

    A learner without an e-mail address, or whose account is given up, can't be given a code: it
    goes to the buyer.
    """
    if order.status == OrderStatus.CANCELLED:
        return CodeOutcome.STAYS_CANCELLED
    wanted = EnrolmentSettings.current().code_reversal
    learner = redemption.learner
    if wanted == CodeReversal.SAME_LEARNER and learner.email and not host.is_retired(learner):
        return CodeOutcome.SAME_LEARNER
    return CodeOutcome.NEW_FOR_BUYER


def return_code(
    redemption: Redemption, *, actor: User | None, reason: str, now: datetime
) -> CodeOutcome:
    """Give the redeemed code of a redemption back, in the caller's transaction.

    Raises InvalidTransition when the code isn't redeemed, ConfigurationError when the operator's
    key for a new one is gone.
    """
    assert redemption.code_id is not None
    code = TokenCode.objects.get(pk=redemption.code_id)
    order = lock_order(code.order_id)
    outcome = decide_outcome(redemption, order)
    rows = TokenCode.objects.filter(pk=code.pk)
    if outcome is CodeOutcome.STAYS_CANCELLED:
        cancellation = _add_cancellation(order, redemption, actor=actor, reason=reason, now=now)
        _advance(code, rows, "cancel_redeemed", cancellation=cancellation)
        release(code, now=now)
    elif outcome is CodeOutcome.NEW_FOR_BUYER:
        replace_code(code, order, operation="replace_redeemed")
        release(code, now=now)
    else:
        _advance(code, rows, "give_back")
        hand_back(code, redemption.learner, actor=actor or order.buyer, now=now)
    action = TokenOrderAction.CODE_GIVEN_BACK
    add_log_entry(order, action, actor=actor, now=now, quantity=1, detail=f"{code} {reason}")
    return outcome


def _advance(code: TokenCode, rows: QuerySet[TokenCode], operation: str, **changes: Any) -> None:
    if not advance_codes(rows, operation, **changes):
        raise InvalidTransition(f"Code {code}", code.status, operation)


def _add_cancellation(
    order: TokenOrder, redemption: Redemption, *, actor: User | None, reason: str, now: datetime
) -> TokenOrderCancellation:
    """The code dies as its order did, only later; nothing is refunded by it."""
    return TokenOrderCancellation.objects.create(
        order=order,
        quantity=1,
        refund_amount=Decimal(0),
        currency=order.currency,
        actor=actor or order.buyer,
        reason=reason,
        idempotency_key=f"given-back:{redemption.pk}",
        created_at=now,
    )
