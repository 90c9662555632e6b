"""The log of an order: what was done, and who has seen its codes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from token_payments.models import TokenOrderAction
from token_payments.portal.order_page.access import Access, order_page, render_order
from token_payments.portal.pages import get_page
from token_payments.presenters.order_log import LogLine, list_log

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
