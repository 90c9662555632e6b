"""Request Token Order: the form, a review with the price, and sending it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.catalogue import queries as catalogue_queries
from token_payments.hosts.people import get_user
from token_payments.models import AccountRole, TokenType
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.access import order_url
from token_payments.portal.orders.cards import explain_places
from token_payments.portal.orders.forms import RequestForm, find_address
from token_payments.portal.pages import go_and_tell, render_page
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.access import tokens_page
from token_payments.throttling import Limit, count
from token_payments.wallets import queries as wallet_queries

EDIT = "edit"  # the review's button that leads back to the form
REFUSALS = (
    errors.NotOffered,
    errors.ItemNotFound,
    errors.AccountFrozen,
    errors.TypeArchived,
    errors.NumberTaken,
)
REQUESTED = _("Your order is requested.")
BEFORE = _(
    "This request was sent before, and made this order. Nothing else was ordered: for another "
    "order, start a new request."
)


class QuoteForm(forms.Form):
    """The price that the buyer saw, as the review carries it on."""

    unit_price = forms.DecimalField(required=False, max_digits=13, decimal_places=3)
    currency = forms.CharField(required=False, max_length=3)
    tax_rate = forms.DecimalField(required=False, max_digits=5, decimal_places=2)

    prefix = "agreed"

    @property
    def quote(self) -> order_queries.Quote | None:
        """None when the request wasn't sent from a review."""
        if self.add_prefix("currency") not in self.data or not self.is_valid():
            return None
        return order_queries.Quote(**self.cleaned_data)


def list_agreed(quote: order_queries.Quote) -> list[tuple[str, str]]:
    """The price for hidden fields, as ``QuoteForm`` reads it."""
    values = {name: getattr(quote, name) for name in QuoteForm.base_fields}
    return [(f"agreed-{name}", _write(value)) for name, value in values.items()]


def _write(value: object) -> str:
    return "" if value is None else str(value)


@tokens_page
def request_order(request: HttpRequest) -> HttpResponse:
    """POST shows the review, and with the price that was agreed to there it sends the request."""
    form = _make_form(request)
    if request.method != "POST" or EDIT in request.POST:
        return _show_form(request, form)
    agreed = QuoteForm(request.POST).quote if form.has_own_key else None
    if not form.is_valid():
        earlier = _lead_to_earlier(request, form) if agreed else None
        return earlier or _show_form(request, form)
    wait = explain_wait(request, Limit.ORDERS, Limit.NUMBERS)
    if wait:
        form.add_error(None, wait)
        return _lead_to_earlier(request, form) or _show_form(request, form)
    try:
        if agreed is None:
            return _show_review(request, form)
        return _send(request, form, agreed)
    except REFUSALS as error:
        if isinstance(error, errors.NumberTaken):
            count(request, Limit.NUMBERS)
        form.add_refusal(error)
        return _show_form(request, form)


def _make_form(request: HttpRequest) -> RequestForm:
    """The form with what this visitor may choose, and what is known of the visitor."""
    managed = wallet_queries.list_accounts(get_user(request), role=AccountRole.MANAGER)
    accounts = list(managed.order_by("name", "pk"))
    types = list(TokenType.objects.filter(is_archived=False)) if accounts else []
    initial: dict[str, Any] = {}
    if request.method != "POST":
        initial = find_address(order_queries.find_last_order(get_user(request)), accounts) | {
            "kind": request.GET.get("kind", ""),
            "item": request.GET.get("item", ""),
            "code_account": request.GET.get("account", ""),
            "wallet_account": request.GET.get("account", ""),
        }
    return RequestForm(
        request.POST if request.method == "POST" else None,
        user=get_user(request),
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
            form.make_order(), actor=get_user(request), now=now, agreed=agreed
        )
    except errors.OrderPriceChanged:
        return _show_review(request, form, has_changed=True)
    except errors.IdempotencyConflict:
        return _lead_to_earlier(request, form) or _show_review(request, form)
    if order.created_at == now:  # not by the same request, sent before
        count(request, Limit.ORDERS)
    return go_and_tell(request, order_url(order, "order"), REQUESTED)


def _lead_to_earlier(request: HttpRequest, form: RequestForm) -> HttpResponse | None:
    """To the order that this very request made when it was sent before; None without one."""
    earlier = order_queries.find_requested(form.user, form.order_uuid)
    return go_and_tell(request, order_url(earlier, "order"), BEFORE) if earlier else None


def _show_form(request: HttpRequest, form: RequestForm) -> HttpResponse:
    is_edited = EDIT in request.POST
    return render_page(
        request,
        "orders/request.html",
        form=form,
        errors=[] if is_edited else form.list_errors(),
        is_edited=is_edited,
        can_order=form.can_order,
    )


def _show_review(
    request: HttpRequest, form: RequestForm, *, has_changed: bool = False
) -> HttpResponse:
    """The review of the order at the price of now. Raises REFUSALS."""
    order = form.make_order()
    quote = order_queries.quote_order(order)
    entered = form.list_hidden()
    item, quantity = order.item, order.quantity
    return render_page(
        request,
        "orders/review.html",
        order=order,
        address=order.billing_lines,
        has_changed=has_changed,
        places=explain_places(item, quantity, user=get_user(request)) if item else "",
        entered=entered,
        hidden=entered + list_agreed(quote),
    )
