"""What the pages of one object have in common: who may open them, their addresses, their frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from token_payments import conf

#: A page of an object: gets the admin, the request and the object.
ObjectView = Callable[[Any, HttpRequest, Any], HttpResponseBase]


#: What a database refuses to compare anything with: a NUL, or a number beyond its integers.
REFUSED = re.compile(r"\0|[0-9]{19}")
ROW = re.compile(r"[0-9]{1,18}")  # the number of a row


class ListAdmin(admin.ModelAdmin):
    """Its list answers what no database can look for like any wrong filter: without filters."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not _can_be_looked_for(request):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        return super().changelist_view(request, extra_context)


class SwitchedAdmin(ListAdmin):
    """While the plugin is off everything can be looked at, and nothing changed."""

    empty_value_display = "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return conf.is_enabled() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return conf.is_enabled() and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return conf.is_enabled() and super().has_delete_permission(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"is_enabled": conf.is_enabled(), **(extra_context or {})}
        return super().changelist_view(request, context)

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
            return HttpResponseRedirect(
                request.path if object_id else reverse(f"admin:{_name(self)}_changelist")
            )
        context = {"is_enabled": conf.is_enabled(), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)


def _can_be_looked_for(request: HttpRequest) -> bool:
    """Whether the filters of a list, and the rows that an action is for, are such as there are.

    The search's own form takes care of its text.
    """
    given = [name for name in request.GET if name != SEARCH_VAR]
    values = [value for name in given for value in request.GET.getlist(name)]
    if any(REFUSED.search(text) for text in (*given, *values)):
        return False
    return all(ROW.fullmatch(text) for text in request.POST.getlist(ACTION_CHECKBOX_NAME))


def may_add(model_admin: admin.ModelAdmin, request: HttpRequest) -> bool:
    """Django's permission alone, whatever the switches say."""
    return admin.ModelAdmin.has_add_permission(model_admin, request)


def may_change(model_admin: admin.ModelAdmin, request: HttpRequest) -> bool:
    """Django's permission alone, whatever the switches say."""
    return admin.ModelAdmin.has_change_permission(model_admin, request)


def may_act(model_admin: admin.ModelAdmin, request: HttpRequest) -> bool:
    """Whether the user may change something now. Off: nobody may."""
    return conf.is_enabled() and may_change(model_admin, request)


def page_url(row: Model, page: str = "change") -> str:
    return reverse(f"admin:token_payments_{row._meta.model_name}_{page}", args=[row.pk])


def viewing(model_admin: admin.ModelAdmin, page: str, view: ObjectView) -> URLPattern:
    """The address of a page for all who may see the object."""

    def check(request: HttpRequest, row: Any) -> HttpResponseBase | None:
        if not model_admin.has_view_permission(request, row):
            raise PermissionDenied
        return None

    return _page(model_admin, page, view, check)


def acting(model_admin: admin.ModelAdmin, page: str, view: ObjectView) -> URLPattern:
    """The address of a page for those who may change the object, while the plugin is on."""

    def check(request: HttpRequest, row: Any) -> HttpResponseBase | None:
        if not may_change(model_admin, request):
            raise PermissionDenied
        if not conf.is_enabled():
            messages.error(request, explain_switched_off())
            return HttpResponseRedirect(page_url(row))
        return None

    return _page(model_admin, page, view, check)


def explain_switched_off() -> str:
    return gettext(
        "Token payments are switched off for this site: everything can be looked at, but nothing "
        "can be changed."
    )


def render_page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    template: str,
    *,
    title: str,
    folder: str = "wallets",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page in the admin's frame; ``template`` is the name of a file in ``folder``."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "media": model_admin.media,
        "is_enabled": conf.is_enabled(),
        **context,
    }
    return render(request, f"admin/token_payments/{folder}/{template}.html", context, status=status)


def without_report(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page of which a report of an error says nothing: forms, and what is called, may hold codes.

    Where it broke is in the report all the same.
    """
    hidden: Callable[..., Any] = sensitive_post_parameters()(sensitive_variables()(view))
    return hidden


def _page(
    model_admin: admin.ModelAdmin,
    page: str,
    view: ObjectView,
    check: Callable[[HttpRequest, Any], HttpResponseBase | None],
) -> URLPattern:
    @without_report
    @wraps(view)
    def serve(request: HttpRequest, row_id: int) -> HttpResponseBase:
        row = model_admin.get_queryset(request).filter(pk=row_id).first()
        if row is None:
            raise Http404
        return check(request, row) or view(model_admin, request, row)

    address: Any = model_admin.admin_site.admin_view(serve)
    route = f"<int:row_id>/{page.replace('_', '-')}/"
    pattern: URLPattern = path(route, address, name=f"{_name(model_admin)}_{page}")
    return pattern


def _name(model_admin: admin.ModelAdmin) -> str:
    return f"token_payments_{model_admin.opts.model_name}"
