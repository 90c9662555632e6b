"""What is recorded of an order: past cancellations and refunds, and its log."""

from __future__ import annotations

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from token_payments import api
from token_payments.admin.orders.head import render_page
from token_payments.hosts import get_host, list_name_relations
from token_payments.l10n import format_money
from token_payments.models import TokenOrder

ROWS = 100


def show_cancellations(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Token Cancellations / Refunds: all past ones, the newest first."""
    rows = order.cancellations.select_related(*list_name_relations("actor"))
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    host = get_host()
    listed = [
        {
            "row": row,
            "refund": format_money(row.refund_amount, row.currency),
            "actor": host.get_full_name(row.actor),
        }
        for row in page
    ]
    return render_page(
        model_admin,
        request,
        order,
        "cancellations",
        page="cancellations",
        rows=listed,
        page_obj=page,
        refunded=format_money(api.sum_refunds(order), order.currency),
    )


def show_log(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Every step of the order and every look at its codes, the newest first."""
    entries = order.log.select_related(*list_name_relations("actor"))
    page = Paginator(entries, ROWS).get_page(request.GET.get("page"))
    host = get_host()
    listed = [
        {"row": row, "actor": host.get_full_name(row.actor) if row.actor else ""} for row in page
    ]
    return render_page(model_admin, request, order, "log", page="log", rows=listed, page_obj=page)
