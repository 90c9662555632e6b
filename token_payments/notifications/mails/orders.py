"""Mails about an order: its steps, requests to cancel of it, and who looks after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse

from token_payments import conf
from token_payments.assignments.models import OrderDelegate
from token_payments.hosts import host, list_name_relations
from token_payments.l10n.dates import last_day
from token_payments.notifications.mails import base
from token_payments.orders.models import (
    CancellationRequest,
    OrderStatus,
    TokenOrder,
    TokenOrderAction,
)
from token_payments.orders.records import OrderCounts, count_order
from token_payments.orders.requests import was_withdrawn


@base.in_site_language
def send_order_mail(order_id: int, kind: str, *, now: datetime) -> None:
    """Tell the people concerned of an order's step, once; no mail when the order is gone.

    ``kind`` is one of ORDER_KINDS. Raises what the transport raises while a mail may be tried
    again: then nothing but that mail is left to be sent.
    """
    relations = ("item", "account", "token_type", "issue", *list_name_relations("buyer"))
    order = TokenOrder.objects.select_related(*relations).get(pk=order_id)
    base.send_notices(ORDER_KINDS[kind](order, count_order(order, now=now)), now=now)


def find_admin_url(order: TokenOrder) -> str:
    """Where course admins see the order; empty on a site that has no admin."""
    try:
        path = reverse("admin:token_payments_tokenorder_change", args=[order.pk])
    except NoReverseMatch:
        return ""
    return host.absolute_url(path)


def _tell_of_request(order: TokenOrder, _counts: OrderCounts) -> Iterator[base.NoticeMail]:
    if order.status != OrderStatus.REQUESTED:
        return
    context = base.describe_order(order) | {"admin_url": find_admin_url(order)}
    mail = base.write_mail("order_requested_staff", context)
    yield from base.address_each(f"order:{order.pk}:requested", conf.orders_email(), mail)
    yield _to_buyer(order, "requested")


def _tell_of_tokens(order: TokenOrder, counts: OrderCounts) -> Iterator[base.NoticeMail]:
    if order.status == OrderStatus.PROCESSED:
        yield _to_buyer(order, "processed", counts=counts)


def _tell_of_refusal(order: TokenOrder, _counts: OrderCounts) -> Iterator[base.NoticeMail]:
    if order.status == OrderStatus.CANCELLED:
        yield _to_buyer(order, "declined")


def _tell_of_cancelling(order: TokenOrder, counts: OrderCounts) -> Iterator[base.NoticeMail]:
    """The cancellation of a whole order has the order's own key (``orders/cancellations.py``)."""
    if order.status != OrderStatus.CANCELLED or order.decline_reason or was_withdrawn(order):
        return
    last = order.cancellations.filter(idempotency_key=f"order:{order.uuid}").first()
    entry = order.log.filter(action=TokenOrderAction.CANCELLED).first()
    yield _to_buyer(
        order,
        "cancelled",
        counts=counts,
        cancelled=last.quantity if last else 0,
        refund=last.refund_amount if last else None,
        reason=base.tidy(entry.detail if entry else ""),
    )


def _tell_of_withdrawal(order: TokenOrder, _counts: OrderCounts) -> Iterator[base.NoticeMail]:
    """The desk, which was asked for it; and the buyer, if another owner withdrew it."""
    entries = order.log.select_related(*list_name_relations("actor"))
    entry = entries.filter(action=TokenOrderAction.WITHDRAWN).first()
    if order.status != OrderStatus.CANCELLED or entry is None or entry.actor is None:
        return
    context = base.describe_order(order) | {
        "by": base.tidy(host.get_full_name(entry.actor)),
        "admin_url": find_admin_url(order),
    }
    mail = base.write_mail("order_withdrawn_staff", context)
    yield from base.address_each(f"order:{order.pk}:withdrawn", conf.orders_email(), mail)
    if entry.actor_id != order.buyer_id:
        yield _to_buyer(order, "withdrawn", by=context["by"])


