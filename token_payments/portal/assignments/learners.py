"""The learners and their tokens: the list, a search in it, and all of it as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from token_payments.assignments import queries as assignment_queries
from token_payments.errors import IdempotencyConflict, InvalidTransition, ListChanged
from token_payments.models import CodeAssignment, TokenOrder
from token_payments.portal.assignments.forms import SearchForm
from token_payments.portal.assignments.rows import describe, write_lines
from token_payments.portal.order_page.access import Access, codes_page, order_url, render_order
from token_payments.portal.pages import go_and_tell
from token_payments.portal.tokens.forms import read_ids
from token_payments.presenters.csv_files import send_csv
from token_payments.presenters.refusals import Audience, describe_refusal, get_texts

TAB = "order_learners"
SIZE = 50  # learners

#: What was done.
DONE: dict[str, Any] = {
    "taken_back": _(
        "The token was taken back: the old code doesn't work any more, and a new one can be given "
        "to somebody else. The learner was not told."
    ),
    "queued": _("The mail is being sent again."),
    "not_queued": _("This mail isn't one that failed: it was sent, or is being sent now."),
    "nobody": _("Nobody needs reminding: whoever hasn't used a token was mailed in the last day."),
    "redeemed": get_texts(InvalidTransition, Audience.CUSTOMER, reason="token").text,
    "ended": get_texts(InvalidTransition, Audience.CUSTOMER, reason="ended").text,
    "conflict": get_texts(IdempotencyConflict, Audience.CUSTOMER).text,
    "not_givable": get_texts(InvalidTransition, Audience.CUSTOMER, reason="tokens").text,
    "expired_form": _("The list couldn't be read from the page. Nothing was sent. Start again."),
}
REFUSED = ("not_queued", "nobody", "redeemed", "ended", "conflict", "not_givable", "expired_form")

LIST_CHANGED = get_texts(ListChanged, Audience.CUSTOMER).text


@dataclass(frozen=True)
class AssignmentPage:
    """Some assignments, the newest first; ``newer`` and ``older`` lead to the pages beside it."""

    rows: list[CodeAssignment]
    newer: int | None
    older: int | None


def _get_page(assignments: QuerySet[CodeAssignment], data: Mapping[str, str]) -> AssignmentPage:
    """The page after (older than) or before (newer than) the id that ``data`` names, or the first.

    In one query. ``assignments`` are the newest first.
    """
    after, before = _read_id(data, "after"), _read_id(data, "before")
    if before is not None:
        found = list(assignments.filter(pk__gt=before).reverse()[: SIZE + 1])
        rows = found[:SIZE][::-1]
        more_newer, more_older = len(found) > SIZE, bool(rows)
    else:
        older = assignments if after is None else assignments.filter(pk__lt=after)
        found = list(older[: SIZE + 1])
        rows = found[:SIZE]
        more_newer, more_older = after is not None, len(found) > SIZE
    return AssignmentPage(
        rows,
        newer=rows[0].pk if rows and more_newer else None,
        older=rows[-1].pk if rows and more_older else None,
    )


def _read_id(data: Mapping[str, str], name: str) -> int | None:
    ids = read_ids([data.get(name, "")])
    return ids[0] if ids else None


@codes_page
def learners(request: HttpRequest, access: Access) -> HttpResponse:
    """The assignments, 50 a page. A search is posted, so that no log has whom it was for."""
    order, now = access.order, timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    form = SearchForm(data if request.method == "POST" else {"show": data.get("show", "")})
    asked = form.get_filter()
    page = _get_page(assignment_queries.list_assignments(order, **asked), data)
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
