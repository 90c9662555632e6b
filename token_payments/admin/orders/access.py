"""Who may open which page of an order, and the address of each page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from token_payments import conf
from token_payments.admin.people import list_name_relations
from token_payments.models import TokenOrder

#: A page of an order: gets the admin, the request and the order.
OrderView = Callable[[admin.ModelAdmin, HttpRequest, TokenOrder], HttpResponseBase]


def may_act(model_admin: admin.ModelAdmin, request: HttpRequest) -> bool:
    """Whether the user may process, cancel, reveal, download and mail. Off: nobody may."""
    return conf.is_enabled() and may_change_orders(model_admin, request)


def may_change_orders(model_admin: admin.ModelAdmin, request: HttpRequest) -> bool:
    """Django's permission alone, in whatever state an order is."""
    return admin.ModelAdmin.has_change_permission(model_admin, request)


def order_url(order: TokenOrder, page: str = "change") -> str:
    return reverse(f"admin:token_payments_tokenorder_{page}", args=[order.pk])


def viewing(
    model_admin: admin.ModelAdmin, page: str, view: OrderView, *, of_codes: bool = False
) -> URLPattern:
    """The address of a page for all who may see orders; ``of_codes``: of code orders only."""

    def check(request: HttpRequest, order: TokenOrder) -> HttpResponseBase | None:
        if not model_admin.has_view_permission(request, order):
            raise PermissionDenied
        return None

    return _page(model_admin, page, view, check, of_codes)


def acting(
    model_admin: admin.ModelAdmin, page: str, view: OrderView, *, of_codes: bool = False
) -> URLPattern:
    """The address of a page for those who may change orders, while the plugin is on.

    ``of_codes``: a page that an order of wallet tokens doesn't have.
    """

    def check(request: HttpRequest, order: TokenOrder) -> HttpResponseBase | None:
        if not may_change_orders(model_admin, request):
            raise PermissionDenied
        if not conf.is_enabled():
            messages.error(request, explain_switched_off())
            return HttpResponseRedirect(order_url(order))
        return None

    return _page(model_admin, page, view, check, of_codes)


def explain_switched_off() -> str:
    return gettext(
        "Token payments are switched off for this site: orders can be looked at, but nothing can "
        "be done with them."
    )


def find_order(model_admin: admin.ModelAdmin, request: HttpRequest, order_id: int) -> TokenOrder:
    """The order with all that it refers to. Raises Http404."""
    orders = model_admin.get_queryset(request).select_related("issue", *list_relations())
    order: TokenOrder | None = orders.filter(pk=order_id).first()
    if order is None:
        raise Http404(gettext("There is no such token order."))
    return order


def list_relations() -> list[str]:
    """What to ``select_related`` so that naming an order's subject and buyer takes no query."""
    return ["item", "account", "token_type", *list_name_relations("buyer")]


def _page(
    model_admin: admin.ModelAdmin,
    page: str,
    view: OrderView,
    check: Callable[[HttpRequest, TokenOrder], HttpResponseBase | None],
    of_codes: bool,
) -> URLPattern:
    @sensitive_post_parameters()
    @wraps(view)
    def serve(request: HttpRequest, order_id: int) -> HttpResponseBase:
        order = find_order(model_admin, request, order_id)
        refusal = check(request, order)
        if refusal is None and of_codes and order.is_for_wallet:
            raise Http404(gettext("An order of wallet tokens has no Token Codes."))
        return refusal or view(model_admin, request, order)

    address: Any = model_admin.admin_site.admin_view(serve)
    route = f"<int:order_id>/{page.replace('_', '-')}/"
    pattern: URLPattern = path(route, address, name=f"token_payments_tokenorder_{page}")
    return pattern
