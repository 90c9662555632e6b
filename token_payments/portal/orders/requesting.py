"""Request Token Order: the form, a review with the price, and sending it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from token_payments import conf, tasks
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import (
    AccountFrozen,
    IdempotencyConflict,
    ItemNotFound,
    NotOffered,
    NumberTaken,
    OrderPriceChanged,
    TypeArchived,
)
from token_payments.models import AccountRole, TokenOrder, TokenType
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.access import order_url
from token_payments.portal.orders.address import find_address
from token_payments.portal.orders.forms import RequestForm
from token_payments.portal.orders.places import explain_places
from token_payments.portal.orders.quotes import QuoteForm, list_agreed
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.access import tokens_page
from token_payments.throttling import Limit, count
from token_payments.wallets import queries as wallet_queries

EDIT = "edit"  # the review's button that leads back to the form
REFUSALS = (NotOffered, ItemNotFound, AccountFrozen, TypeArchived, NumberTaken)


@tokens_page
@require_http_methods(["GET", "HEAD", "POST"])
def request_order(request: HttpRequest) -> HttpResponse:
    """POST shows the review, and with the price that was agreed to there it sends the request."""
    form = _make_form(request)
    if request.method != "POST" or EDIT in request.POST:
        return _show_form(request, form)
    agreed = QuoteForm(request.POST).quote if form.order_uuid else None
    if not form.is_valid():
        earlier = _find_earlier(form) if agreed else None
        return _lead_to(earlier, "before") if earlier else _show_form(request, form)
    wait = explain_wait(request, Limit.ORDERS, Limit.NUMBERS)
    if wait:
        earlier = _find_earlier(form)
        form.add_error(None, wait)
        return _lead_to(earlier, "before") if earlier else _show_form(request, form)
    try:
        if agreed is None:
            return _show_review(request, form)
        return _send(request, form, agreed)
    except REFUSALS as error:
        if isinstance(error, NumberTaken):
            count(request, Limit.NUMBERS)
        form.add_refusal(error)
        return _show_form(request, form)


def _make_form(request: HttpRequest) -> RequestForm:
    """The form with what this visitor may choose, and what is known of the visitor."""
    managed = wallet_queries.list_accounts(request.user, role=AccountRole.MANAGER)
    accounts = list(managed.order_by("name", "pk"))
    types = list(TokenType.objects.filter(is_archived=False)) if accounts else []
    initial: dict[str, Any] = {}
    if request.method != "POST":
        initial = find_address(order_queries.find_last_order(request.user), accounts) | {
            "kind": request.GET.get("kind", ""),
            "item": request.GET.get("item", ""),
            "code_account": request.GET.get("account", ""),
            "wallet_account": request.GET.get("account", ""),
        }
    return RequestForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        items=catalogue_queries.list_orderable_items(),
        accounts=accounts,
        types=types,
        initial=initial,
    )


def _send(request: HttpRequest, form: RequestForm, agreed: order_queries.Quote) -> HttpResponse:
    """Request the order, once. Raises REFUSALS."""
    now = timezone.now()
    try:
        order = order_operations.request_order(
            form.make_order(), actor=request.user, now=now, agreed=agreed
        )
    except OrderPriceChanged:
        return _show_review(request, form, has_changed=True)
    except IdempotencyConflict:
        earlier = _find_earlier(form)
        return _lead_to(earlier, "before") if earlier else _show_review(request, form)
    if order.created_at == now:  # not by the same request, sent before
        count(request, Limit.ORDERS)
    tasks.queue_order_mail(order.pk, "requested")
    return _lead_to(order, "requested")


def _find_earlier(form: RequestForm) -> TokenOrder | None:
    """The order that this very request made when it was sent before."""
    key = form.order_uuid
    return order_queries.find_requested(form.user, key) if key else None


def _lead_to(order: TokenOrder, done: str) -> HttpResponse:
    return redirect(f"{order_url(order, 'order')}?done={done}")


def _show_form(request: HttpRequest, form: RequestForm) -> HttpResponse:
    is_edited = EDIT in request.POST
    context = {
        "base_template": conf.base_template(),
        "form": form,
        "errors": form.list_errors() if form.is_bound and not is_edited else [],
        "is_edited": is_edited,
        "can_order": form.can_order,
    }
    return render(request, "token_payments/orders/request.html", context)


def _show_review(
    request: HttpRequest, form: RequestForm, *, has_changed: bool = False
) -> HttpResponse:
    """What would be ordered, at the price of now. Raises REFUSALS."""
    order = form.make_order()
    quote = order_queries.quote_order(order)
    entered = form.list_hidden()
    context = {
        "base_template": conf.base_template(),
        "order": order,
        "address": order.billing_lines,
        "has_changed": has_changed,
        "places": explain_places(order.item, order.quantity, user=request.user)
        if order.item
        else "",
        "entered": entered,
        "hidden": entered + list_agreed(quote),
    }
    return render(request, "token_payments/orders/review.html", context)
