"""Catalogue items: which courses may be paid with tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import models
from token_payments.admin import loaders
from token_payments.admin.base import PageAdmin
from token_payments.admin.catalogue_form import CatalogueItemForm, read_prices, write_prices
from token_payments.admin.kept_history import HistoryAdmin
from token_payments.admin.offer import describe_offer, write_enrolment_method
from token_payments.admin.pages import may_fill_in, suggesting
from token_payments.catalogue import operations as catalogue_operations
from token_payments.db.changes import set_change_author
from token_payments.errors import InvalidItem, TokenPaymentsError
from token_payments.hosts import host
from token_payments.l10n.formats import format_money
from token_payments.presenters.payment_lines import write_method
from token_payments.presenters.refusals import Audience, describe_refusal


def list_courses(text: str) -> Sequence[tuple[str, str]]:
    """The host's courses whose key or title contains what was typed."""
    return host.search_items(text, limit=20)


@admin.register(models.CatalogueItem)
class CatalogueItemAdmin(PageAdmin, HistoryAdmin):
    list_title = _("Catalogue Items")
    pages = (suggesting("courses", list_courses, may_fill_in), loaders.PRICES.as_page())
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
    change_list_template = "admin/token_payments/list_page.html"

    class Media:
        js = ["token_payments/admin/suggest.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.CatalogueItem]:
        methods = models.CatalogueItemPaymentMethod.objects.order_by("method")
        items: QuerySet[models.CatalogueItem] = super().get_queryset(request)
        prices = models.TokenPrice.objects.select_related("token_type")
        return items.prefetch_related(
            Prefetch("payment_methods", methods), Prefetch("token_prices", prices)
        )

    def get_fieldsets(
        self, request: HttpRequest, obj: models.CatalogueItem | None = None
    ) -> list[Any]:
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
        self, request: HttpRequest, obj: models.CatalogueItem | None = None
    ) -> list[str]:
        """The course of an item is what its codes were sold for: it stays."""
        shown = ["methods", "price_in_tokens"]
        return [*shown, "item_key"] if obj else shown

    def get_form(
        self,
        request: HttpRequest,
        obj: models.CatalogueItem | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        settings_admin = self.admin_site.get_model_admin(models.EnrolmentSettings)
        form.may_see_settings = settings_admin.has_view_permission(request)
        return form

    def describe_list(self, request: HttpRequest) -> dict[str, Any]:
        return {"load_links": loaders.list_links(self, request, loaders.PRICES)}

    def describe(self, request: HttpRequest, row: models.CatalogueItem) -> dict[str, Any]:
        """The offer that the item comes to for learners."""
        return {"title": str(row), "subtitle": None, "offer": describe_offer(row)}

    def explain_refusal(
        self, request: HttpRequest, error: TokenPaymentsError, row: Any
    ) -> tuple[str, str]:
        """The refusal for a host that changed between checking and saving."""
        if not isinstance(error, InvalidItem):
            raise error
        told = describe_refusal(error, audience=Audience.STAFF, about="meanwhile")
        return told.text, request.get_full_path()

    def save_model(
        self, request: HttpRequest, obj: models.CatalogueItem, form: CatalogueItemForm, change: bool
    ) -> None:
        methods = form.cleaned_data["payment_methods"]
        prices = form.cleaned_data["token_prices"]
        reason = gettext("Payment methods: %(methods)s") % {"methods": ", ".join(methods) or "–"}
        if prices != read_prices(obj):
            reason = gettext("Price in tokens: %(prices)s. %(methods)s") % {
                "prices": write_prices(prices),
                "methods": reason,
            }
        set_change_author(obj, request.user, reason)
        catalogue_operations.save_item(obj, methods=methods, token_prices=prices)

    def has_delete_permission(
        self, request: HttpRequest, obj: models.CatalogueItem | None = None
    ) -> bool:
        """An item that was ordered or paid for can't be deleted; bulk deletion isn't offered."""
        if obj is None or obj.token_orders.exists() or obj.redemptions.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    @admin.display(description=_("course"), ordering="title")
    def course(self, item: models.CatalogueItem) -> str:
        return item.title or item.item_key

    @admin.display(description=_("course key"), ordering="item_key")
    def key(self, item: models.CatalogueItem) -> str:
        return item.item_key

    @admin.display(description=_("in force"))
    def effective_method(self, item: models.CatalogueItem) -> str:
        return write_enrolment_method(item)

    @admin.display(description=_("price"), ordering="price")
    def own_price(self, item: models.CatalogueItem) -> str:
        if item.price is None:
            return gettext("from the course mode")
        return format_money(item.price, item.currency)

    @admin.display(description=_("price in tokens"))
    def price_in_tokens(self, item: models.CatalogueItem) -> str:
        return write_prices({row.token_type: row.quantity for row in item.token_prices.all()})

    @admin.display(description=_("payment methods"))
    def methods(self, item: models.CatalogueItem) -> str:
        return ", ".join(write_method(row.method) for row in item.payment_methods.all()) or "–"
