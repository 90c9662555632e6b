"""TokenOrder in the admin: ties list, form and pages together."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from token_payments import api, conf
from token_payments.admin import lookups
from token_payments.admin.orders import cancel_tokens, listing, records, status, tokens
from token_payments.admin.orders.access import (
    acting,
    explain_switched_off,
    may_change_orders,
    order_url,
    viewing,
)
from token_payments.admin.orders.columns import OrderColumns, OrderDetails
from token_payments.admin.orders.form import TokenOrderForm
from token_payments.admin.orders.head import describe_order
from token_payments.admin.orders.messages import explain
from token_payments.admin.people import list_name_fields, list_name_relations, suggest_people
from token_payments.errors import IdempotencyConflict, InvalidTransition
from token_payments.hosts import get_host
from token_payments.models import CatalogueItem, OrderStatus, TokenOrder

ADDRESS = ["name", "street", "postcode", "city", "region", "country"]

DETAILS = (
    "buyer_details",
    "item_link",
    "tokens",
    "price",
    "invoice_number",
    "purchase_order",
    "billing_address",
    "group",
    "redeem_by_day",
    "created_at",
)


@admin.register(TokenOrder)
class TokenOrderAdmin(OrderColumns, OrderDetails, admin.ModelAdmin):
    form = TokenOrderForm
    list_display = (
        "order_number",
        "status_badge",
        "course",
        "buyer_name",
        "tokens",
        "redeemed",
        "available",
        "cancelled",
        "total",
        "created",
    )
    list_filter = (listing.StatusFilter,)
    search_help_text = _(
        "Order number, buyer's name or e-mail, invoice number, purchase order, or a whole Token "
        "Code"
    )
    list_per_page = 50
    show_full_result_count = False
    actions = None

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}
        js = [
            "token_payments/admin/suggest.js",
            "token_payments/admin/groups.js",
            "token_payments/admin/order.js",
        ]

    def get_urls(self) -> list[URLPattern]:
        name = "token_payments_tokenorder"
        view = self.admin_site.admin_view
        return [
            path("search/", view(sensitive_post_parameters()(self.search)), name=f"{name}_search"),
            path("people/", view(self.suggest_people), name=f"{name}_people"),
            path("groups/", view(self.list_groups), name=f"{name}_groups"),
            acting(self, "finish_processing", status.finish_processing),
            acting(self, "resume", status.resume_processing),
            acting(self, "cancel", status.cancel),
            viewing(self, "progress", status.report_progress),
            viewing(self, "tokens", tokens.show_tokens),
            viewing(self, "tokens_search", tokens.search_tokens),
            acting(self, "reveal", tokens.reveal_tokens),
            acting(self, "download", tokens.download_tokens),
            acting(self, "email_tokens", tokens.mail_tokens),
            acting(self, "cancel_tokens", cancel_tokens.cancel_tokens),
            viewing(self, "cancellations", records.show_cancellations),
            viewing(self, "log", records.show_log),
            *super().get_urls(),
        ]

    # --- Who may what ---------------------------------------------------------------------------
    def has_add_permission(self, request: HttpRequest) -> bool:
        return conf.is_enabled() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: TokenOrder | None = None) -> bool:
        """Details may be changed until processing begins."""
        if not conf.is_enabled() or not may_change_orders(self, request):
            return False
        return obj is None or obj.status == OrderStatus.REQUESTED

    def has_view_permission(self, request: HttpRequest, obj: TokenOrder | None = None) -> bool:
        return super().has_view_permission(request, obj) or may_change_orders(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: TokenOrder | None = None) -> bool:
        return False

    # --- The list -------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[TokenOrder]:
        orders = super().get_queryset(request)
        return orders.select_related("item", *list_name_relations("buyer"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[listing.OrderChangeList]:
        return listing.OrderChangeList

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*list_name_fields("buyer__"), "invoice_number", "purchase_order"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TokenOrder], search_term: str
    ) -> tuple[QuerySet[TokenOrder], bool]:
        """What Django finds, and the order that an order number means."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        numbered = api.search_orders(queryset, search_term) if search_term else None
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
        context = {"title": _("Token Orders"), "is_enabled": conf.is_enabled()}
        return super().changelist_view(request, context | (extra_context or {}))

    # --- The form -------------------------------------------------------------------------------
    def get_fieldsets(self, request: HttpRequest, obj: TokenOrder | None = None) -> list[Any]:
        editable = obj is None or self.has_change_permission(request, obj)
        if editable:
            first = ["buyer", "item", "quantity", "invoice_number", "purchase_order"]
            first += [] if obj else ["order_uuid"]
            address = [f"billing_{part}" for part in ADDRESS]
            return [
                (None, {"fields": first}),
                (_("Billing address"), {"fields": address}),
                (_("Redemption"), {"fields": ["group_name", "redeem_by"]}),
            ]
        return [(None, {"fields": DETAILS})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: TokenOrder | None = None
    ) -> tuple[str, ...]:
        return DETAILS if obj and not self.has_change_permission(request, obj) else ()

    def save_model(
        self, request: HttpRequest, obj: TokenOrder, form: TokenOrderForm, change: bool
    ) -> None:
        now = timezone.now()
        if not change:
            obj.pk = api.request_order(obj, actor=request.user, now=now).pk
        elif form.changed_data:
            api.change_order(obj, actor=request.user, now=now, changed=form.changed_data)

    def response_add(
        self, request: HttpRequest, obj: TokenOrder, post_url_continue: str | None = None
    ) -> HttpResponse:
        text = gettext(
            "%(number)s is requested. No tokens exist yet: select Change, then Finish Processing."
        )
        messages.success(request, text % {"number": obj.number})
        return HttpResponseRedirect(order_url(obj))

    def response_change(self, request: HttpRequest, obj: TokenOrder) -> HttpResponse:
        messages.success(request, gettext("%(number)s was saved.") % {"number": obj.number})
        return HttpResponseRedirect(order_url(obj))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As Django's, with the order's head; saving loses to processing that began meanwhile."""
        order = self.get_object(request, object_id) if object_id else None
        context = dict(extra_context or {})
        if order is not None and self.has_view_permission(request, order):
            context |= describe_order(self, request, order, page="change")
            context["title"] = gettext("Token Order %(number)s") % {"number": order.number}
            context["subtitle"] = None
            context["made"] = api.count_generated(order) if context["is_processing"] else 0
            if request.method == "POST" and not conf.is_enabled():
                messages.error(request, explain_switched_off())
                return HttpResponseRedirect(order_url(order))
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except IdempotencyConflict:
            text = gettext("This form was saved before, as another order. Here is a new one.")
            messages.error(request, text)
            return HttpResponseRedirect(reverse("admin:token_payments_tokenorder_add"))
        except InvalidTransition as error:
            if order is None:
                raise
            messages.error(request, explain(error, order))
            return HttpResponseRedirect(order_url(order))

    # --- Suggestions ----------------------------------------------------------------------------
    def suggest_people(self, request: HttpRequest) -> JsonResponse:
        self._check_may_fill_in(request)
        text = lookups.read_text(request)
        return lookups.answer(suggest_people(text) if text else [])

    def list_groups(self, request: HttpRequest) -> JsonResponse:
        """The groups of a catalogue item's course."""
        self._check_may_fill_in(request)
        item_id = lookups.read_number(request.GET.get("item", ""))
        item = CatalogueItem.objects.filter(pk=item_id).first() if item_id else None
        return JsonResponse({"groups": get_host().list_groups(item.item_key) if item else []})

    def _check_may_fill_in(self, request: HttpRequest) -> None:
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
