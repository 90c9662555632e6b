"""Extending the expiry of one issue or of many, with a report for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.fields import DayField, ReasonField
from token_payments.admin.pages import go_to_list, render_page
from token_payments.admin.wallets import texts
from token_payments.db.numbers import read_number
from token_payments.errors import TokenPaymentsError
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_number
from token_payments.models import TokenIssue
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations

MAX_AT_ONCE = 500


class ExtendForm(OnceForm):
    """A later day, or never, for the issues whose numbers ``issues`` has, and why."""

    issues = forms.CharField(widget=forms.HiddenInput)
    expires_at = DayField(label=_("New expiry"), required=False)
    never = forms.BooleanField(
        label=_("Never expires"), required=False, help_text=_("Instead of a day.")
    )
    reason = ReasonField(max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expires_at"].help_text = gettext(
            "The last day on which the tokens can be spent, until midnight %(zone)s time."
        ) % {"zone": conf.time_zone().key}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "expires_at" in self.errors:
            return cleaned
        if cleaned.get("expires_at") and cleaned.get("never"):
            self.add_error("never", gettext("Choose one: a day, or never."))
        elif not cleaned.get("expires_at") and not cleaned.get("never"):
            self.add_error("expires_at", gettext("Choose a day, or tick “Never expires”."))
        return cleaned


def extend(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The form for the issues named in the address or in the form; after it, the report."""
    text = (request.POST if request.method == "POST" else request.GET).get("issues", "")
    issue_ids = _read_ids(text)
    if request.method != "POST":
        return ask(model_admin, request, issue_ids)
    form = ExtendForm(request.POST)
    issues = _list_issues(issue_ids)
    if len(issue_ids) > MAX_AT_ONCE or not issues or not form.is_valid():
        return ask(model_admin, request, issue_ids, form)
    return _show_report(model_admin, request, _extend_all(request, issues, form.cleaned_data))


def ask(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    issue_ids: Sequence[int],
    form: ExtendForm | None = None,
) -> HttpResponse:
    """The form, above it the issues that it is about."""
    if len(issue_ids) > MAX_AT_ONCE:
        text = gettext("Choose at most %(count)s issues at once.")
        messages.error(request, text % {"count": format_number(MAX_AT_ONCE)})
        return go_to_list(model_admin)
    issues = _list_issues(issue_ids)
    if not issues:
        messages.error(request, gettext("Choose the issues to extend."))
        return go_to_list(model_admin)
    initial = {"issues": ",".join(str(issue.pk) for issue in issues)}
    now = timezone.now()
    return render_page(
        model_admin,
        request,
        "extend",
        title=gettext("Extend expiry"),
        form=form or ExtendForm(initial=initial),
        rows=[
            {
                **_describe(issue),
                "expires": texts.write_expiry(issue.expires_at),
                "left": texts.write_time_left(issue.expires_at, now),
            }
            for issue in issues
        ],
    )


def _extend_all(
    request: HttpRequest, issues: Sequence[TokenIssue], wanted: dict[str, Any]
) -> list[dict[str, Any]]:
    """Each by itself: one that is refused keeps no other from being extended."""
    expires_at = None if wanted["never"] else wanted["expires_at"]
    reports = []
    for issue in issues:
        refusal = ""
        try:
            wallet_operations.extend_expiry(
                issue.pk,
                expires_at,
                actor=get_user(request),
                reason=wanted["reason"],
                idempotency_key=f"{wanted['idempotency_key']}:{issue.pk}",
                now=timezone.now(),
            )
        except TokenPaymentsError as error:
            refusal = _explain(error, issue)
        text = refusal or texts.explain_expiry(expires_at)
        reports.append({**_describe(issue), "is_extended": not refusal, "text": text})
    return reports


def _describe(issue: TokenIssue) -> dict[str, Any]:
    tokens = texts.write_amount(issue.remaining, issue.wallet.token_type)
    return {"issue": issue, "tokens": tokens}


def _explain(error: TokenPaymentsError, issue: TokenIssue) -> str:
    if issue.expires_at is None:
        return gettext("These tokens never expire already.")
    account = issue.wallet.account
    return describe_refusal(error, audience=Audience.STAFF, about="extend", account=account).text


def _show_report(
    model_admin: admin.ModelAdmin, request: HttpRequest, reports: Sequence[dict[str, Any]]
) -> HttpResponse:
    extended = sum(report["is_extended"] for report in reports)
    text = ngettext("%(count)s issue was extended.", "%(count)s issues were extended.", extended)
    refused = len(reports) - extended
    not_extended = ngettext("%(count)s was not.", "%(count)s were not.", refused)
    return render_page(
        model_admin,
        request,
        "extended",
        title=gettext("Extend expiry"),
        reports=reports,
        extended=text % {"count": format_number(extended)},
        refused=not_extended % {"count": format_number(refused)} if refused else "",
    )


def _read_ids(text: str) -> list[int]:
    """The numbers in ``text``, each once; one too many at most."""
    numbers = (read_number(part) for part in text.split(",", MAX_AT_ONCE + 1))
    return list(dict.fromkeys(number for number in numbers if number))


def _list_issues(issue_ids: Sequence[int]) -> list[TokenIssue]:
    issues = TokenIssue.objects.filter(pk__in=issue_ids).order_by("pk")
    return list(issues.select_related("wallet__account", "wallet__token_type"))
