"""Who may open which page of an order, and what all of these pages show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.assignments import queries as assignment_queries
from token_payments.models import TokenOrder
from token_payments.portal.refusals import View
from token_payments.portal.tokens.access import MAX_ID, tokens_page

OrderView = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Tab:
    """One part of an order: its address's name, and its label."""

    name: str
    label: Any
    for_owners: bool = False
    for_wallets: bool = True


TABS = (
    Tab("order", _("Overview")),
    Tab("order_tokens", _("Tokens"), for_wallets=False),
    Tab("order_learners", _("Learners"), for_wallets=False),
    Tab("order_people", _("Helpers"), for_owners=True),
    Tab("order_cancel", _("Cancel"), for_owners=True),
    Tab("order_invoice", _("Invoice"), for_owners=True),
    Tab("order_log", _("Log")),
)


def order_page(view: OrderView) -> View:
    """A page of an order: the view gets ``access`` in the place of ``order_id``.

    404 for strangers as for an order that isn't there.
    """

    @tokens_page
    @wraps(view)
    def page(request: HttpRequest, *, order_id: int, **arguments: Any) -> HttpResponse:
        access = (
            assignment_queries.find_access(request.user, order_id) if order_id <= MAX_ID else None
        )
        if access is None:
            raise Http404
        return view(request, access, **arguments)

    return page


def owner_page(view: OrderView) -> View:
    """A page of an order for its owners alone: 404 for delegates, too."""

    @order_page
    @wraps(view)
    def page(
        request: HttpRequest, access: assignment_queries.OrderAccess, **arguments: Any
    ) -> HttpResponse:
        if not access.is_owner:
            raise Http404
        return view(request, access, **arguments)

    return page


def render_order(
    request: HttpRequest,
    access: assignment_queries.OrderAccess,
    template: str,
    *,
    tab: str,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page in its order's frame: ``template`` below ``token_payments/``, ``tab`` its part."""
    shared = {
        "base_template": conf.base_template(),
        "order": access.order,
        "is_owner": access.is_owner,
        "tabs": list_tabs(access, tab),
    }
    return render(request, f"token_payments/{template}", shared | context, status=status)


def list_tabs(access: assignment_queries.OrderAccess, current: str) -> list[dict[str, Any]]:
    """The parts of the order that this visitor may open."""
    return [
        {
            "label": tab.label,
            "url": order_url(access.order, tab.name),
            "is_current": tab.name == current,
        }
        for tab in TABS
        if (access.is_owner or not tab.for_owners)
        and (tab.for_wallets or not access.order.is_for_wallet)
    ]


def order_url(order: TokenOrder, name: str, **arguments: Any) -> str:
    """The address of one of the order's pages."""
    return reverse(f"token_payments:{name}", kwargs={"order_id": order.pk, **arguments})
