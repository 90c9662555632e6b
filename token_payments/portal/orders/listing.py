"""The orders that the visitor looks after: all of them, or those of one account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.assignments import queries as assignment_queries
from token_payments.hosts.people import get_user
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.portal.order_page.access import order_url
from token_payments.portal.orders.cards import make_cards
from token_payments.portal.pages import get_page, render_page, tell, write_query
from token_payments.portal.tokens.access import get_managed, tokens_page
from token_payments.portal.tokens.forms import PageForm
from token_payments.presenters.code_lines import find_code

PAGE = 20  # orders


class OrderFilterForm(PageForm):
    """Which orders to show."""

    text = forms.CharField(
        label=_("Search for a number, a course or an account"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All")), *OrderStatus.choices],
    )

    def get_filter(self) -> dict[str, str]:
        """The valid part of the filter."""
        self.tie_errors()
        valid: dict[str, str] = getattr(self, "cleaned_data", {})
        return {name: valid.get(name, "") for name in self.fields}


@tokens_page
def orders(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first."""
    return _show(request, assignment_queries.list_orders_of(get_user(request)))


@tokens_page
def account_orders(request: HttpRequest, account_id: int) -> HttpResponse:
    """Those of an account, for its managers."""
    account = get_managed(request, account_id).account
    mine = assignment_queries.list_orders_of(get_user(request)).filter(account=account)
    return _show(request, mine, account=account)


def _show(request: HttpRequest, mine: QuerySet[TokenOrder], **context: Any) -> HttpResponse:
    if request.method == "POST":
        return _search(request, mine)
    form = OrderFilterForm(request.GET)
    found = order_queries.filter_orders(mine, **form.get_filter())
    # their keys alone: each order may be there for several reasons, and is told apart by its key
    page = get_page(request, found.values_list("pk", flat=True), PAGE)
    return render_page(
        request,
        "orders/list.html",
        form=form,
        is_filtered=any(request.GET.get(name) for name in form.fields),
        page=page,
        cards=make_cards(page.object_list, user_id=request.user.pk),
        query=write_query(request),
        **context,
    )


def _search(request: HttpRequest, mine: QuerySet[TokenOrder]) -> HttpResponse:
    """Where a search is posted to: it becomes the list's query, a code never does.

    A code of the visitor's orders leads to its token; any other one is as good as none.
    """
    form = OrderFilterForm(request.POST)
    asked = form.get_filter()
    text = asked["text"]
    code = find_code(text)
    order = mine.filter(pk=code.order_id).first() if code else None
    if code is not None and order is not None:
        return redirect(f"{order_url(order, 'order_tokens')}?q=%23{code.serial}")
    if code or (
        order_queries.looks_like_code(text)
        and not order_queries.filter_orders(mine, text=text).exists()
    ):
        text = gettext("None of these orders has this token code. Check it for typing errors.")
        tell(request, text, level=messages.WARNING)
        asked = {"status": asked["status"]}
    query = urlencode({name: value for name, value in asked.items() if value})
    return redirect(f"{request.path}?{query}" if query else request.path)
