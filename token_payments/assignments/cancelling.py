"""Cancelling unused, unassigned codes: one that a learner was given is taken back first.

Assigning locks the order's row as cancelling does, so a code that is being assigned is either
assigned or cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from token_payments import conf
from token_payments.assignments.models import CodeAssignment
from token_payments.errors import (
    CancellingNotAllowed,
    InvalidTransition,
    NotEnoughUnused,
)
from token_payments.hosts.base import User
from token_payments.orders import cancellations, requests
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import (
    CancellationRequest,
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
    TokenOrderCancellation,
)
from token_payments.orders.placing import lock_order
from token_payments.orders.records import count_order, suggest_refund
from token_payments.orders.serials import Serials
from token_payments.outbox.earlier import find_earlier, make_once
from token_payments.outbox.steps import Step, announce

NO_CHOICE = Serials()


@dataclass(frozen=True)
class Cancellable:
    """Unused codes or tokens of an order: those ``free`` can be cancelled.

    Those ``assigned`` were given to learners, and must be taken back before.
    """

    free: int
    assigned: int = 0


def count_cancellable(order: TokenOrder, *, now: datetime) -> Cancellable:
    available = count_order(order, now=now).available
    if order.is_for_wallet:
        return Cancellable(available)
    live = CodeAssignment.objects.filter(batch__order=order, live=True)
    assigned = live.filter(code__status=CodeStatus.AVAILABLE).count()
    return Cancellable(max(0, available - assigned), assigned)


def cancel_unused(
    order_id: int,
    *,
    quantity: int,
    refund_amount: Decimal,
    actor: User,
    idempotency_key: str,
    now: datetime,
    reason: str = "",
    serials: Serials = NO_CHOICE,
) -> TokenOrderCancellation:
    """Cancel exactly ``quantity`` unassigned, unused codes or unspent wallet tokens of an order.

    Of codes those that ``serials`` names, or else the last ones first. ``refund_amount`` is money
    in the order's currency; it is recorded, nothing is paid by it. The same key answers with the
    cancellation that it made.

    Raises NotEnoughUnused (with the number available and how many more are assigned; nothing is
    cancelled then), RefundTooHigh, InvalidTransition, and IdempotencyConflict for a key that stands
    for another cancellation; ValueError for fewer than one, and for another number than ``serials``
    has.
    """
    return cancellations.cancel_unused(
        order_id,
        quantity=quantity,
        refund_amount=refund_amount,
        actor=actor,
        idempotency_key=idempotency_key,
        now=now,
        reason=reason,
        serials=serials,
        spared=_list_assigned(order_id),
    )


def may_cancel_own(order: TokenOrder, *, now: datetime) -> bool:
    """Whether buyers cancel tokens of the order by themselves, and the price is their refund.

    Where the site lets them, until the last day to redeem: what is refunded later, others decide.
    """
    in_time = order.is_for_wallet or order.redeem_by is None or now < order.redeem_by
    return conf.buyers_may_cancel() and in_time


def cancel_own(
    order_id: int,
    *,
    quantity: int,
    reason: str,
    actor: User,
    idempotency_key: str,
    now: datetime,
    serials: Serials = NO_CHOICE,
) -> TokenOrderCancellation:
    """Cancel unused codes or tokens for their buyer; what they cost is recorded as refund.

    Raises CancellingNotAllowed where ``may_cancel_own`` is False, and what ``cancel_unused``
    raises.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        earlier = find_earlier(TokenOrderCancellation, idempotency_key, order_id=order_id)
        if earlier is None and not may_cancel_own(order, now=now):
            raise CancellingNotAllowed
        refund = suggest_refund(order, quantity) or Decimal(0)
        return cancel_unused(
            order_id,
            quantity=quantity,
            refund_amount=refund if earlier is None else earlier.refund_amount,
            actor=actor,
            idempotency_key=idempotency_key,
            now=now,
            reason=reason[:255],
            serials=serials,
        )


def request_cancellation(
    order_id: int,
    *,
    quantity: int,
    reason: str,
    actor: User,
    idempotency_key: str,
    now: datetime,
    serials: Serials = NO_CHOICE,
) -> CancellationRequest:
    """Ask, for a buyer, that unused codes or tokens be cancelled; nothing is cancelled by that.

    A course admin grants or declines it. The same key answers with the request that it made. Raises
    NotEnoughUnused, InvalidTransition for an order that isn't processed or has an open request,
    IdempotencyConflict; ValueError like ``cancel_unused``.
    """
    numbers = str(serials)
    wanted: dict[str, Any] = {"quantity": quantity, "reason": reason[:255], "serials": numbers}
    find = partial(find_earlier, CancellationRequest, idempotency_key, order_id=order_id, **wanted)

    def request() -> CancellationRequest:
        with transaction.atomic():
            order = lock_order(order_id)
            earlier = find()
            if earlier is not None:
                return earlier
            _check_requestable(order, quantity, serials, now=now)
            made = CancellationRequest.objects.create(
                order=order,
                actor=actor,
                idempotency_key=idempotency_key,
                created_at=now,
                **wanted,
            )
            action, detail = TokenOrderAction.CANCELLATION_REQUESTED, made.reason
            add_log_entry(order, action, actor=actor, now=now, quantity=quantity, detail=detail)
            announce(Step.CANCELLATION_REQUESTED, made)
        return made

    return make_once(request, find)


def grant_cancellation(
    request_id: int, *, refund_amount: Decimal, actor: User, now: datetime, answer: str = ""
) -> TokenOrderCancellation:
    """Cancel the codes or tokens that a cancellation request asks for.

    ``refund_amount`` and what is raised are those of ``cancel_unused``; InvalidTransition also for
    a request that was declined or withdrawn. Doing it again returns the cancellation that it made.
    """
    with transaction.atomic():
        request = requests.lock_request(request_id)
        if request.cancellation is not None:
            return request.cancellation
        requests.check_open(request)
        request.cancellation = cancel_unused(
            request.order_id,
            quantity=request.quantity,
            refund_amount=refund_amount,
            actor=actor,
            idempotency_key=f"request:{request.pk}",
            now=now,
            reason=request.reason,
            serials=Serials.read(request.serials),
        )
        requests.answer_request(request, answer, actor=actor, now=now)
        announce(Step.CANCELLATION_ANSWERED, request)
    return request.cancellation


def _list_assigned(order_id: int) -> QuerySet[Any, Any]:
    """The ids of the order's codes that are somebody's; no join with codes: MySQL changes those."""
    return CodeAssignment.objects.filter(batch__order=order_id, live=True).values("code")


def _check_requestable(
    order: TokenOrder, quantity: int, serials: Serials, *, now: datetime
) -> None:
    """Raises what ``request_cancellation`` raises of an order."""
    cancellations.check_quantity(quantity, serials)
    if order.status != OrderStatus.PROCESSED or requests.find_open_request(order) is not None:
        raise InvalidTransition(f"Order {order.number}", order.status, "request")
    if serials:
        available = TokenCode.objects.filter(order=order, status=CodeStatus.AVAILABLE)
        free = available.exclude(pk__in=_list_assigned(order.pk))
        if serials.select(free).count() < quantity:
            raise cancellations.lack_chosen(order, free, serials)
        return
    left = count_cancellable(order, now=now)
    if quantity > left.free:
        raise NotEnoughUnused(wanted=quantity, available=left.free, assigned=left.assigned)
