"""The payments for a course, for people whom the host lets run or sell it; 404 for others.

``lms/pipeline.py`` leads there from the instructor dashboard.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from token_payments.checkout import queries as checkout_queries
from token_payments.hosts import host
from token_payments.hosts.people import get_user
from token_payments.orders import queries as order_queries
from token_payments.portal.pages import get_page, render_page
from token_payments.portal.tokens.access import tokens_page
from token_payments.presenters.csv_files import send_csv
from token_payments.presenters.payment_lines import describe, describe_course, write_rows

PAGE = 50  # payments


@tokens_page
@require_safe
def course_payments(request: HttpRequest, item_key: str) -> HttpResponse:
    """How many paid, and how; the newest payments first, 50 a page."""
    found = _find(request, item_key)
    method = _read_method(request, found)
    rows = checkout_queries.list_payments(found.item, method=method)
    # their keys first: the database then sorts nothing but numbers, however many there are
    page = get_page(request, rows.values_list("pk", flat=True), PAGE)
    return render_page(
        request,
        "course_payments/list.html",
        page=page,
        rows=describe(rows.filter(pk__in=list(page.object_list))),
        method=method,
        query=f"method={method}" if method else "",
        **describe_course(found),
    )


@tokens_page
@require_safe
def course_payments_csv(request: HttpRequest, item_key: str) -> HttpResponse:
    """All of them, sent as they are read."""
    found = _find(request, item_key)
    payments = checkout_queries.iterate_payments(found.item, method=_read_method(request, found))
    return send_csv(write_rows(payments), slugify(f"{item_key}-payments") or "payments")


@tokens_page
@require_safe
def course_orders(request: HttpRequest, item_key: str) -> HttpResponse:
    """The orders of codes for this course, the newest first, 50 a page."""
    found = _find(request, item_key)
    rows = checkout_queries.list_course_orders(found.item)
    page = get_page(request, rows, PAGE)
    orders = list(page.object_list)
    counts = order_queries.count_orders(orders, now=timezone.now())
    lines = [
        {"order": order, "buyer": host.get_full_name(order.buyer), "counts": counts[order.pk]}
        for order in orders
    ]
    return render_page(
        request, "course_payments/orders.html", page=page, lines=lines, **describe_course(found)
    )


def _find(request: HttpRequest, item_key: str) -> checkout_queries.CoursePayments:
    """Raises Http404 also for who may not see them."""
    if not host.may_manage(get_user(request), item_key):
        raise Http404
    found = checkout_queries.find_course_payments(item_key)
    if found is None:
        raise Http404
    return found


def _read_method(request: HttpRequest, found: checkout_queries.CoursePayments) -> str:
    """One of the methods that paid for it; anything else shows all."""
    method = request.GET.get("method", "")
    return method if method in found.counts else ""
