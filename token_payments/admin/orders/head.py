"""The head of every page of an order: its status, what can be done, figures and tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from token_payments.admin import pages
from token_payments.admin.orders.columns import write_status
from token_payments.admin.orders.messages import explain
from token_payments.admin.pages import may_act, page_url
from token_payments.errors import TokenPaymentsError
from token_payments.hosts import host
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import CancellationRequest, OrderKind, OrderStatus, TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.presenters.cancellations import list_requests, name_field

ROWS = 100  # of a page


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class OrderVisit:
    """A request to a page of one order, by somebody who may open it."""

    model_admin: admin.ModelAdmin
    request: HttpRequest
    order: TokenOrder

    @property
    def is_sent(self) -> bool:
        return self.request.method == "POST"

    @property
    def data(self) -> QueryDict | None:
        """The data of a form: None before it was sent."""
        return self.request.POST if self.is_sent else None

    @property
    def by(self) -> dict[str, Any]:
        """The actor and the time, as operations take them."""
        return {"actor": self.request.user, "now": timezone.now()}

    def get_page(self, rows: Any, name: str = "page") -> Page[Any]:
        """The page of the rows that the address names, or the nearest one."""
        return Paginator(rows, ROWS).get_page(self.request.GET.get(name))

    def render(self, template: str, *, tab: str = "", **context: Any) -> HttpResponse:
        """One of the order's pages; a confirmation stands at no tab."""
        return pages.render_page(
            self.model_admin,
            self.request,
            template,
            folder="tokenorder",
            title=gettext("Token Order %(number)s") % {"number": self.order.number},
            original=self.order,
            **{**describe_order(self.model_admin, self.request, self.order, page=tab), **context},
        )

    def go_and_tell(
        self, text: Any, page: str = "change", *, level: int = messages.SUCCESS
    ) -> HttpResponse:
        """Lead to one of the order's pages, where ``text`` is told."""
        messages.add_message(self.request, level, text)
        return pages.go_to(self.order, page)

    def refuse(self, error: TokenPaymentsError, page: str = "change") -> HttpResponse:
        """Lead to one of the order's pages, where it is told why something wasn't done."""
        return self.go_and_tell(explain(error, self.order), page, level=messages.ERROR)

    def tell(self, form: forms.Form, error: TokenPaymentsError) -> None:
        """Have a form say why what it asks for wasn't done."""
        form.add_error(name_field(form, error), explain(error, self.order))


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
        "asked": _find_request(order),
        "is_processing": order.status == OrderStatus.PROCESSING,
    }


def _find_request(order: TokenOrder) -> CancellationRequest | None:
    """The cancellation request that is not answered yet."""
    if order.status != OrderStatus.PROCESSED:
        return None
    return list_requests(order).filter(answered_at__isnull=True).first()


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
