"""Retired users, and the export of what is known of one person."""

from __future__ import annotations

import json
import logging
from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.base import ReadOnlyAdmin
from token_payments.admin.pages import listing, render_page
from token_payments.admin.suggestions import find_person
from token_payments.hosts import host
from token_payments.models import Retirement
from token_payments.privacy import queries as privacy_queries

EXPORT = "token_payments.export_personal_data"
MAX_PERSON = 254

log = logging.getLogger(__name__)


class ExportForm(forms.Form):
    """The person; cleans to the arguments of ``privacy_queries.export_person``."""

    person = forms.CharField(
        label=_("User name or e-mail address"),
        max_length=MAX_PERSON,
        help_text=_("Also an address without an account, to which a token was given."),
    )

    def clean_person(self) -> dict[str, Any]:
        text = str(self.cleaned_data["person"])
        user = find_person(text)
        if user is not None:
            return {"user": user}
        try:
            validate_email(text)
        except forms.ValidationError:
            raise forms.ValidationError(
                gettext("Nobody has the user name “%(text)s”.") % {"text": text}
            )
        return {"addresses": [text]}


def may_export(_model_admin: Any, request: HttpRequest, _row: Any = None) -> bool:
    return request.user.has_perm(EXPORT)


def export(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The form; then the file. Who has exported whose data stands in the LMS's log."""
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        export = privacy_queries.export_person(**form.cleaned_data["person"], now=timezone.now())
        if export["records"]:
            return _send(request, export)
        form.add_error("person", gettext("Nothing is known of this person."))
    title = gettext("Export personal data")
    return render_page(model_admin, request, "export", folder="retirements", title=title, form=form)


def _send(request: HttpRequest, export: dict[str, Any]) -> HttpResponse:
    user_id = export["person"]["user_id"]
    log.info("user %s exports what is known of user %s", request.user.pk, user_id or "(none)")
    text = json.dumps(export, indent=1, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="person-{user_id or "address"}.json"'
    return answer


@admin.register(Retirement)
class RetirementAdmin(ReadOnlyAdmin):
    """The LMS retires, the plugin follows."""

    list_title = _("Retired users")
    people = ("user",)
    pages = (listing("export", export, may_export),)
    list_display = ("user_name", "first_at", "last_at", "values")
    list_display_links = ("user_name",)
    list_per_page = 100
    fields = ("user_name", "first_at", "last_at", "values")
    change_list_template = "admin/token_payments/retirements/change_list.html"

    @admin.display(description=_("user"), ordering="user")
    def user_name(self, row: Retirement) -> str:
        return host.get_full_name(row.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or may_export(self, request)

    def describe_list(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_export": may_export(self, request)}
