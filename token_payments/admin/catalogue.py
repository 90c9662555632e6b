"""Catalogue items: which courses may be paid with tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from token_payments.admin import loaders, lookups
from token_payments.admin.catalogue_form import CatalogueItemForm
from token_payments.admin.offer import describe_offer
from token_payments.admin.pages import ListAdmin
from token_payments.admin.token_prices import read_prices, write_prices
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.checkout import queries as checkout_queries
from token_payments.db.history import sign
from token_payments.errors import InvalidItem
from token_payments.hosts import get_host
from token_payments.l10n.formats import format_money
from token_payments.models import (
    CatalogueItem,
    CatalogueItemPaymentMethod,
    EnrolmentMethod,
    EnrolmentSettings,
    TokenPrice,
)
from token_payments.presenters.refusals import Audience, describe_refusal


@admin.register(CatalogueItem)
class CatalogueItemAdmin(ListAdmin, SimpleHistoryAdmin):
    form = CatalogueItemForm
    list_display = (
        "course",
        "key",
        "effective_method",
        "own_price",
        "price_in_tokens",
        "methods",
        "seats",
    )
    list_filter = ("enrolment_method",)
    search_fields = ("title", "item_key")
    search_help_text = _("Search by title or course key")
    empty_value_display = "–"
    list_per_page = 50
    change_list_template = "admin/token_payments/list_page.html"

    object_history_template = "admin/token_payments/history.html"

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}
        js = ["token_payments/admin/suggest.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CatalogueItem]:
        methods = CatalogueItemPaymentMethod.objects.order_by("method")
        items: QuerySet[CatalogueItem] = super().get_queryset(request)
        prices = TokenPrice.objects.select_related("token_type")
        return items.prefetch_related(
            Prefetch("payment_methods", methods), Prefetch("token_prices", prices)
        )

    def get_fieldsets(self, request: HttpRequest, obj: CatalogueItem | None = None) -> list[Any]:
        editable = self.has_change_permission(request, obj) if obj else True
        methods = "payment_methods" if editable else "methods"
        tokens = "token_prices" if editable else "price_in_tokens"
        sections: list[Any] = [
            (None, {"fields": ["item_key"]}),
            (_("Price"), {"fields": [("price", "currency")]}),
            (_("Price in tokens"), {"fields": [tokens]}),
            (
                _("Self Enrolment Settings"),
                {"fields": ["enrolment_method", methods, "course_mode", "seats"]},
            ),
            (_("When a learner leaves"), {"fields": ["unenrolment_policy", "unenrolment_days"]}),
        ]
        return sections

    def get_readonly_fields(
        self, request: HttpRequest, obj: CatalogueItem | None = None
    ) -> list[str]:
        """The course of an item is what its codes were sold for: it stays."""
        shown = ["methods", "price_in_tokens"]
        return [*shown, "item_key"] if obj else shown

    def get_form(
        self,
        request: HttpRequest,
        obj: CatalogueItem | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        settings_admin = self.admin_site.get_model_admin(EnrolmentSettings)
        form.may_see_settings = settings_admin.has_view_permission(request)
        return form

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        links = loaders.list_links(self, request, loaders.PRICES)
        context = {"title": _("Catalogue Items"), "load_links": links, **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def save_model(
        self, request: HttpRequest, obj: CatalogueItem, form: CatalogueItemForm, change: bool
    ) -> None:
        methods = form.cleaned_data["payment_methods"]
        prices = form.cleaned_data["token_prices"]
        reason = gettext("Payment methods: %(methods)s") % {"methods": ", ".join(methods) or "–"}
        if prices != read_prices(obj):
            reason = gettext("Price in tokens: %(prices)s. %(methods)s") % {
                "prices": write_prices(prices),
                "methods": reason,
            }
        sign(obj, request.user, reason)
        catalogue_operations.save_item(obj, methods=methods, token_prices=prices)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As Django's, with what the item comes to for learners.

        What the host changed between checking and saving is told, too.
        """
        item = self.get_object(request, object_id) if object_id else None
        context = dict(extra_context or {})
        if item is not None:
            context |= {"title": str(item), "subtitle": None, "offer": describe_offer(item)}
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        except InvalidItem as error:
            told = describe_refusal(error, audience=Audience.STAFF, about="meanwhile")
            messages.error(request, told.text)
            return HttpResponseRedirect(request.get_full_path())
        return answer

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An earlier version; going back to it is a change, which simple_history forgets to ask."""
        if request.method == "POST" and self.revert_disabled(request):
            raise PermissionDenied
        answer: HttpResponse = super().history_form_view(
            request, object_id, version_id, extra_context
        )
        return answer

    def has_delete_permission(self, request: HttpRequest, obj: CatalogueItem | None = None) -> bool:
        """An item that was ordered or paid for can't be deleted; bulk deletion isn't offered."""
        if obj is None or obj.token_orders.exists() or obj.redemptions.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    def get_urls(self) -> list[URLPattern]:
        courses = path(
            "courses/",
            self.admin_site.admin_view(self.suggest_courses),
            name="token_payments_catalogueitem_courses",
        )
        return [courses, loaders.PRICES.get_pattern(self), *super().get_urls()]

    def suggest_courses(self, request: HttpRequest) -> JsonResponse:
        """The host's courses whose key or title contains what was typed."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        text = lookups.read_text(request)
        return lookups.answer(get_host().search_items(text, limit=20) if text else [])

    @admin.display(description=_("course"), ordering="title")
    def course(self, item: CatalogueItem) -> str:
        return item.title or item.item_key

    @admin.display(description=_("course key"), ordering="item_key")
    def key(self, item: CatalogueItem) -> str:
        return item.item_key

    @admin.display(description=_("in force"))
    def effective_method(self, item: CatalogueItem) -> str:
        return str(
            (
                EnrolmentMethod.PAID if catalogue_queries.is_paid(item) else EnrolmentMethod.FREE
            ).label
        )

    @admin.display(description=_("price"), ordering="price")
    def own_price(self, item: CatalogueItem) -> str:
        if item.price is None:
            return gettext("from the course mode")
        return format_money(item.price, item.currency)

    @admin.display(description=_("price in tokens"))
    def price_in_tokens(self, item: CatalogueItem) -> str:
        return write_prices({row.token_type: row.quantity for row in item.token_prices.all()})

    @admin.display(description=_("payment methods"))
    def methods(self, item: CatalogueItem) -> str:
        labels = {method.slug: str(method.label) for method in checkout_queries.list_methods()}
        slugs = [row.method for row in item.payment_methods.all()]
        return ", ".join(labels.get(slug, slug) for slug in slugs) or "–"
