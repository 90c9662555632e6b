"""What is recorded of an order: past cancellations and refunds, and its log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from token_payments.admin.orders.head import render_page
from token_payments.hosts import host, list_name_relations
from token_payments.l10n.formats import format_money
from token_payments.models import CancellationRequest, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.presenters.order_log import describe_detail

ROWS = 100


def show_cancellations(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Token Cancellations / Refunds: all past ones, and what was asked for; the newest first."""
    rows = order.cancellations.select_related(*list_name_relations("actor"))
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    listed = [
        {
            "row": row,
            "refund": format_money(row.refund_amount, row.currency),
            "actor": host.get_full_name(row.actor),
        }
        for row in page
    ]
    asked = order.cancellation_requests.select_related(
        *list_name_relations("actor"), *list_name_relations("answered_by")
    )
    wishes = Paginator(asked, ROWS).get_page(request.GET.get("requests"))
    return render_page(
        model_admin,
        request,
        order,
        "cancellations",
        page="cancellations",
        rows=listed,
        page_obj=page,
        wishes=[_describe_wish(row) for row in wishes],
        wish_page=wishes,
        refunded=format_money(order_queries.sum_refunds(order), order.currency),
    )


def _describe_wish(row: CancellationRequest) -> dict[str, Any]:
    """A request with the names of its people and what came of it."""
    outcome = gettext("Open")
    if row.answered_at is not None:
        outcome = gettext("Granted") if row.cancellation_id else gettext("Not granted")
    return {
        "row": row,
        "actor": host.get_full_name(row.actor),
        "answered_by": host.get_full_name(row.answered_by) if row.answered_by else "",
        "outcome": outcome,
    }


def show_log(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """Every step of the order and every look at its codes, the newest first."""
    entries = order.log.select_related(*list_name_relations("actor"))
    page = Paginator(entries, ROWS).get_page(request.GET.get("page"))
    listed = [
        {
            "row": row,
            "what": row.get_action_display(),
            "detail": describe_detail(row),
            "actor": host.get_full_name(row.actor) if row.actor else "",
        }
        for row in page
    ]
    return render_page(model_admin, request, order, "log", page="log", rows=listed, page_obj=page)
