"""Processing and cancelling an order: each asks first, and says what will happen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from token_payments import errors
from token_payments.admin.formats import round_money
from token_payments.admin.offer import find_obstacle
from token_payments.admin.orders.columns import compute_expiry, write_last_day
from token_payments.admin.orders.head import render_page
from token_payments.admin.orders.messages import explain, explain_obstacle, explain_places
from token_payments.admin.orders.refund_form import RefundForm
from token_payments.admin.pages import page_url
from token_payments.l10n.formats import format_number
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries


def finish_processing(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Ask; after *Yes* have the codes made by a worker, or issue the wallet tokens at once."""
    if request.method == "POST":
        return _start(request, order)
    if order.status != OrderStatus.REQUESTED:
        return HttpResponseRedirect(page_url(order))
    if order.is_for_wallet:
        template, obstacle = "confirm_issue", explain_obstacle(order, timezone.now())
        ends = compute_expiry(order)
    else:
        template, obstacle = "confirm_processing", find_obstacle(order.course)
        ends = order.redeem_by
    return render_page(
        model_admin,
        request,
        order,
        template,
        page="",
        obstacle=obstacle,
        places="" if obstacle or order.is_for_wallet else explain_places(order, timezone.now()),
        redeem_by=write_last_day(ends) if ends else "",
    )


def resume_processing(
    _model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Put another worker to an order whose worker may have died; safe while that one lives."""
    return _start(request, order)


def _start(request: HttpRequest, order: TokenOrder) -> HttpResponse:
    try:
        started = order_operations.start_processing(
            order.pk, actor=request.user, now=timezone.now()
        )
    except errors.InvalidTransition as error:
        if error.state == OrderStatus.PROCESSED:
            messages.info(request, gettext("This order has been processed already."))
        else:
            messages.error(request, explain(error, order))
    except (
        errors.ConfigurationError,
        errors.AccountFrozen,
        errors.TypeArchived,
        errors.ExpiryNotLater,
    ) as error:
        messages.error(request, explain(error, order))
    else:
        if started.is_for_wallet:
            messages.success(request, _report_issued(order))
    return HttpResponseRedirect(page_url(order))


def _report_issued(order: TokenOrder) -> str:
    text = ngettext(
        "%(count)s %(type)s token was issued to %(account)s.",
        "%(count)s %(type)s tokens were issued to %(account)s.",
        order.quantity,
    )
    return text % {
        "count": format_number(order.quantity),
        "type": order.token_type,
        "account": order.account,
    }


def report_progress(
    _model_admin: admin.ModelAdmin, _request: HttpRequest, order: TokenOrder
) -> JsonResponse:
    """How far processing is, for the progress bar."""
    return JsonResponse(
        {
            "status": order.status,
            "made": order_queries.count_generated(order),
            "quantity": order.quantity,
        }
    )


def cancel(model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder) -> HttpResponse:
    """Ask, with both numbers and the refund; after *Yes* cancel the order."""
    if order.status == OrderStatus.CANCELLED:
        messages.info(request, gettext("This order has been cancelled already."))
        return HttpResponseRedirect(page_url(order))
    question = "confirm_take_back" if order.is_for_wallet else "confirm_cancel"
    initial = {"refund_amount": _suggest_refund(order)}
    form = RefundForm(request.POST or None, order=order, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            cancelled = order_operations.cancel_order(
                order.pk, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except errors.RefundTooHigh as error:
            form.add_error("refund_amount", explain(error, order))
        else:
            messages.success(request, _report_cancelled(cancelled))
            return HttpResponseRedirect(page_url(order))
    return render_page(model_admin, request, order, question, page="", form=form)


def _suggest_refund(order: TokenOrder) -> Decimal:
    """What the tokens that die did cost, as far as it was not refunded before.

    Nothing for an order that is only requested: it has most likely not been paid.
    """
    limit = order_queries.compute_refund_limit(order)
    if limit is None or order.status == OrderStatus.REQUESTED:
        return Decimal(0)
    counts = order_queries.count_order(order, now=timezone.now())
    # of wallet tokens those that expired are gone already
    dying = (
        counts.available
        if order.is_for_wallet
        else order.quantity - counts.redeemed - counts.cancelled
    )
    suggested: Any = order_queries.suggest_refund(order, dying)
    return round_money(min(suggested, limit), order.currency)


def _report_cancelled(order: TokenOrder) -> str:
    counts = order_queries.count_order(order, now=timezone.now())
    text = gettext("Token Order %(number)s is cancelled.") % {"number": order.number}
    if not counts.redeemed:
        return text
    if order.is_for_wallet:
        stays = ngettext(
            "%(count)s spent token stays spent: what it paid for stays.",
            "%(count)s spent tokens stay spent: what they paid for stays.",
            counts.redeemed,
        )
    else:
        stays = ngettext(
            "%(count)s redeemed token stays valid for its learner.",
            "%(count)s redeemed tokens stay valid for their learners.",
            counts.redeemed,
        )
    return f"{text} {stays % {'count': format_number(counts.redeemed)}}"
