"""Pages about an order that are only read: its overview, its log and its document."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from token_payments.hosts import host
from token_payments.hosts.people import get_user
from token_payments.invoicing.download import answer_with_pdf
from token_payments.invoicing.order_document import describe_order
from token_payments.invoicing.wording import write_document
from token_payments.models import OrderStatus, TokenOrder, TokenOrderAction
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.access import Access, order_page, owner_page, render_order
from token_payments.portal.orders.cards import compute_end
from token_payments.portal.pages import get_page
from token_payments.presenters.cancellations import LogLine, list_cancellations, list_log
from token_payments.wallets import queries as wallet_queries


@order_page
@require_safe
def overview(request: HttpRequest, access: Access) -> HttpResponse:
    """As many queries for an order of a million codes as for one of three."""
    order = access.order
    end, now = compute_end(order), timezone.now()
    context: dict[str, Any] = {
        "counts": order_queries.count_order(order, now=now),
        "made": _count_made(order),
        "end": end,
        "is_past": end is not None and end <= now and order.status == OrderStatus.PROCESSED,
        "is_buyer": order.buyer_id == request.user.pk,
        "buyer_name": host.get_full_name(order.buyer),
        "sees_statement": _sees_statement(request, order),
        "was_withdrawn": order_queries.was_withdrawn(order),
        **(_describe_money(order) if access.is_owner else {}),
    }
    return render_order(request, access, "order_page/overview.html", tab="order", **context)


@order_page
@require_safe
def progress(_request: HttpRequest, access: Access) -> HttpResponse:
    """How many tokens of an order that is being processed are made, for the script."""
    order = access.order
    return JsonResponse({"status": order.status, "made": _count_made(order)})


def _count_made(order: TokenOrder) -> int:
    is_under_way = order.status == OrderStatus.PROCESSING
    return order_queries.count_generated(order) if is_under_way else 0


def _sees_statement(request: HttpRequest, order: TokenOrder) -> bool:
    """A buyer need not be a member of the account that the tokens are for."""
    if order.issue_id is None or order.account is None:
        return False
    return wallet_queries.find_role(order.account, get_user(request)) is not None


def _describe_money(order: TokenOrder) -> dict[str, Any]:
    """The part for owners alone: the address, cancellations, refunds and requests."""
    requests = order.cancellation_requests.filter(cancellation__isnull=True)
    return {
        "address": order.billing_lines,
        "refunded": order_queries.sum_refunds(order),
        "cancellations": list_cancellations(order),
        "requests": requests,
    }


@owner_page
@require_safe
def invoice(request: HttpRequest, access: Access) -> HttpResponse:
    texts = write_document(describe_order(access.order))
    return render_order(
        request, access, "invoices/invoice.html", tab="order_invoice", document=texts
    )


@owner_page
@require_safe
def invoice_pdf(_request: HttpRequest, access: Access) -> HttpResponse:
    return answer_with_pdf(access.order)


PAGE = 50  # entries
#: What these say in detail is about codes alone: delegates read it, too.
ABOUT_CODES = frozenset({TokenOrderAction.CODES_ASSIGNED, TokenOrderAction.CODES_REVOKED})


@order_page
@require_safe
def log(request: HttpRequest, access: Access) -> HttpResponse:
    """Every step of the order and every look at its codes, the newest first.

    Reasons and names of helpers are for the order's owners.
    """
    page = get_page(request, list_log(access.order), PAGE)
    rows = [
        LogLine(entry, with_detail=access.is_owner or entry.action in ABOUT_CODES)
        for entry in page.object_list
    ]
    return render_order(
        request, access, "order_page/log.html", tab="order_log", page=page, rows=rows
    )
