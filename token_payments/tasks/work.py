"""What payments, orders and learners who leave make necessary, done by workers."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from token_payments import conf
from token_payments.checkout import operations as checkout_operations
from token_payments.models import OrderKind, OrderStatus, TokenOrder, Wallet
from token_payments.notifications import mails
from token_payments.orders import operations as order_operations
from token_payments.outbox.dispatch import queue
from token_payments.tasks.base import RESUME, RETRY, MailsPostponed, task
from token_payments.tasks.mails import queue_order_mail, queue_reversal_mail


def queue_processing(order_id: int) -> None:
    """Have the order's codes made by a worker.

    Without a broker the order stays Processing until it is resumed.
    """
    queue(process_order, order_id)


def queue_departure(redemption_id: int, *, actor_id: int | None, left_at: datetime) -> None:
    """Have decided what a learner who left gets back; otherwise the daily sweep does it."""
    queue(judge_departure, redemption_id, actor_id, left_at.isoformat())


def queue_low_balance(wallet: Wallet | None) -> None:
    """Have those told whom it concerns that few tokens are left, if that is so after a payment.

    Nothing for a wallet of which nobody is to be told. It isn't written down, as payments are to
    cost nothing more: without a broker the hourly sweep tells them.
    """
    if wallet is not None and wallet.low_balance is not None:
        wallet_id = wallet.pk
        # a lambda: Django asks a robust function that fails for its name
        transaction.on_commit(lambda: check_low_balance.delay(wallet_id), robust=True)


# What is lost with a worker is one chunk of codes.
@task(**RESUME)
def process_order(order_id: int) -> int:
    """Make the codes of an order that is being processed; returns how many this run made.

    Once all are there the buyer is told, whichever worker made the last ones.
    """
    made = order_operations.generate(order_id, clock=timezone.now)
    orders = TokenOrder.objects.filter(kind=OrderKind.CODES, status=OrderStatus.PROCESSED)
    if orders.filter(pk=order_id).exists():
        queue_order_mail(order_id, "processed")
    return made


@task(**RESUME)
def judge_departure(redemption_id: int, actor_id: int | None, left_at: str) -> None:
    """Decide by the item's rule what leaving a course gives back."""
    actor = get_user_model().objects.filter(pk=actor_id).first() if actor_id else None
    checkout_operations.handle_unenrolment(
        redemption_id,
        actor=actor,
        left_at=datetime.fromisoformat(left_at),
        now=timezone.now(),
        tell=queue_reversal_mail,
    )


# Not written down: what a lost worker leaves, the next sweep does.
@task(autoretry_for=(MailsPostponed,), **RETRY)
def check_low_balance(wallet_id: int) -> None:
    """Tell of a wallet that has few tokens left, once in each low episode."""
    if conf.is_enabled() and mails.tell_low_balances([wallet_id], now=timezone.now()).failed:
        raise MailsPostponed(f"wallet {wallet_id}")
