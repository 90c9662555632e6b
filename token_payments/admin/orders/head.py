"""What stands above every page of an order: its status, what can be done, figures and tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from token_payments.admin import pages
from token_payments.admin.orders.columns import write_status
from token_payments.admin.pages import may_act, page_url
from token_payments.hosts import host, list_name_relations
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import OrderKind, OrderStatus, TokenOrder
from token_payments.orders import queries as order_queries


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_current: bool = False


def render_page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    order: TokenOrder,
    template: str,
    *,
    page: str,
    **context: Any,
) -> HttpResponse:
    """One of the order's pages; ``page`` is its tab, or "" for a confirmation."""
    return pages.render_page(
        model_admin,
        request,
        template,
        folder="tokenorder",
        title=gettext("Token Order %(number)s") % {"number": order.number},
        original=order,
        **{**describe_order(model_admin, request, order, page=page), **context},
    )


def describe_order(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder, *, page: str
) -> dict[str, Any]:
    """The context of ``head.html``: four queries at most, however many tokens there are."""
    counts = order_queries.count_order(order, now=timezone.now())
    acting = may_act(model_admin, request)
    may_use_rest = acting and order.status == OrderStatus.PROCESSED and counts.available > 0
    return {
        "order": order,
        "buyer_name": host.get_full_name(order.buyer),
        "badge": write_status(order),
        "counts": counts,
        "figures": _list_figures(order, counts),
        "total": format_money(order.total, order.currency),
        "unit_price": format_money(order.unit_price, order.currency),
        "tabs": _list_tabs(order, page),
        "changes": _list_changes(order) if acting else [],
        "may_mail_codes": may_use_rest and not order.is_for_wallet,
        "may_cancel_tokens": may_use_rest,
        "may_act": acting,
        "wish": _find_wish(order),
        "is_processing": order.status == OrderStatus.PROCESSING,
    }


def _find_wish(order: TokenOrder) -> dict[str, Any] | None:
    """What a buyer asked to have cancelled and nobody has answered yet."""
    if order.status != OrderStatus.PROCESSED:
        return None
    wishes = order.cancellation_requests.filter(answered_at__isnull=True)
    row = wishes.select_related(*list_name_relations("actor")).first()
    return {"row": row, "name": host.get_full_name(row.actor)} if row else None


def list_kinds(kind: OrderKind) -> list[Link]:
    """The forms of a new order: what may be ordered, and which of it is being ordered."""
    url = reverse("admin:token_payments_tokenorder_add")
    labels = {
        OrderKind.CODES: gettext("Token Codes for a course"),
        OrderKind.WALLET: gettext("Wallet tokens for an account"),
    }
    return [Link(text, f"{url}?kind={name}", name == kind) for name, text in labels.items()]


def _list_figures(order: TokenOrder, counts: order_queries.OrderCounts) -> list[tuple[str, str]]:
    if order.is_for_wallet:
        used, expired = gettext("Spent"), [(gettext("Expired"), counts.expired)]
        if counts.transferred:
            expired.append((gettext("Transferred"), counts.transferred))
    else:
        used, expired = gettext("Redeemed"), []
    numbers = [
        (gettext("Ordered"), order.quantity),
        (gettext("Available"), counts.available),
        (used, counts.redeemed),
        (gettext("Cancelled"), counts.cancelled),
        *expired,
    ]
    figures = [(label, format_number(number)) for label, number in numbers]
    return [*figures, (gettext("Total"), format_money(order.total, order.currency))]


def _list_tabs(order: TokenOrder, page: str) -> list[Link]:
    labels = {
        "change": gettext("Details"),
        "tokens": gettext("Tokens"),
        "cancellations": gettext("Token Cancellations / Refunds"),
        "invoice": gettext("Invoice"),
        "helpers": gettext("Helpers"),
        "log": gettext("Log"),
    }
    if order.is_for_wallet:
        del labels["tokens"]
    return [Link(label, page_url(order, name), name == page) for name, label in labels.items()]


def _list_changes(order: TokenOrder) -> list[Link]:
    """The *Change* menu next to the status."""
    changes = []
    if order.status == OrderStatus.REQUESTED:
        changes.append(Link(gettext("Finish Processing"), page_url(order, "finish_processing")))
        changes.append(Link(gettext("Decline"), page_url(order, "decline")))
    if order.status != OrderStatus.CANCELLED:
        changes.append(Link(gettext("Cancel"), page_url(order, "cancel")))
    return changes
