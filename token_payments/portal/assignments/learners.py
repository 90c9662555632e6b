"""Who has which token: the list, a search in it, and all of it as a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from token_payments.assignments import queries as assignment_queries
from token_payments.errors import InvalidTransition
from token_payments.models import TokenOrder
from token_payments.portal.assignments.forms import SearchForm
from token_payments.portal.assignments.paging import get_page
from token_payments.portal.assignments.rows import describe, write_lines
from token_payments.portal.assignments.texts import DONE, REFUSED
from token_payments.portal.order_page.access import Access, codes_page, order_url, render_order
from token_payments.portal.pages import go_and_tell
from token_payments.presenters.csv_files import send_csv
from token_payments.presenters.refusals import Audience, describe_refusal

TAB = "order_learners"


@codes_page
def learners(request: HttpRequest, access: Access) -> HttpResponse:
    """The assignments, 50 a page. A search is posted, so that no log has whom it was for."""
    order, now = access.order, timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    form = SearchForm(data if request.method == "POST" else {"show": data.get("show", "")})
    asked = form.get_filter()
    page = get_page(assignment_queries.list_assignments(order, **asked), data)
    context = {
        "form": form,
        "asked": asked,
        "is_filtered": bool(asked["show"] or asked["text"]),
        "page": page,
        "lines": describe(page.rows, now),
        "obstacle": find_obstacle(order),
        "left": "",
        "is_limited": False,
    }
    if not context["obstacle"]:
        context |= count_left(order)
    return render_order(request, access, "assignments/learners.html", tab=TAB, **context)


@codes_page
@require_safe
def learners_csv(request: HttpRequest, access: Access) -> HttpResponse:
    """Everybody that the filter leaves, sent as it is read. There are no codes in it."""
    order, now = access.order, timezone.now()
    show = SearchForm({"show": request.GET.get("show", "")}).get_filter()["show"]
    pages = assignment_queries.iterate_assignments(
        assignment_queries.list_assignments(order, show=show)
    )
    return send_csv(write_lines(order, pages, now), f"{order.number}-learners")


def find_obstacle(order: TokenOrder) -> Any:
    """Why no token of the order can be given now; empty when one can."""
    try:
        assignment_queries.check_givable(order, timezone.now())
    except InvalidTransition as error:
        return describe_refusal(error, audience=Audience.CUSTOMER).text
    return ""


def count_left(order: TokenOrder) -> dict[str, Any]:
    """How many tokens can still be given: ``left``, or "more than" ``left`` when ``is_limited``."""
    left = assignment_queries.count_unassigned(order)
    limit = assignment_queries.MAX_RECIPIENTS
    return {"left": min(left, limit), "is_limited": left > limit}


def go_to_learners(request: HttpRequest, order: TokenOrder, done: str) -> HttpResponse:
    """Lead to the list, which tells what was done: a word of texts.DONE."""
    level = messages.WARNING if done in REFUSED else messages.SUCCESS
    return go_and_tell(request, order_url(order, TAB), DONE[done], level=level)
