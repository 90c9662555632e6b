"""The orders that the visitor looks after: all of them, or those of one account."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from token_payments import api, conf
from token_payments.models import TokenOrder
from token_payments.portal.orders.cards import make_cards
from token_payments.portal.orders.filters import OrderFilterForm
from token_payments.portal.tokens.access import find_managed, tokens_page

PAGE = 20  # orders


@tokens_page
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first."""
    return _show(request, api.list_orders_of(request.user))


@tokens_page
@require_safe
def account_orders(request: HttpRequest, account_id: int) -> HttpResponse:
    """Those of an account, for its managers."""
    account = find_managed(request, account_id).account
    mine = api.list_orders_of(request.user).filter(account=account)
    return _show(request, mine, account=account)


def _show(request: HttpRequest, mine: QuerySet[TokenOrder], **context: Any) -> HttpResponse:
    form = OrderFilterForm(request.GET)
    found = api.filter_orders(mine, **form.get_filter())
    # their keys alone: each order may be there for several reasons, and is told apart by its key
    page = Paginator(found.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context |= {
        "base_template": conf.base_template(),
        "form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "page": page,
        "cards": make_cards(page.object_list, user_id=request.user.pk),
        "query": query.urlencode(),
    }
    return render(request, "token_payments/orders/list.html", context)
