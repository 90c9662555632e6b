"""The tokens of an order: masked, a page at a time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from token_payments.assignments import queries as assignment_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.portal.order_page.code_pages import (
    codes_page,
    read_choice,
    read_status,
    render_tokens,
    tokens_url,
)


@codes_page
@require_safe
def tokens(request: HttpRequest, access: assignment_queries.OrderAccess) -> HttpResponse:
    return render_tokens(request, access, read_choice(request).find(access.order))


@codes_page
@require_POST
def search_tokens(request: HttpRequest, access: assignment_queries.OrderAccess) -> HttpResponse:
    """Where the search box is sent to: codes and people become serial numbers in the address."""
    order = access.order
    status = read_status(request.POST.get("status", ""))
    text = checkout_queries.read_search(
        order, request.POST.get("q", "").replace("\0", ""), status=status
    )
    if text is None:
        return redirect(tokens_url(order, status=status, problem="no_such_code"))
    return redirect(tokens_url(order, status=status, q=text))
