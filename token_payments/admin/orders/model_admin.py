"""TokenOrder in the admin: ties list, form and pages together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.admin.base import SwitchedAdmin
from token_payments.admin.orders import cancelling, delegates, records, status, tokens
from token_payments.admin.orders import listing as order_list
from token_payments.admin.orders.code_form import CodeOrderForm
from token_payments.admin.orders.columns import OrderColumns, OrderDetails
from token_payments.admin.orders.form import SHOWN, OrderForm, list_details, list_fieldsets
from token_payments.admin.orders.head import OrderVisit, describe_order, list_kinds
from token_payments.admin.orders.messages import explain
from token_payments.admin.orders.wallet_form import WalletOrderForm
from token_payments.admin.pages import (
    AdminPage,
    acting,
    go_to,
    listing,
    may_change,
    may_fill_in,
    may_see,
    page_url,
    suggesting,
    viewing,
)
from token_payments.admin.suggestions import suggest_accounts, suggest_people
from token_payments.db.numbers import read_number
from token_payments.hosts import host
from token_payments.hosts.people import get_user, list_name_fields
from token_payments.models import CatalogueItem, OrderKind, OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.presenters.code_lines import find_code
from token_payments.presenters.refusals import Audience, describe_refusal


def _has_codes(order: TokenOrder) -> bool:
    return not order.is_for_wallet


def _page(
    make: Callable[..., AdminPage],
    name: str,
    view: Callable[[OrderVisit], HttpResponseBase],
    **options: Any,
) -> AdminPage:
    def serve(model_admin: Any, request: HttpRequest, order: TokenOrder) -> HttpResponseBase:
        return view(OrderVisit(model_admin, request, order))

    return make(name, serve, **options)


#: The pages of one order: who may open them, and which orders have them.
PAGES = (
    _page(acting, "finish_processing", status.finish_processing),
    _page(acting, "decline", status.decline),
    _page(acting, "resume", status.resume_processing, post_only=True),
    _page(acting, "cancel", status.cancel),
    _page(viewing, "progress", status.report_progress),
    _page(viewing, "tokens", tokens.show_tokens, exists=_has_codes),
    _page(viewing, "tokens_search", tokens.search_tokens, post_only=True, exists=_has_codes),
    _page(acting, "reveal", tokens.reveal_tokens, exists=_has_codes),
    _page(acting, "download", tokens.download_tokens, post_only=True, exists=_has_codes),
    _page(acting, "email_tokens", tokens.mail_tokens, exists=_has_codes),
    _page(acting, "cancel_tokens", cancelling.cancel_tokens),
    _page(acting, "grant_cancellation", cancelling.grant),
    _page(acting, "decline_cancellation", cancelling.refuse),
    _page(viewing, "helpers", delegates.show_delegates, changes=True),
    _page(viewing, "invoice", records.show_invoice),
    _page(viewing, "invoice_pdf", records.invoice_pdf),
    _page(viewing, "cancellations", records.show_cancellations),
    _page(viewing, "log", records.show_log),
)


def list_groups(_model_admin: Any, request: HttpRequest) -> JsonResponse:
    """The groups of a catalogue item's course."""
    item_id = read_number(request.GET.get("item", ""))
    item = CatalogueItem.objects.filter(pk=item_id).first() if item_id else None
    return JsonResponse({"groups": host.list_groups(item.item_key) if item else []})


def _get_kind(request: HttpRequest, order: TokenOrder | None) -> OrderKind:
    """The order's kind; of a new order the one in the address, ``?kind=wallet``."""
    kind = order.kind if order else request.GET.get("kind")
    return OrderKind.WALLET if kind == OrderKind.WALLET else OrderKind.CODES


def _add_url(kind: OrderKind) -> str:
    return f"{reverse('admin:token_payments_tokenorder_add')}?kind={kind.value}"


