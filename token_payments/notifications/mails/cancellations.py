"""Cancellation requests: those who answer are told, then the person who asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from token_payments import conf
from token_payments.hosts import host, list_name_relations
from token_payments.notifications.mails import base
from token_payments.notifications.mails.orders import find_admin_url
from token_payments.orders.models import CancellationRequest


@base.in_site_language
def send_cancellation_mail(request_id: int, kind: str, *, now: datetime) -> None:
    """Tell, once, of a cancellation request or its answer; ``kind`` is of CANCELLATION_KINDS.

    Raises what the transport raises while a mail may be tried again.
    """
    order = ("order__item", "order__account", "order__token_type")
    people = (*list_name_relations("order__buyer"), *list_name_relations("actor"))
    requests = CancellationRequest.objects.select_related(*order, *people, "cancellation")
    base.send_notices(CANCELLATION_KINDS[kind](requests.get(pk=request_id)), now=now)


def _tell_of_request(request: CancellationRequest) -> Iterator[base.NoticeMail]:
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


def _tell_of_answer(request: CancellationRequest) -> Iterator[base.NoticeMail]:
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
    "requested": _tell_of_request,
    "answered": _tell_of_answer,
}
