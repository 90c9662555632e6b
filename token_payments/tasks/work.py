"""The work that follows from payments, orders and unenrolments, done by workers."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import get_user_model
from django.utils import timezone

from token_payments import conf
from token_payments.checkout import operations as checkout_operations
from token_payments.notifications import mails
from token_payments.orders import operations as order_operations
from token_payments.tasks.base import RESUME, RETRY, MailsPostponed, task


# What is lost with a worker is one chunk of codes.
@task(**RESUME)
def process_order(order_id: int) -> int:
    """Make the codes of an order that is being processed; returns how many this run made."""
    return order_operations.generate(order_id, clock=timezone.now)


@task(**RESUME)
def judge_unenrolment(redemption_id: int, actor_id: int | None, left_at: str) -> None:
    """Decide by the item's rule what leaving a course gives back."""
    actor = get_user_model().objects.filter(pk=actor_id).first() if actor_id else None
    checkout_operations.handle_unenrolment(
        redemption_id,
        actor=actor,
        left_at=datetime.fromisoformat(left_at),
        now=timezone.now(),
    )


# Not written down: what a lost worker leaves, the next sweep does.
@task(autoretry_for=(MailsPostponed,), **RETRY)
def check_low_balance(wallet_id: int) -> None:
    """Tell of a wallet that has few tokens left, once in each low episode."""
    if conf.is_enabled() and mails.tell_low_balances([wallet_id], now=timezone.now()).failed:
        raise MailsPostponed(f"wallet {wallet_id}")