def _to_buyer(order: TokenOrder, kind: str, **facts: Any) -> base.NoticeMail:
    mail = base.write_mail(f"order_{kind}", base.describe_order(order, order.buyer) | facts)
    return base.NoticeMail(f"order:{order.pk}:{kind}", order.buyer.email, mail)


ORDER_KINDS: dict[str, Callable[[TokenOrder, OrderCounts], Iterator[base.NoticeMail]]] = {
    "requested": _tell_of_request,
    "processed": _tell_of_tokens,
    "declined": _tell_of_refusal,
    "cancelled": _tell_of_cancelling,
    "withdrawn": _tell_of_withdrawal,
}


@base.in_site_language
def send_cancellation_mail(request_id: int, kind: str, *, now: datetime) -> None:
    """Tell, once, of a cancellation request or its answer; ``kind`` is of CANCELLATION_KINDS.

    Raises what the transport raises while a mail may be tried again.
    """
    order = ("order__item", "order__account", "order__token_type")
    people = (*list_name_relations("order__buyer"), *list_name_relations("actor"))
    requests = CancellationRequest.objects.select_related(*order, *people, "cancellation")
    base.send_notices(CANCELLATION_KINDS[kind](requests.get(pk=request_id)), now=now)


def _tell_of_cancellation_request(request: CancellationRequest) -> Iterator[base.NoticeMail]:
    if request.answered_at is not None:
        return
    context = base.describe_order(request.order) | {
        "quantity": request.quantity,
        "reason": base.tidy(request.reason, limit=base.MAX_TEXT),
        "asked_by": base.tidy(host.get_full_name(request.actor)),
        "admin_url": find_admin_url(request.order),
    }
    mail = base.write_mail("cancellation_requested", context)
    yield from base.address_each(f"cancellation:{request.pk}:requested", conf.orders_email(), mail)


def _tell_of_cancellation_answer(request: CancellationRequest) -> Iterator[base.NoticeMail]:
    is_withdrawn = request.cancellation is None and request.answered_by_id == request.actor_id
    if request.answered_at is None or is_withdrawn:
        return
    granted = request.cancellation
    context = base.describe_order(request.order, request.actor) | {
        "granted": granted is not None,
        "quantity": request.quantity,
        "cancelled": granted.quantity if granted else 0,
        "refund": granted.refund_amount if granted else None,
        "answer": base.tidy(request.answer, limit=base.MAX_TEXT),
    }
    mail = base.write_mail("cancellation_answered", context)
    yield base.NoticeMail(f"cancellation:{request.pk}:answered", request.actor.email, mail)


CANCELLATION_KINDS: dict[str, Callable[[CancellationRequest], Iterator[base.NoticeMail]]] = {
    "requested": _tell_of_cancellation_request,
    "answered": _tell_of_cancellation_answer,
}


@base.in_site_language
def send_delegate_mail(delegate_id: int, *, now: datetime) -> None:
    """Tell somebody, once, that they see and distribute an order; not if that was undone.

    Who was a helper before isn't told again on the same day, however often that is undone and done.
    Raises what the transport raises while the mail may be tried again.
    """
    order = ("order__item", "order__account", "order__token_type")
    people = [
        name
        for relation in ("order__buyer", "user", "added_by")
        for name in list_name_relations(relation)
    ]
    delegates = OrderDelegate.objects.select_related(*order, *people)
    delegate = delegates.filter(pk=delegate_id).first()
    if delegate is None:
        return
    named_by = delegate.added_by or delegate.order.buyer
    context = base.describe_order(delegate.order, delegate.user) | {
        "named_by": base.tidy(host.get_full_name(named_by))
    }
    mail = base.write_mail("delegate", context)
    day = f"{last_day(delegate.created_at):%Y%m%d}"
    key = f"delegate:{delegate.order_id}:{delegate.user_id}:{day}"
    base.send_notice(base.NoticeMail(key, delegate.user.email, mail), now=now)
