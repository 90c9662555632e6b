"""Processing and cancelling an order: each asks first, and says what will happen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from token_payments import api, tasks
from token_payments.admin.formats import round_money
from token_payments.admin.offer import find_obstacle
from token_payments.admin.orders.access import order_url
from token_payments.admin.orders.columns import write_redeem_by
from token_payments.admin.orders.head import render_page
from token_payments.admin.orders.messages import explain
from token_payments.admin.orders.refund_form import RefundForm
from token_payments.errors import ConfigurationError, InvalidTransition, RefundTooHigh
from token_payments.l10n import format_number
from token_payments.models import OrderStatus, TokenOrder


def finish_processing(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Ask; after *Yes* have the codes made by a worker."""
    if request.method == "POST":
        return _start(request, order)
    if order.status != OrderStatus.REQUESTED:
        return HttpResponseRedirect(order_url(order))
    return render_page(
        model_admin,
        request,
        order,
        "confirm_processing",
        page="",
        obstacle=find_obstacle(order.item) if order.item else None,
        redeem_by=write_redeem_by(order) if order.redeem_by else "",
    )


def resume_processing(
    _model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Put another worker to an order whose worker may have died; safe while that one lives."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _start(request, order)


def _start(request: HttpRequest, order: TokenOrder) -> HttpResponse:
    try:
        api.start_processing(order.pk, actor=request.user, now=timezone.now())
    except InvalidTransition as error:
        if error.state == OrderStatus.PROCESSED:
            messages.info(request, gettext("This order has been processed already."))
        else:
            messages.error(request, explain(error, order))
    except ConfigurationError as error:
        messages.error(request, explain(error, order))
    else:
        tasks.queue_processing(order.pk)
    return HttpResponseRedirect(order_url(order))


def report_progress(
    _model_admin: admin.ModelAdmin, _request: HttpRequest, order: TokenOrder
) -> JsonResponse:
    """How far processing is, for the progress bar."""
    return JsonResponse(
        {
            "status": order.status,
            "made": api.count_generated(order),
            "quantity": order.quantity,
        }
    )


def cancel(model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder) -> HttpResponse:
    """Ask, with both numbers and the refund; after *Yes* cancel the order."""
    if order.status == OrderStatus.CANCELLED:
        messages.info(request, gettext("This order has been cancelled already."))
        return HttpResponseRedirect(order_url(order))
    initial = {"refund_amount": _suggest_refund(order)}
    form = RefundForm(request.POST or None, order=order, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            cancelled = api.cancel_order(
                order.pk, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except RefundTooHigh as error:
            form.add_error("refund_amount", explain(error, order))
        else:
            messages.success(request, _report_cancelled(cancelled))
            return HttpResponseRedirect(order_url(order))
    return render_page(model_admin, request, order, "confirm_cancel", page="", form=form)


def _suggest_refund(order: TokenOrder) -> Decimal:
    """What the tokens that die did cost, as far as it was not refunded before.

    Nothing for an order that is only requested: it has most likely not been paid.
    """
    limit = api.find_refund_limit(order)
    if limit is None or order.status == OrderStatus.REQUESTED:
        return Decimal(0)
    counts = api.count_order(order, now=timezone.now())
    dying = order.quantity - counts.redeemed - counts.cancelled
    suggested: Any = api.suggest_refund(order, dying)
    return round_money(min(suggested, limit), order.currency)


def _report_cancelled(order: TokenOrder) -> str:
    counts = api.count_order(order, now=timezone.now())
    text = gettext("Token Order %(number)s is cancelled.") % {"number": order.number}
    if not counts.redeemed:
        return text
    return (
        text
        + " "
        + ngettext(
            "%(count)s redeemed token stays valid for its learner.",
            "%(count)s redeemed tokens stay valid for their learners.",
            counts.redeemed,
        )
        % {"count": format_number(counts.redeemed)}
    )
