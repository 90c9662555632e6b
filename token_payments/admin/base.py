"""The common part of the admins of all our models; each of them declares what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR, ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.text import capfirst

from token_payments import conf
from token_payments.admin.pages import (
    AdminPage,
    explain_switched_off,
    go_to_list,
    may_add,
    may_change,
)
from token_payments.errors import TokenPaymentsError
from token_payments.hosts import list_name_relations

#: What a database refuses to compare anything with: a NUL, or a number beyond its integers.
REFUSED = re.compile(r"\0|[0-9]{19}")
ROW = re.compile(r"[0-9]{1,18}")  # the number of a row


class PageChangeList(ChangeList):
    """Gives the rows of the page what ``add_figures`` adds, in as few queries as it takes."""

    model_admin: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.model_admin.add_figures(self.result_list)


class PageAdmin(admin.ModelAdmin):
    """A list with a heading, a form with more about its object, and ``pages`` beside them.

    ``related`` and ``people`` are what is read along with the objects: relations, and those that
    lead to users, with what their names take. A list answers what no database can look for like any
    wrong filter: without filters.
    """

    list_title: ClassVar[Any]  # translated lazily
    pages: ClassVar[Sequence[AdminPage]] = ()
    related: ClassVar[Sequence[str]] = ()
    people: ClassVar[Sequence[str]] = ()

    empty_value_display = "–"
    list_per_page = 50

    class Media:
        css = {"all": ["token_payments/admin/admin.css"]}

    # --- What children may say ------------------------------------------------------------------
    def describe_list(self, request: HttpRequest) -> dict[str, Any]:
        """The context of the list's template beside Django's own."""
        return {}

    def add_figures(self, rows: Iterable[Any]) -> None:
        """Give the rows of a page of the list what their columns show."""

    def describe(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """The context of the form's template; ``row`` is as it is kept, whatever was sent."""
        return {}

    def describe_new(self, request: HttpRequest) -> dict[str, Any]:
        """The same for an object that is added."""
        return {}

    def explain_refusal(
        self, request: HttpRequest, error: TokenPaymentsError, row: Any
    ) -> tuple[str, str]:
        """A text for what the domain refused to save, and the address where it is shown."""
        raise error

    # --- Django's hooks -------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        return [*(page.get_pattern(self) for page in self.pages), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        people = [relation for name in self.people for relation in list_name_relations(name)]
        rows: QuerySet[Any] = super().get_queryset(request)
        related = [*self.related, *people]
        return rows.select_related(*related) if related else rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PageChangeList]:
        return PageChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not _can_be_looked_for(request):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        context = {
            "title": capfirst(self.list_title),
            "is_enabled": conf.is_enabled(),
            **self.describe_list(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except TokenPaymentsError as error:
            row = self.get_object(request, object_id) if object_id else None
            text, address = self.explain_refusal(request, error, row)
        messages.error(request, text)
        return HttpResponseRedirect(address)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["is_enabled"] = conf.is_enabled()
        if obj is None:
            context |= self.describe_new(request)
        else:
            # a form that is shown again has put what was entered into the object
            sent = request.method == "POST"
            row = self.get_object(request, str(obj.pk)) if sent else obj
            context |= self.describe(request, row or obj)
        return super().render_change_form(request, context, add, change, form_url, obj)


class ReadOnlyAdmin(PageAdmin):
    """Everything can be looked at, and nothing added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SwitchedAdmin(PageAdmin):
    """While the plugin is off everything can be looked at, and nothing changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return conf.is_enabled() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return conf.is_enabled() and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return conf.is_enabled() and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Objects that go with another one: their own permissions aren't asked for."""
        return [str(each) for each in objs], {}, set(), []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """As Django's; whoever saves while the plugin is off is told so."""
        may_save = may_change(self, request) if object_id else may_add(self, request)
        if request.method == "POST" and may_save and not conf.is_enabled():
            messages.error(request, explain_switched_off())
            return HttpResponseRedirect(request.path) if object_id else go_to_list(self)
        return super().changeform_view(request, object_id, form_url, extra_context)


def _can_be_looked_for(request: HttpRequest) -> bool:
    """Whether the filters of a list, and the rows that an action is for, are such as there are.

    The search's own form takes care of its text.
    """
    given = [name for name in request.GET if name != SEARCH_VAR]
    values = [value for name in given for value in request.GET.getlist(name)]
    if any(REFUSED.search(text) for text in (*given, *values)):
        return False
    return all(ROW.fullmatch(text) for text in request.POST.getlist(ACTION_CHECKBOX_NAME))
