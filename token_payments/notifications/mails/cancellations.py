"""Cancellation requests: those who answer are told, then the person who asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from token_payments import conf
from token_payments.hosts import host, list_name_relations
from token_payments.notifications.mails.base import (
    MAX_TEXT,
    NoticeMail,
    describe_order,
    digest,
    in_site_language,
    send_notices,
    tidy,
    write_mail,
)
from token_payments.notifications.mails.orders import find_admin_url
from token_payments.orders.models import CancellationRequest


@in_site_language
def send_cancellation_mail(request_id: int, kind: str, *, now: datetime) -> None:
    """Tell, once, of a wish to cancel or of the answer; ``kind`` is one of CANCELLATION_KINDS.

    Raises what the transport raises while a mail may be tried again.
    """
    order = ("order__item", "order__account", "order__token_type")
    people = (*list_name_relations("order__buyer"), *list_name_relations("actor"))
    requests = CancellationRequest.objects.select_related(*order, *people, "cancellation")
    send_notices(CANCELLATION_KINDS[kind](requests.get(pk=request_id)), now=now)


def _tell_of_wish(request: CancellationRequest) -> Iterator[NoticeMail]:
    if request.answered_at is not None:
        return
    context = describe_order(request.order) | {
        "quantity": request.quantity,
        "reason": tidy(request.reason, limit=MAX_TEXT),
        "asked_by": tidy(host.get_full_name(request.actor)),
        "admin_url": find_admin_url(request.order),
    }
    mail = write_mail("cancellation_requested", context)
    for address in conf.orders_email():
        yield NoticeMail(f"cancellation:{request.pk}:requested:{digest(address)}", address, mail)


def _tell_of_answer(request: CancellationRequest) -> Iterator[NoticeMail]:
    is_withdrawn = request.cancellation is None and request.answered_by_id == request.actor_id
    if request.answered_at is None or is_withdrawn:
        return
    granted = request.cancellation
    context = describe_order(request.order, request.actor) | {
        "granted": granted is not None,
        "quantity": request.quantity,
        "cancelled": granted.quantity if granted else 0,
        "refund": granted.refund_amount if granted else None,
        "answer": tidy(request.answer, limit=MAX_TEXT),
    }
    mail = write_mail("cancellation_answered", context)
    yield NoticeMail(f"cancellation:{request.pk}:answered", request.actor.email, mail)


CANCELLATION_KINDS: dict[str, Callable[[CancellationRequest], Iterator[NoticeMail]]] = {
    "requested": _tell_of_wish,
    "answered": _tell_of_answer,
}
