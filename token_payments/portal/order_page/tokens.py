"""The tokens of an order: masked, a page at a time."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from token_payments.checkout import queries as checkout_queries
from token_payments.portal.order_page import code_pages
from token_payments.portal.order_page.access import Access, codes_page
from token_payments.portal.pages import go_and_tell


@codes_page
@require_safe
def tokens(request: HttpRequest, access: Access) -> HttpResponse:
    return code_pages.render_tokens(
        request, access, code_pages.read_choice(request).find(access.order)
    )


@codes_page
@require_POST
def search_tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """Where the search box is sent to: codes and people become serial numbers in the address."""
    order = access.order
    status = code_pages.read_status(request.POST.get("status", ""))
    text = checkout_queries.read_search(
        order, request.POST.get("q", "").replace("\0", ""), status=status
    )
    if text is None:
        address = code_pages.tokens_url(order, status=status)
        return go_and_tell(
            request, address, code_pages.PROBLEMS["no_such_code"], level=messages.ERROR
        )
    return redirect(code_pages.tokens_url(order, status=status, q=text))
