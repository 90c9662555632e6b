"""Self Enrolment Settings: a row for every change, the newest of which is in force."""

from __future__ import annotations

from typing import Any

from config_models.admin import ConfigurationModelAdmin
from django.contrib import admin, messages
from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from token_payments import api
from token_payments.models import CatalogueItem, EnrolmentSettings, ItemEnrolmentMethod


@admin.register(EnrolmentSettings)
class EnrolmentSettingsAdmin(ConfigurationModelAdmin):
    fields = ("override_allowed", "default_method", "enabled")
    ordering = ("-change_date", "-id")
    date_hierarchy = None

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return ["change_date", "in_force", "override", "default_method", "paid", "changed_by"]

    def get_queryset(self, request: HttpRequest) -> Any:
        newest = EnrolmentSettings.objects.order_by("-change_date").values("pk")[:1]
        rows = super().get_queryset(request).select_related("changed_by")
        return rows.annotate(newest=Subquery(newest))

    def get_fields(self, request: HttpRequest, obj: EnrolmentSettings | None = None) -> list[str]:
        """What was changed when and by whom, for a row that is kept."""
        return [*self.fields, *(["changed_by", "change_date"] if obj else [])]

    def has_change_permission(
        self, request: HttpRequest, obj: EnrolmentSettings | None = None
    ) -> bool:
        """A row that is kept is never changed: a change is a new row."""
        return False

    def has_view_permission(
        self, request: HttpRequest, obj: EnrolmentSettings | None = None
    ) -> bool:
        return bool(super().has_view_permission(request, obj) or self.has_add_permission(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Going back to an earlier row makes a new one, so it takes the same permission."""
        if not self.has_add_permission(request):
            return {}
        actions: dict[str, Any] = super().get_actions(request)
        return actions

    @admin.display(description=_("in force"), boolean=True)
    def in_force(self, row: EnrolmentSettings) -> bool:
        return bool(row.pk == row.newest)

    @admin.display(description=_("override"), boolean=True)
    def override(self, row: EnrolmentSettings) -> bool:
        return bool(row.override_allowed)

    @admin.display(description=_("paid"), boolean=True)
    def paid(self, row: EnrolmentSettings) -> bool:
        return bool(row.enabled)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Self Enrolment Settings"), **(extra_context or {})}
        answer: HttpResponse = super().add_view(request, form_url, context)
        return answer

    def response_add(
        self, request: HttpRequest, obj: EnrolmentSettings, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, _("The settings are saved and in force now."))
        _warn_of_free_items(request)
        answer: HttpResponse = self.response_post_save_add(request, obj)
        return answer

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": _("Self Enrolment Settings"),
            "current": EnrolmentSettings.objects.order_by("-change_date").first(),
            **(extra_context or {}),
        }
        answer: HttpResponse = super().changelist_view(request, context)
        return answer


def _warn_of_free_items(request: HttpRequest) -> None:
    """Tell when items that ask for payment themselves are given away by the site's settings."""
    asking = CatalogueItem.objects.filter(enrolment_method=ItemEnrolmentMethod.PAID)
    free = [item for item in asking if not api.is_paid(item)]
    if not free:
        return
    text = ngettext(
        "%(count)s catalogue item asks for payment but is free now: the site's default counts, "
        "since the override is not allowed.",
        "%(count)s catalogue items ask for payment but are free now: the site's default counts, "
        "since the override is not allowed.",
        len(free),
    )
    messages.warning(request, text % {"count": len(free)})
