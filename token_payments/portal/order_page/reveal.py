"""Codes in full, on the page or for the clipboard: whoever gets them is in the log before.

Scripts ask for JSON; without them the same forms are answered with pages.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from token_payments.assignments import queries as assignment_queries
from token_payments.db.numbers import read_number
from token_payments.errors import ConfigurationError
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_number
from token_payments.models import TokenCode, TokenOrder, TokenOrderAction
from token_payments.orders import operations as order_operations
from token_payments.portal.order_page import code_pages
from token_payments.portal.order_page.access import Access, codes_page, render_order

COPIED_AT_ONCE = 2000  # codes; more are a file


@codes_page
def reveal_tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """The page's codes in full, or those of the one token that ``serial`` names. By POST only."""
    if request.method != "POST":
        return redirect(code_pages.tokens_url(access.order, request.GET.urlencode()))
    page = code_pages.find_page(request, access.order)
    rows = list(page.codes) if "serial" not in request.POST else [_get_row(request, access.order)]
    try:
        written = order_operations.reveal_codes(
            access.order, rows, actor=get_user(request), now=timezone.now()
        )
    except ConfigurationError:
        return _refuse(request, access, str(code_pages.PROBLEMS["no_key"]), status=503)
    if not _wants_json(request):
        return code_pages.render_tokens(request, access, page, written=written)
    text = ngettext("%(count)s code is shown.", "%(count)s codes are shown.", len(written))
    message = text % {"count": format_number(len(written))}
    return JsonResponse({"codes": written, "message": message})


@codes_page
def copy_tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """The available codes that are nobody's, or the one that ``serial`` names. By POST only."""
    order = access.order
    if request.method != "POST":
        return redirect(code_pages.tokens_url(order, request.GET.urlencode()))
    actor, now, action = get_user(request), timezone.now(), TokenOrderAction.CODES_COPIED
    try:
        if "serial" in request.POST:
            rows = [_get_row(request, order)]
            written = list(
                order_operations.reveal_codes(
                    order, rows, actor=actor, now=now, action=action
                ).values()
            )
        else:
            free = assignment_queries.list_unassigned(order)
            if problem := _find_obstacle(free[: COPIED_AT_ONCE + 1].count()):
                return _refuse(request, access, problem, status=409)
            given = order_operations.hand_out_codes(
                order, actor=actor, now=now, codes=free, action=action
            )
            written = [text for _, text in given]
    except ConfigurationError:
        return _refuse(request, access, str(code_pages.PROBLEMS["no_key"]), status=503)
    if _wants_json(request):
        text = ngettext("Copied %(count)s code.", "Copied %(count)s codes.", len(written))
        message = text % {"count": format_number(len(written))}
        return JsonResponse({"text": "\n".join(written), "message": message})
    return render_order(
        request, access, "order_page/tokens_copy.html", tab="order_tokens", written=written
    )


def _find_obstacle(free: int) -> str:
    if not free:
        return gettext(
            "No token is both available and nobody's. Tokens that are assigned to somebody can be "
            "copied one by one."
        )
    if free > COPIED_AT_ONCE:
        text = gettext(
            "More than %(limit)s tokens are available: that is too many to copy at once. Download "
            "them as CSV."
        )
        return text % {"limit": format_number(COPIED_AT_ONCE)}
    return ""


def _get_row(request: HttpRequest, order: TokenOrder) -> TokenCode:
    """The token that the form names. Raises Http404, also for another order's."""
    serial = read_number(request.POST["serial"])
    row = order.codes.filter(serial=serial).first() if serial is not None else None
    if row is None:
        raise Http404
    return row


def _refuse(request: HttpRequest, access: Access, problem: str, *, status: int) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"message": problem}, status=status)
    return code_pages.refuse_tokens(request, access, problem, status=status)


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
