"""The Tokens section: masked codes; revealing, downloading and e-mailing them is logged."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from token_payments.admin.orders.head import render_page
from token_payments.admin.orders.messages import explain
from token_payments.admin.pages import page_url
from token_payments.assignments import queries as assignment_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.db.numbers import read_number
from token_payments.errors import ConfigurationError
from token_payments.l10n.formats import format_number
from token_payments.models import CodeStatus, OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.presenters.code_csv import write_code_list
from token_payments.presenters.code_lines import describe_codes


def show_tokens(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """A page of tokens, masked."""
    return _render(model_admin, request, order, _get_page(request, order), None)


def reveal_tokens(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """The same page with the codes in full, once it is logged. By POST only."""
    if request.method != "POST":
        return HttpResponseRedirect(f"{page_url(order, 'tokens')}?{request.GET.urlencode()}")
    page = _get_page(request, order)
    try:
        written = order_operations.reveal_codes(
            order, page.codes, actor=request.user, now=timezone.now()
        )
    except ConfigurationError as error:
        messages.error(request, explain(error, order))
        return HttpResponseRedirect(page_url(order, "tokens"))
    return _render(model_admin, request, order, page, written)


def search_tokens(
    _model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Where the search box is posted to: codes and people become serial numbers in the address."""
    status = request.POST.get("status", "")
    text = checkout_queries.read_search(order, request.POST.get("q", ""), status=status)
    if text is None:
        messages.warning(request, gettext("This order has no such Token Code."))
    query = {"status": status, "q": text or ""}
    kept = urlencode({name: value for name, value in query.items() if value})
    return HttpResponseRedirect(f"{page_url(order, 'tokens')}?{kept}")


def download_tokens(
    _model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponseBase:
    """All tokens of the order as CSV, once it is logged."""
    try:
        codes = order_operations.hand_out_codes(order, actor=request.user, now=timezone.now())
    except ConfigurationError as error:
        messages.error(request, explain(error, order))
        return HttpResponseRedirect(page_url(order, "tokens"))
    rows = write_code_list(order, codes)
    answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{order.number}.csv"'
    return answer


def mail_tokens(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Ask; after *Yes* have the available codes that are nobody's yet sent to the buyer."""
    available = assignment_queries.count_cancellable(order, now=timezone.now()).free
    if order.status != OrderStatus.PROCESSED or not available:
        messages.error(request, gettext("This order has no tokens to send that are nobody's yet."))
        return HttpResponseRedirect(page_url(order))
    if not order.buyer.email:
        messages.error(request, gettext("The buyer has no e-mail address."))
        return HttpResponseRedirect(page_url(order))
    try:
        order_queries.check_key(order)
    except ConfigurationError as error:
        messages.error(request, explain(error, order))
        return HttpResponseRedirect(page_url(order))
    if request.method == "POST":
        order_operations.mail_codes(order, actor=request.user)
        text = ngettext(
            "%(count)s available token is being e-mailed to %(address)s.",
            "%(count)s available tokens are being e-mailed to %(address)s.",
            available,
        )
        messages.success(
            request, text % {"count": format_number(available), "address": order.buyer.email}
        )
        return HttpResponseRedirect(page_url(order))
    return render_page(model_admin, request, order, "confirm_mail", page="", available=available)


def _get_page(request: HttpRequest, order: TokenOrder) -> checkout_queries.CodePage:
    codes = checkout_queries.filter_codes(
        order, status=request.GET.get("status", ""), text=request.GET.get("q", "").strip()
    )
    after, before = _read_serial(request, "after"), _read_serial(request, "before")
    return checkout_queries.get_code_page(codes, after=after, before=before)


def _read_serial(request: HttpRequest, name: str) -> int | None:
    return read_number(request.GET.get(name, ""))


def _render(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    order: TokenOrder,
    page: checkout_queries.CodePage,
    written: dict[int, str] | None,
) -> HttpResponse:
    status, text = request.GET.get("status", ""), request.GET.get("q", "").strip()
    kept = {"status": status, "q": text}
    query = urlencode({name: value for name, value in kept.items() if value})
    return render_page(
        model_admin,
        request,
        order,
        "tokens",
        page="tokens",
        lines=describe_codes(order, page.codes, written),
        token_page=page,
        query=query,
        status_filter=status,
        text=text,
        statuses=[*CodeStatus.choices, ("assigned", gettext("Assigned"))],
        is_revealed=bool(written),
        address=request.GET.urlencode(),
    )
