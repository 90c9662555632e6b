"""The site's switches: a row for every change, the newest of which is in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from config_models.admin import ConfigurationModelAdmin
from config_models.models import ConfigurationModel
from django.contrib import admin, messages
from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from token_payments.admin.base import PageAdmin


class SiteSettingsAdmin(PageAdmin, ConfigurationModelAdmin):
    """Children say their ``fields``, the ``columns`` of the list, and the words for both."""

    columns: ClassVar[Sequence[str]]
    nothing_set: ClassVar[Any]  # what is in force before the first row

    related = ("changed_by",)
    list_per_page = 100
    ordering = ("-change_date", "-id")
    date_hierarchy = None
    change_form_template = "admin/token_payments/settings/change_form.html"
    change_list_template = "admin/token_payments/settings/change_list.html"

    def list_facts(self, row: Any) -> list[tuple[Any, Any]]:
        """(name, value) of each switch as it is in force."""
        raise NotImplementedError

    def warn(self, request: HttpRequest) -> None:
        """Tell what a change brings about that nobody may have wanted."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["change_date", "in_force", *self.columns, "changed_by"]

    def get_queryset(self, request: HttpRequest) -> Any:
        newest = self.model.objects.order_by("-change_date").values("pk")[:1]
        return super().get_queryset(request).annotate(newest=Subquery(newest))

    def get_fields(self, request: HttpRequest, obj: ConfigurationModel | None = None) -> list[Any]:
        """The change's time and author, too, for a row that is kept."""
        return [*(self.fields or ()), *(["changed_by", "change_date"] if obj else [])]

    def has_change_permission(
        self, request: HttpRequest, obj: ConfigurationModel | None = None
    ) -> bool:
        """A row that is kept is never changed: a change is a new row."""
        return False

    def has_view_permission(
        self, request: HttpRequest, obj: ConfigurationModel | None = None
    ) -> bool:
        return bool(super().has_view_permission(request, obj) or self.has_add_permission(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Going back to an earlier row makes a new one, so it takes the same permission."""
        if not self.has_add_permission(request):
            return {}
        actions: dict[str, Any] = super().get_actions(request)
        return actions

    @admin.display(description=_("in force"), boolean=True)
    def in_force(self, row: Any) -> bool:
        return bool(row.pk == row.newest)

    def describe_new(self, request: HttpRequest) -> dict[str, Any]:
        return {"title": capfirst(self.list_title)}

    def describe_list(self, request: HttpRequest) -> dict[str, Any]:
        current = self.model.objects.order_by("-change_date").first()
        facts = self.list_facts(current) if current else []
        return {"facts": facts, "nothing_set": self.nothing_set}

    def response_add(
        self, request: HttpRequest, obj: ConfigurationModel, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, _("The settings are saved and in force now."))
        self.warn(request)
        answer: HttpResponse = self.response_post_save_add(request, obj)
        return answer
