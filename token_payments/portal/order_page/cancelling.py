"""Cancelling unused tokens: by the owners of the order themselves, or as a request of theirs.

An order that nobody has begun to process is withdrawn as a whole.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.hosts.people import get_user
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.access import Access, order_url, owner_page, render_order
from token_payments.portal.pages import go_and_tell
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.forms import PageForm, read_ids
from token_payments.presenters import cancellations
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal, get_texts
from token_payments.throttling import Limit, count

SHOWN = 50  # past cancellations, and requests

#: What was done.
DONE: dict[str, Any] = {
    "cancelled": _("The tokens are cancelled. The list below has what is refunded for them."),
    "requested": _("Your request was sent. Nothing is cancelled until it is answered."),
    "withdrawn": _("The request was withdrawn. Nothing was cancelled."),
    "order_withdrawn": _("The order was withdrawn."),
    "changed": get_texts(errors.InvalidTransition, Audience.CUSTOMER).text,
}


class CancelForm(cancellations.SomeTokensForm, PageForm):
    """How many, which ones, and why."""

    quantity = forms.IntegerField(
        label=_("Number of tokens"),
        min_value=1,
        error_messages={
            "required": _("Enter how many tokens are to be cancelled."),
            "invalid": _("Enter a whole number."),
            "min_value": _("Enter a number of 1 or more."),
        },
        widget=forms.TextInput(attrs={"class": "tp-input tp-input--short", "inputmode": "numeric"}),
    )
    serials = forms.CharField(
        label=_("Only these (optional)"),
        required=False,
        max_length=order_queries.MAX_SERIALS,
        help_text=_("Numbers from the list of tokens, such as 3, 7-9. Empty: the last ones."),
        error_messages={"max_length": cancellations.SomeTokensForm.no_serials},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Reason (optional)"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@owner_page
def cancelling(request: HttpRequest, access: Access) -> HttpResponse:
    """The page of tokens that can be cancelled, and that were; POST does what its ``act`` says.

    preview changes nothing; cancel and request happen once for each key; withdraw takes such a
    request back, withdraw_order the whole order.
    """
    if request.method != "POST":
        return _show(request, access, CancelForm(order=access.order))
    act = request.POST.get("act")
    if act == "withdraw":
        return _withdraw(request, access.order)
    if act == "withdraw_order":
        return _withdraw_order(request, access.order)
    form = CancelForm(request.POST, order=access.order)
    if not form.is_valid() or act not in ("preview", "cancel", "request"):
        return _show(request, access, form)
    return {"preview": _preview, "cancel": _cancel, "request": _request}[act](request, access, form)


def _preview(request: HttpRequest, access: Access, form: CancelForm) -> HttpResponse:
    """The preview of cancelling and refund, and the form that does it."""
    order, wanted, now = access.order, form.cleaned_data["quantity"], timezone.now()
    if not _may_cancel_now(order) or order_queries.find_open_request(order) is not None:
        return _go_back(request, order, "changed")
    left = assignment_queries.count_cancellable(order, now=now)
    if wanted > left.free:
        _explain(
            form, errors.NotEnoughUnused(wanted=wanted, available=left.free, assigned=left.assigned)
        )
        return _show(request, access, form)
    return render_order(
        request,
        access,
        "order_page/cancel_confirm.html",
        tab="order_cancel",
        once=OnceForm(),
        wanted=wanted,
        serials=str(form.cleaned_data["serials"]),
        left=left.free - wanted,
        reason=form.cleaned_data["reason"],
        refund=order_queries.suggest_refund(order, wanted),
    )


def _cancel(request: HttpRequest, access: Access, form: CancelForm) -> HttpResponse:
    try:
        assignment_operations.cancel_own(access.order.pk, **_get_wanted(request, form))
    except (
        errors.CancellingNotAllowed,
        errors.NotEnoughUnused,
        errors.IdempotencyConflict,
    ) as error:
        _explain(form, error)
    except errors.InvalidTransition:
        return _go_back(request, access.order, "changed")
    else:
        return _go_back(request, access.order, "cancelled")
    return _show(request, access, form)


def _request(request: HttpRequest, access: Access, form: CancelForm) -> HttpResponse:
    if wait := explain_wait(request, Limit.CANCELLATIONS):
        form.add_error(None, wait)
        return _show(request, access, form)
    try:
        assignment_operations.request_cancellation(access.order.pk, **_get_wanted(request, form))
    except (errors.NotEnoughUnused, errors.IdempotencyConflict) as error:
        _explain(form, error)
        return _show(request, access, form)
    except errors.InvalidTransition:
        return _go_back(request, access.order, "changed")
    count(request, Limit.CANCELLATIONS)
    return _go_back(request, access.order, "requested")


def _withdraw(request: HttpRequest, order: TokenOrder) -> HttpResponse:
    ids = read_ids(request.POST.getlist("request"))
    asked = order.cancellation_requests.filter(pk__in=ids[:1]).first()
    if asked is None:
        raise Http404
    try:
        order_operations.withdraw_cancellation(
            asked.pk, actor=get_user(request), now=timezone.now()
        )
    except errors.InvalidTransition:
        return _go_back(request, order, "changed")
    return _go_back(request, order, "withdrawn")


def _withdraw_order(request: HttpRequest, order: TokenOrder) -> HttpResponse:
    try:
        order_operations.withdraw_order(order.pk, actor=get_user(request), now=timezone.now())
    except errors.InvalidTransition:
        return _go_back(request, order, "changed")
    return _go_back(request, order, "order_withdrawn")


def _get_wanted(request: HttpRequest, form: CancelForm) -> dict[str, Any]:
    return {**form.cleaned_data, "actor": request.user, "now": timezone.now()}


def _explain(form: CancelForm, error: errors.TokenPaymentsError) -> None:
    told = describe_refusal(error, audience=Audience.CUSTOMER, about="cancelling")
    form.add_error(cancellations.name_field(form, error), told.text)


def _may_cancel_now(order: TokenOrder) -> bool:
    is_processed = order.status == OrderStatus.PROCESSED
    return is_processed and assignment_queries.may_cancel_own(order, now=timezone.now())


def _show(request: HttpRequest, access: Access, form: CancelForm) -> HttpResponse:
    """Show the form; one that is shown again gets a new key, as nothing was done."""
    order, now = access.order, timezone.now()
    if form.is_bound:
        form.renew_key()
    requests = list(cancellations.list_requests(order)[:SHOWN])
    open_request = next((asked for asked in requests if asked.answered_at is None), None)
    return render_order(
        request,
        access,
        "order_page/cancel.html",
        tab="order_cancel",
        form=form,
        errors=form.list_errors(),
        left=assignment_queries.count_cancellable(order, now=now),
        may_cancel_own=assignment_queries.may_cancel_own(order, now=now),
        price=order_queries.suggest_refund(order, 1),
        is_over=order.redeem_by is not None and order.redeem_by <= now,
        open_request=open_request,
        requests=requests,
        cancellations=cancellations.list_cancellations(order)[:SHOWN],
        refunded=order_queries.sum_refunds(order),
        was_withdrawn=order_queries.was_withdrawn(order),
    )


def _go_back(request: HttpRequest, order: TokenOrder, done: str) -> HttpResponse:
    level = messages.WARNING if done == "changed" else messages.SUCCESS
    return go_and_tell(request, order_url(order, "order_cancel"), DONE[done], level=level)
