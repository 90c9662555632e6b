"""Access to an order's pages, and the common part of these pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from token_payments.assignments import queries as assignment_queries
from token_payments.hosts.people import get_user
from token_payments.models import TokenOrder
from token_payments.portal.pages import render_page
from token_payments.portal.refusals import View
from token_payments.portal.tokens.access import tokens_page

Access = assignment_queries.OrderAccess
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


def _open_to(may_open: Callable[[Access], bool]) -> Callable[[OrderView], View]:
    """A page of an order: the view gets ``access`` in the place of ``order_id``.

    404 for those who may not open it, as for an order that isn't there.
    """

    def decorate(view: OrderView) -> View:
        @tokens_page
        @wraps(view)
        def page(request: HttpRequest, *, order_id: int, **arguments: Any) -> HttpResponse:
            access = assignment_queries.find_access(get_user(request), order_id)
            if access is None or not may_open(access):
                raise Http404
            return view(request, access, **arguments)

        return page

    return decorate


order_page = _open_to(lambda _access: True)
#: For the order's owners alone: 404 for delegates, too.
owner_page = _open_to(lambda access: access.is_owner)
#: About an order's codes, which an order of wallet tokens doesn't have.
codes_page = _open_to(lambda access: not access.order.is_for_wallet)


def render_order(
    request: HttpRequest, access: Access, template: str, *, tab: str, **context: Any
) -> HttpResponse:
    """A page in its order's frame; ``tab`` is the part of the order that it shows."""
    return render_page(
        request,
        template,
        order=access.order,
        is_owner=access.is_owner,
        tabs=list_tabs(access, tab),
        **context,
    )


def list_tabs(access: Access, current: str) -> list[dict[str, Any]]:
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