@admin.register(TokenOrder)
class TokenOrderAdmin(OrderColumns, OrderDetails, SwitchedAdmin):
    list_title = _("Token Orders")
    pages = (
        listing("search", order_list.search, may_see, post_only=True),
        suggesting("people", suggest_people, may_fill_in),
        suggesting("accounts", suggest_accounts, may_fill_in),
        listing("groups", list_groups, may_fill_in),
        *PAGES,
    )
    related = ("item", "account", "token_type", "issue")
    people = ("buyer",)
    list_display = (
        "order_number",
        "status_badge",
        "kind_name",
        "subject",
        "buyer_name",
        "tokens",
        "redeemed",
        "available",
        "cancelled",
        "total",
        "created",
    )
    list_filter = (order_list.StatusFilter, order_list.KindFilter)
    search_help_text = _(
        "Order number, buyer's name or e-mail, account or customer number, invoice number, "
        "purchase order, or a whole Token Code"
    )
    show_full_result_count = False
    actions = None

    class Media:
        css = {"all": ["token_payments/admin/order.css"]}
        js = [
            "token_payments/admin/suggest.js",
            "token_payments/admin/groups.js",
            "token_payments/once.js",
            "token_payments/admin/order.js",
        ]

    # --- Who may what ---------------------------------------------------------------------------
    def has_change_permission(self, request: HttpRequest, obj: TokenOrder | None = None) -> bool:
        """Details may be changed until processing begins."""
        if obj is not None and obj.status != OrderStatus.REQUESTED:
            return False
        return super().has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: TokenOrder | None = None) -> bool:
        return super().has_view_permission(request, obj) or may_change(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: TokenOrder | None = None) -> bool:
        return False

    # --- The list -------------------------------------------------------------------------------
    def add_figures(self, rows: Iterable[Any]) -> None:
        """``counts`` of each order and its open ``open_request``, or None: four queries."""
        counts = order_queries.count_orders(rows, now=timezone.now())
        open_requests = order_queries.get_open_requests(rows)
        for order in rows:
            order.counts, order.open_request = counts[order.pk], open_requests.get(order.pk)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        accounts = ["account__name", "account__reference"]
        return [*list_name_fields("buyer__"), *accounts, "invoice_number", "purchase_order"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TokenOrder], search_term: str
    ) -> tuple[QuerySet[TokenOrder], bool]:
        """The rows that Django finds, and the order that an order number means."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        numbered = order_queries.search_orders(queryset, search_term) if search_term else None
        return (found if numbered is None else found | numbered), duplicates

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As Django's; a code that somebody put into the address leads on to its order at once."""
        code = find_code(request.GET.get(SEARCH_VAR, ""))
        if code is not None and self.has_view_permission(request):
            return order_list.answer_code(request, code)
        return super().changelist_view(request, extra_context)

    # --- The form -------------------------------------------------------------------------------
    def get_fieldsets(self, request: HttpRequest, obj: TokenOrder | None = None) -> list[Any]:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": list_details(obj)})]
        for_wallet = _get_kind(request, obj) == OrderKind.WALLET
        return list_fieldsets(for_wallet=for_wallet, is_new=obj is None)

    def get_readonly_fields(
        self, request: HttpRequest, obj: TokenOrder | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return ()
        may_change = self.has_change_permission(request, obj)
        return SHOWN if may_change else list_details(obj)

    def get_form(
        self,
        request: HttpRequest,
        obj: TokenOrder | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The form of the order's kind; a new order's kind stands in the address."""
        for_wallet = _get_kind(request, obj) == OrderKind.WALLET
        kwargs["form"] = WalletOrderForm if for_wallet else CodeOrderForm
        form: Any = super().get_form(request, obj, change, **kwargs)
        return form

    def save_model(
        self, request: HttpRequest, obj: TokenOrder, form: OrderForm, change: bool
    ) -> None:
        now = timezone.now()
        if not change:
            obj.pk = order_operations.request_order(obj, actor=get_user(request), now=now).pk
        elif form.changed_data:
            order_operations.change_order(
                obj, actor=get_user(request), now=now, changed=form.changed_data
            )

    def response_add(
        self, request: HttpRequest, obj: TokenOrder, post_url_continue: str | None = None
    ) -> HttpResponse:
        text = gettext(
            "%(number)s is requested. No tokens exist yet: select Change, then Finish Processing."
        )
        messages.success(request, text % {"number": obj.number})
        return go_to(obj)

    def response_change(self, request: HttpRequest, obj: TokenOrder) -> HttpResponse:
        messages.success(request, gettext("%(number)s was saved.") % {"number": obj.number})
        return go_to(obj)

    def describe(self, request: HttpRequest, row: TokenOrder) -> dict[str, Any]:
        context = describe_order(self, request, row, page="change")
        made = order_queries.count_generated(row) if context["is_processing"] else 0
        title = gettext("Token Order %(number)s") % {"number": row.number}
        return {**context, "title": title, "subtitle": None, "made": made}

    def describe_new(self, request: HttpRequest) -> dict[str, Any]:
        return {"kinds": list_kinds(_get_kind(request, None))}

    def explain_refusal(
        self, request: HttpRequest, error: errors.TokenPaymentsError, row: Any
    ) -> tuple[str, str]:
        """The refusal for a change between checking and saving: processing that began wins."""
        new_one = _add_url(_get_kind(request, row))
        match error:
            case errors.IdempotencyConflict() | errors.AccountFrozen() | errors.TypeArchived():
                told = describe_refusal(error, audience=Audience.STAFF, about="order")
                return told.text, new_one
            case errors.InvalidTransition() if row is not None:
                return explain(error, row), page_url(row)
        raise error
