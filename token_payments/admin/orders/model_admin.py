"""TokenOrder in the admin: ties list, form and pages together."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin import lookups
from token_payments.admin.account_field import suggest_accounts
from token_payments.admin.orders import fieldsets, listing
from token_payments.admin.orders.addresses import list_pages
from token_payments.admin.orders.code_form import CodeOrderForm
from token_payments.admin.orders.columns import OrderColumns, OrderDetails
from token_payments.admin.orders.form import OrderForm
from token_payments.admin.orders.head import describe_order, list_kinds
from token_payments.admin.orders.messages import explain
from token_payments.admin.orders.wallet_form import WalletOrderForm
from token_payments.admin.pages import (
    SwitchedAdmin,
    may_change,
    page_url,
    without_report,
)
from token_payments.admin.people import suggest_people
from token_payments.errors import (
    AccountFrozen,
    IdempotencyConflict,
    InvalidTransition,
    TypeArchived,
)
from token_payments.hosts import get_host, list_name_relations
from token_payments.hosts.people import list_name_fields
from token_payments.models import CatalogueItem, OrderKind, OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.presenters.refusals import Audience, describe_refusal


@admin.register(TokenOrder)
class TokenOrderAdmin(OrderColumns, OrderDetails, SwitchedAdmin):
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
    list_filter = (listing.StatusFilter, listing.KindFilter)
    search_help_text = _(
        "Order number, buyer's name or e-mail, account or customer number, invoice number, "
        "purchase order, or a whole Token Code"
    )
    list_per_page = 50
    show_full_result_count = False
    actions = None

    class Media:
        css = {"all": ["token_payments/admin/admin.css", "token_payments/admin/order.css"]}
        js = [
            "token_payments/admin/suggest.js",
            "token_payments/admin/groups.js",
            "token_payments/admin/once.js",
            "token_payments/admin/order.js",
        ]

    def get_urls(self) -> list[URLPattern]:
        name = "token_payments_tokenorder"
        view = self.admin_site.admin_view
        return [
            path("search/", view(without_report(self.search)), name=f"{name}_search"),
            path("people/", view(self.suggest_people), name=f"{name}_people"),
            path("accounts/", view(self.suggest_accounts), name=f"{name}_accounts"),
            path("groups/", view(self.list_groups), name=f"{name}_groups"),
            *list_pages(self),
            *super().get_urls(),
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
    def get_queryset(self, request: HttpRequest) -> QuerySet[TokenOrder]:
        """With all that an order refers to, so that naming it takes no query."""
        relations = ["item", "account", "token_type", "issue", *list_name_relations("buyer")]
        return super().get_queryset(request).select_related(*relations)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[listing.OrderChangeList]:
        return listing.OrderChangeList

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        accounts = ["account__name", "account__reference"]
        return [*list_name_fields("buyer__"), *accounts, "invoice_number", "purchase_order"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TokenOrder], search_term: str
    ) -> tuple[QuerySet[TokenOrder], bool]:
        """What Django finds, and the order that an order number means."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        numbered = order_queries.search_orders(queryset, search_term) if search_term else None
        return (found if numbered is None else found | numbered), duplicates

    def search(self, request: HttpRequest) -> HttpResponse:
        return listing.search(self, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As Django's; a code that somebody put into the address leads on to its order at once."""
        code = listing.find_code(request.GET.get(SEARCH_VAR, ""))
        if code is not None and self.has_view_permission(request):
            return listing.answer_code(request, code)
        context = {"title": _("Token Orders"), **(extra_context or {})}
        return super().changelist_view(request, context)

    # --- The form -------------------------------------------------------------------------------
    def get_fieldsets(self, request: HttpRequest, obj: TokenOrder | None = None) -> list[Any]:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": fieldsets.list_details(obj)})]
        for_wallet = _find_kind(request, obj) == OrderKind.WALLET
        return fieldsets.list_fieldsets(for_wallet=for_wallet, is_new=obj is None)

    def get_readonly_fields(
        self, request: HttpRequest, obj: TokenOrder | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return ()
        may_change = self.has_change_permission(request, obj)
        return fieldsets.SHOWN if may_change else fieldsets.list_details(obj)

    def get_form(
        self,
        request: HttpRequest,
        obj: TokenOrder | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The form of the order's kind; a new order's kind stands in the address."""
        for_wallet = _find_kind(request, obj) == OrderKind.WALLET
        kwargs["form"] = WalletOrderForm if for_wallet else CodeOrderForm
        form: Any = super().get_form(request, obj, change, **kwargs)
        return form

    def save_model(
        self, request: HttpRequest, obj: TokenOrder, form: OrderForm, change: bool
    ) -> None:
        now = timezone.now()
        if not change:
            obj.pk = order_operations.request_order(obj, actor=request.user, now=now).pk
        elif form.changed_data:
            order_operations.change_order(
                obj, actor=request.user, now=now, changed=form.changed_data
            )

    def response_add(
        self, request: HttpRequest, obj: TokenOrder, post_url_continue: str | None = None
    ) -> HttpResponse:
        text = gettext(
            "%(number)s is requested. No tokens exist yet: select Change, then Finish Processing."
        )
        messages.success(request, text % {"number": obj.number})
        return HttpResponseRedirect(page_url(obj))

    def response_change(self, request: HttpRequest, obj: TokenOrder) -> HttpResponse:
        messages.success(request, gettext("%(number)s was saved.") % {"number": obj.number})
        return HttpResponseRedirect(page_url(obj))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As Django's, with the order's head; saving loses to processing that began meanwhile."""
        order = self.get_object(request, object_id) if object_id else None
        kind = _find_kind(request, order)
        context = {**(extra_context or {}), "kinds": [] if object_id else list_kinds(kind)}
        if order is not None and self.has_view_permission(request, order):
            context |= describe_order(self, request, order, page="change")
            context["title"] = gettext("Token Order %(number)s") % {"number": order.number}
            context["subtitle"] = None
            context["made"] = (
                order_queries.count_generated(order) if context["is_processing"] else 0
            )
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except (IdempotencyConflict, AccountFrozen, TypeArchived) as error:
            told = describe_refusal(error, audience=Audience.STAFF, about="order")
            messages.error(request, told.text)
            return HttpResponseRedirect(_add_url(kind))
        except InvalidTransition as error:
            if order is None:
                raise
            messages.error(request, explain(error, order))
            return HttpResponseRedirect(page_url(order))

    # --- Suggestions ----------------------------------------------------------------------------
    def suggest_people(self, request: HttpRequest) -> JsonResponse:
        self._check_may_fill_in(request)
        text = lookups.read_text(request)
        return lookups.answer(suggest_people(text) if text else [])

    def suggest_accounts(self, request: HttpRequest) -> JsonResponse:
        self._check_may_fill_in(request)
        text = lookups.read_text(request)
        return lookups.answer(suggest_accounts(text) if text else [])

    def list_groups(self, request: HttpRequest) -> JsonResponse:
        """The groups of a catalogue item's course."""
        self._check_may_fill_in(request)
        item_id = lookups.read_number(request.GET.get("item", ""))
        item = CatalogueItem.objects.filter(pk=item_id).first() if item_id else None
        return JsonResponse({"groups": get_host().list_groups(item.item_key) if item else []})

    def _check_may_fill_in(self, request: HttpRequest) -> None:
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied


def _find_kind(request: HttpRequest, order: TokenOrder | None) -> OrderKind:
    """The order's kind; of a new order the one in the address, ``?kind=wallet``."""
    kind = order.kind if order else request.GET.get("kind")
    return OrderKind.WALLET if kind == OrderKind.WALLET else OrderKind.CODES


def _add_url(kind: OrderKind) -> str:
    return f"{reverse('admin:token_payments_tokenorder_add')}?kind={kind.value}"
