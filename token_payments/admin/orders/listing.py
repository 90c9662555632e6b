"""The list of orders: its filter, its search, and the figures of one page in one query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from token_payments.admin.filters import ListFilter
from token_payments.admin.pages import go_to
from token_payments.l10n.formats import format_number
from token_payments.models import OrderKind, OrderStatus, TokenCode
from token_payments.orders import queries as order_queries
from token_payments.presenters.code_lines import find_code

#: Beside the states of orders: those of which a buyer asked to have tokens cancelled.
ASKED = "cancellation_requested"


class StatusFilter(ListFilter):
    """States that somebody waits for come first, each with its number."""

    title = _("status")
    parameter_name = "status"
    known = (*OrderStatus.values, ASKED)

    def list_options(self, request: HttpRequest) -> Iterable[tuple[str, Any]]:
        waiting = order_queries.count_outstanding()
        return [
            (OrderStatus.REQUESTED, _count(gettext("Requested"), waiting.requested)),
            (
                ASKED,
                _count(gettext("Cancellation requests"), waiting.cancellation_requests),
            ),
            (OrderStatus.PROCESSING, _count(gettext("Processing"), waiting.processing)),
            (OrderStatus.PROCESSED, _("Processed")),
            (OrderStatus.CANCELLED, pgettext_lazy("order", "Cancelled")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == ASKED:
            return order_queries.filter_cancellation_requested(queryset)
        return super().queryset(request, queryset)

    def get_condition(self, value: str) -> Q:
        return Q(status=value) if value in OrderStatus.values else Q()


def _count(label: str, number: int) -> str:
    return gettext("%(label)s (%(count)s)") % {"label": label, "count": format_number(number)}


class KindFilter(ListFilter):
    """The status, which stands beside it, has an *All* as well."""

    title = _("kind")
    parameter_name = "kind"
    options: ClassVar[Any] = {value: (label, Q(kind=value)) for value, label in OrderKind.choices}
    all_label = _("Both kinds")


def answer_code(request: HttpRequest, code: TokenCode) -> HttpResponseRedirect:
    """Go to the order of a code that was looked for, and say what became of the code."""
    messages.info(
        request,
        gettext("The code …%(ending)s is token no. %(serial)d of this order: %(status)s.")
        % {
            "serial": code.serial,
            "ending": code.last_four,
            "status": code.get_status_display().lower(),
        },
    )
    return go_to(code.order)


def search(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Where the search box is posted to, so that a code doesn't end up in logs of addresses.

    A whole code leads to its order. Anything else becomes the list's ``?q=``, beside the filters
    that the form carries along.
    """
    text = request.POST.get(SEARCH_VAR, "").replace("\0", "").strip()
    code = find_code(text)
    if code is not None:
        return answer_code(request, code)
    target = QueryDict(mutable=True)
    for chosen, known in ((StatusFilter, StatusFilter.known), (KindFilter, OrderKind.values)):
        value = request.POST.get(chosen.parameter_name)
        if value and value in known:
            target[chosen.parameter_name] = value
    if order_queries.looks_like_code(text) and not _finds_anything(model_admin, request, text):
        messages.warning(
            request,
            gettext("No order has this Token Code. Check it for typing errors and try again."),
        )
    elif text:
        target[SEARCH_VAR] = text
    list_url = reverse("admin:token_payments_tokenorder_changelist")
    return HttpResponseRedirect(f"{list_url}?{target.urlencode()}")


def _finds_anything(model_admin: admin.ModelAdmin, request: HttpRequest, text: str) -> bool:
    """Whether this is an invoice number, or the like, that only looks like a code."""
    orders = model_admin.get_queryset(request)
    return bool(model_admin.get_search_results(request, orders, text)[0].exists())
