"""The tokens of an order, masked, a page at a time; what the pages about its codes share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from token_payments.assignments import queries as assignment_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import ConfigurationError
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.access import Access, codes_page, order_url, render_order
from token_payments.portal.pages import tell
from token_payments.presenters.code_lines import STATUSES, describe_codes, read_choice, read_search
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, get_texts

PAGE = 50  # codes
LAST = 999_999_999  # no serial number is higher

#: What can't be done, and what to do.
PROBLEMS: dict[str, Any] = {
    "no_address": _(
        "There is no e-mail address in your account on this site. Add one to your profile, or "
        "download the list as CSV."
    ),
    "none_available": _(
        "Every token of this order is redeemed, cancelled or assigned to a learner, so nothing was "
        "sent."
    ),
    "no_such_code": _(
        "This order has no such token code. Check it for typing errors, or search for its last "
        "four characters."
    ),
    "no_key": get_texts(ConfigurationError, Audience.CUSTOMER, about="code").text,
}


def find_page(request: HttpRequest, order: TokenOrder) -> checkout_queries.CodePage:
    """The codes that the address means."""
    return read_choice(request.GET).get_page(order, PAGE)


def tokens_url(order: TokenOrder, query: str = "") -> str:
    """The address of the list, with its query."""
    return order_url(order, "order_tokens") + (f"?{query}" if query else "")


def render_tokens(
    request: HttpRequest,
    access: Access,
    page: checkout_queries.CodePage,
    *,
    written: dict[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The list; ``written`` has the codes that it shows in full."""
    order, now = access.order, timezone.now()
    counts = order_queries.count_order(order, now=now)
    return render_order(
        request,
        access,
        "order_page/tokens.html",
        tab="order_tokens",
        status=status,
        counts=counts,
        left=assignment_queries.count_cancellable(order, now=now) if counts.available else None,
        lines=describe_codes(order, page.codes, written),
        token_page=page,
        last_serial=LAST,
        choice=read_choice(request.GET),
        address=request.GET.urlencode(),
        statuses=STATUSES,
        is_revealed=bool(written),
        may_give=order.status == OrderStatus.PROCESSED and counts.available > 0,
        is_over=bool(order.redeem_by and order.redeem_by <= now),
        once=OnceForm(),
    )


def refuse_tokens(
    request: HttpRequest, access: Access, problem: Any, *, status: int
) -> HttpResponse:
    """The list, and above it why what was asked for isn't done."""
    tell(request, problem, level=messages.ERROR)
    return render_tokens(request, access, find_page(request, access.order), status=status)


@codes_page
@require_safe
def tokens(request: HttpRequest, access: Access) -> HttpResponse:
    return render_tokens(request, access, find_page(request, access.order))


@codes_page
@require_POST
def search_tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """Where the search box is sent to: codes and people become serial numbers in the address."""
    choice, is_known = read_search(access.order, request.POST)
    if not is_known:
        tell(request, PROBLEMS["no_such_code"], level=messages.ERROR)
    return redirect(tokens_url(access.order, choice.filter_query))
