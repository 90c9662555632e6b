"""The pages beside Django's own: who may open them, their addresses, their frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import Form
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from token_payments import conf
from token_payments.admin import suggestions
from token_payments.errors import TokenPaymentsError
from token_payments.presenters.refusals import Audience, describe_refusal

#: Gets the admin and the request, and the object if the page is one object's.
View = Callable[..., HttpResponseBase]
#: Whether the user may open a page; gets the object, None on a page of the list.
May = Callable[[admin.ModelAdmin, HttpRequest, Any], bool]


# --- Who may what ---------------------------------------------------------------------------------
def may_add(model_admin: admin.ModelAdmin, request: HttpRequest, _row: Any = None) -> bool:
    """Django's permission alone, whatever the switches say."""
    return admin.ModelAdmin.has_add_permission(model_admin, request)


def may_change(model_admin: admin.ModelAdmin, request: HttpRequest, _row: Any = None) -> bool:
    """Django's permission alone, whatever the switches say."""
    return admin.ModelAdmin.has_change_permission(model_admin, request)


def may_see(model_admin: admin.ModelAdmin, request: HttpRequest, row: Any = None) -> bool:
    return bool(model_admin.has_view_permission(request, row))


def may_fill_in(model_admin: admin.ModelAdmin, request: HttpRequest, _row: Any = None) -> bool:
    """Whether the form is open to the user, for a new object or one that there is."""
    return model_admin.has_add_permission(request) or model_admin.has_change_permission(request)


def may_act(model_admin: admin.ModelAdmin, request: HttpRequest) -> bool:
    """Whether the user may change something now. Off: nobody may."""
    return conf.is_enabled() and may_change(model_admin, request)


# --- Pages ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class AdminPage:
    """A page of one object or, without ``of_object``, of the list; ``name`` is in its address.

    ``switched``: while the plugin is off nobody opens it. ``changes``: what is sent to it is sent
    by those who may change the object, while the plugin is on. ``post_only``: it shows nothing.
    ``exists`` tells objects that have the page from others.
    """

    name: str
    view: View
    may: May
    of_object: bool = True
    switched: bool = False
    changes: bool = False
    post_only: bool = False
    exists: Callable[[Any], bool] = bool
    route: str = ""

    def get_pattern(self, model_admin: admin.ModelAdmin) -> URLPattern:
        @wraps(self.view)
        def serve(request: HttpRequest, **parts: Any) -> HttpResponseBase:
            if self.of_object:
                row = model_admin.get_queryset(request).filter(pk=parts["row_id"]).first()
                if row is None:
                    raise Http404
                parts = {"row": row}
            refusal = self._check(model_admin, request, parts.get("row"))
            return refusal or self.view(model_admin, request, *parts.values())

        address: Any = model_admin.admin_site.admin_view(serve)
        route = self.route or f"{'<int:row_id>/' * self.of_object}{self.name.replace('_', '-')}/"
        name = f"{name_model(model_admin)}_{self.name}"
        pattern: URLPattern = path(route, address, name=name)
        return pattern

    def _check(
        self, model_admin: admin.ModelAdmin, request: HttpRequest, row: Any
    ) -> HttpResponseBase | None:
        sent = self.changes and request.method == "POST"
        may_open = self.may(model_admin, request, row)
        if not may_open or (sent and not may_change(model_admin, request)):
            raise PermissionDenied
        if (sent or self.switched) and not conf.is_enabled():
            messages.error(request, explain_switched_off())
            if row is None:
                return go_to_list(model_admin)
            return go_to(row, self.name if sent else "change")
        if row is not None and not self.exists(row):
            raise Http404
        if self.post_only and request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return None


def viewing(name: str, view: View, **options: Any) -> AdminPage:
    """A page for all who may see the object."""
    return AdminPage(name, view, may_see, **options)


def acting(name: str, view: View, **options: Any) -> AdminPage:
    """A page for those who may change the object, while the plugin is on."""
    return AdminPage(name, view, may_change, switched=True, **options)


def listing(name: str, view: View, may: May, **options: Any) -> AdminPage:
    """A page of the list."""
    return AdminPage(name, view, may, of_object=False, **options)


def suggesting(name: str, find: Callable[[str], Sequence[tuple[str, str]]], may: May) -> AdminPage:
    """A text field's suggestions: ``find`` gives (value, label) pairs for the text so far."""

    def suggest(_model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
        text = suggestions.read_text(request)
        return suggestions.answer(find(text) if text else [])

    return listing(name, suggest, may)


# --- Their addresses ------------------------------------------------------------------------------
def name_model(model_admin: admin.ModelAdmin) -> str:
    """How the names of its addresses begin."""
    return f"token_payments_{model_admin.opts.model_name}"


def page_url(row: Model, page: str = "change") -> str:
    return reverse(f"admin:token_payments_{row._meta.model_name}_{page}", args=[row.pk])


def go_to(row: Model, page: str = "change") -> HttpResponseRedirect:
    return HttpResponseRedirect(page_url(row, page))


def go_to_list(model_admin: admin.ModelAdmin) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:{name_model(model_admin)}_changelist"))


# --- Their frame ----------------------------------------------------------------------------------
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


def ask(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    template: str,
    *,
    row: Model,
    form: Form,
    do: Callable[[Any], str],
    at: Mapping[type[TokenPaymentsError], str] = MappingProxyType({}),
    **context: Any,
) -> HttpResponse:
    """The form; once it is sent, ``do`` gets what was entered, and says what was done to ``row``.

    A refusal is told at the field that ``at`` has for it, or above the form.
    """
    if form.is_valid():
        try:
            text = do(form.cleaned_data)
        except TokenPaymentsError as error:
            told = describe_refusal(error, audience=Audience.STAFF)
            form.add_error(at.get(type(error)), told.text)
        else:
            messages.success(request, text)
            return go_to(row)
    return render_page(model_admin, request, template, original=row, form=form, **context)
