"""Consequences of steps beside public events: tasks for workers, most of which send mails.

Each gets the step's subject, and enqueues by the name of the task's function: tasks are above this.
"""

from __future__ import annotations

from token_payments import conf
from token_payments.bulk.models import BulkJob
from token_payments.checkout.unenrolments import Unenrolment
from token_payments.models import (
    CancellationRequest,
    OrderDelegate,
    Redemption,
    TokenOrder,
    TokenOrderLogEntry,
    Wallet,
)
from token_payments.notifications.mails import CANCELLATION_KINDS, ORDER_KINDS
from token_payments.orders.reveals import CodesMail
from token_payments.outbox.dispatch import enqueue, send_soon
from token_payments.outbox.steps import Consequence
from token_payments.webhooks.delivery import SwitchedOff


def mail_of_order(kind: str) -> Consequence:
    """The consequence that an order's step, one of ORDER_KINDS, is told whom it concerns."""
    if kind not in ORDER_KINDS:
        raise ValueError(kind)

    def mail_order(entry: TokenOrderLogEntry) -> None:
        enqueue("mail_order", order_id=entry.order_id, kind=kind)

    return mail_order


def mail_requested_order(entry: TokenOrderLogEntry) -> None:
    """The desk and the buyer are told of what a buyer asks for, not of what staff enter."""
    if entry.actor_id == entry.order.buyer_id:
        enqueue("mail_order", order_id=entry.order_id, kind="requested")


def mail_cancelled_order(entry: TokenOrderLogEntry) -> None:
    """The buyer is told; not where no actor cancelled it: the buyer's user account was given up."""
    if entry.actor_id is not None:
        enqueue("mail_order", order_id=entry.order_id, kind="cancelled")


def mail_of_request(kind: str) -> Consequence:
    """The consequence that a cancellation request, or the answer to it, is told."""
    if kind not in CANCELLATION_KINDS:
        raise ValueError(kind)

    def mail_cancellation(request: CancellationRequest) -> None:
        enqueue("mail_cancellation", request_id=request.pk, kind=kind)

    return mail_cancellation


def mail_codes(wanted: CodesMail) -> None:
    """A worker mails the order's available codes."""
    enqueue(
        "mail_codes",
        order_id=wanted.order_id,
        actor_id=wanted.actor_id,
        recipient_id=wanted.recipient_id,
    )


def mail_delegate(delegate: OrderDelegate) -> None:
    """The newly named delegate is told."""
    enqueue("mail_delegate", delegate_id=delegate.pk)


def mail_assignments(order_id: int) -> None:
    """A worker sends every mail that waits at the order's assignments."""
    enqueue("mail_assignments", order_id=order_id)


def mail_payment(redemption: Redemption) -> None:
    """The learner gets a receipt, where the site wants that."""
    if conf.learners_get_receipts():
        enqueue("mail_redemption", redemption_id=redemption.pk)


def mail_reversal(redemption: Redemption) -> None:
    """The learner, and the account's managers or the buyer, are told."""
    enqueue("mail_reversal", redemption_id=redemption.pk)


def mail_switched_off(switched_off: SwitchedOff) -> None:
    """The owners of the webhook endpoint are told."""
    when = switched_off.now.isoformat()
    enqueue("mail_webhook_off", endpoint_id=switched_off.endpoint_id, when=when)


def make_codes(order: TokenOrder) -> None:
    """A worker makes the order's codes; without a broker it stays Processing meanwhile."""
    enqueue("process_order", order_id=order.pk)


def decide_about_unenrolment(unenrolment: Unenrolment) -> None:
    """A worker decides what the learner gets back; otherwise the daily sweep does."""
    enqueue(
        "judge_unenrolment",
        redemption_id=unenrolment.redemption_id,
        actor_id=unenrolment.actor_id,
        left_at=unenrolment.left_at.isoformat(),
    )


def run_job(job: BulkJob) -> None:
    """A worker does what waits of the bulk job."""
    enqueue("run_bulk_job", job_id=job.pk)


def deliver_webhooks(_endpoint_id: int | None) -> None:
    """Due webhooks are sent soon; those of failing endpoints are left to the schedule."""
    send_soon("deliver_webhooks")


def check_low_balance(subject: Wallet | Redemption) -> None:
    """The people concerned are told if few tokens are left; nothing for a wallet without an alert.

    It isn't kept, as payments are to cost nothing more: without a broker the hourly sweep tells.
    """
    wallet = subject.wallet if isinstance(subject, Redemption) else subject
    if wallet is not None and wallet.low_balance is not None:
        send_soon("check_low_balance", wallet_id=wallet.pk)
