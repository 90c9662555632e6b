"""The steps of the domain that something follows from, and how they are announced.

A step is announced where it is written, in its transaction, and what follows is written down in it,
too: both happen, or neither. What follows from each step stands in one table
(``notifications/table.py``), which is above the domain and is set when Django starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

#: What follows from a step: gets the step's subject. What it raises undoes the step.
Consequence = Callable[[Any], None]


class Step(StrEnum):
    """A step of the domain; the comments name the subject that is announced with it."""

    # an order: the TokenOrderLogEntry that records the step
    ORDER_REQUESTED = "order_requested"
    ORDER_PROCESSED = "order_processed"
    ORDER_DECLINED = "order_declined"
    ORDER_WITHDRAWN = "order_withdrawn"
    ORDER_CANCELLED = "order_cancelled"
    CODES_CANCELLED = "codes_cancelled"
    CODES_ASSIGNED = "codes_assigned"
    # the TokenOrder itself
    CODES_WANTED = "codes_wanted"
    # the CodesMail that somebody asked for
    CODES_MAIL_WANTED = "codes_mail_wanted"
    # the CancellationRequest
    CANCELLATION_REQUESTED = "cancellation_requested"
    CANCELLATION_ANSWERED = "cancellation_answered"
    # the OrderDelegate
    DELEGATE_ADDED = "delegate_added"
    # the id of the order at whose assignments mails wait
    MAILS_WAIT = "mails_wait"
    # the Redemption
    REDEEMED = "redeemed"
    REVERSED = "reversed"
    # the Unenrolment
    LEARNER_LEFT = "learner_left"
    # the LedgerEntry
    TOKENS_ISSUED = "tokens_issued"
    TOKENS_REVERSED = "tokens_reversed"
    TOKENS_EXPIRED = "tokens_expired"
    TOKENS_EXTENDED = "tokens_extended"
    TOKENS_ADJUSTED = "tokens_adjusted"
    TOKENS_CANCELLED = "tokens_cancelled"
    TOKENS_TRANSFERRED = "tokens_transferred"
    # the Expiries that a sweep recorded together
    EXPIRIES_RECORDED = "expiries_recorded"
    # the Wallet
    BALANCE_LOWERED = "balance_lowered"
    ALERT_CHANGED = "alert_changed"
    # the LowBalance
    LOW_EPISODE_BEGUN = "low_episode_begun"
    # the BulkJob
    JOB_BEGUN = "job_begun"
    # the id of the WebhookEndpoint
    WEBHOOKS_DUE = "webhooks_due"
    # the SwitchedOff
    ENDPOINT_SWITCHED_OFF = "endpoint_switched_off"


_follows: Mapping[Step, Sequence[Consequence]] = {}
_is_quiet: ContextVar[bool] = ContextVar("token_payments_is_quiet", default=False)


def follow(table: Mapping[Step, Sequence[Consequence]]) -> None:
    """From now on ``table`` says what follows from each step."""
    global _follows  # noqa: PLW0603 (what is above this module tells it)
    _follows = table


@contextmanager
def quietly() -> Iterator[None]:
    """Nothing follows from what is done inside: no mail, no event, no work for workers.

    For scripts that load what happened long ago. An order's codes are then made by ``generate``.
    """
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def announce(step: Step, subject: Any) -> None:
    """Have written down what follows from a step, in the transaction that writes the step."""
    if _is_quiet.get():
        return
    for follow_up in _follows.get(step, ()):
        follow_up(subject)
