"""The token orders of an account, for its managers: what was ordered, paid and is left of it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from token_payments import api, conf
from token_payments.models import Account, TokenOrder
from token_payments.portal.tokens.access import find_managed, tokens_page

PAGE = 20  # orders


@tokens_page
@require_safe
def account_orders(request: HttpRequest, account_id: int) -> HttpResponse:
    """Every order of tokens for the account, the newest first."""
    account = find_managed(request, account_id).account
    page = Paginator(_list_orders(account), PAGE).get_page(request.GET.get("page"))
    counts = api.count_orders(page, now=timezone.now())
    context = {
        "base_template": conf.base_template(),
        "account": account,
        "orders": [_describe(order, counts[order.pk]) for order in page],
        "page": page,
    }
    return render(request, "token_payments/tokens/orders.html", context)


def _list_orders(account: Account) -> Any:
    orders = TokenOrder.objects.filter(account=account).select_related("account", "token_type")
    return orders.annotate(refunded=Sum("cancellations__refund_amount")).order_by("-id")


def _describe(order: Any, counts: api.OrderCounts) -> dict[str, Any]:
    return {"order": order, "counts": counts, "refunded": order.refunded or 0}
