"""Issue tokens: raising an issue by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext

from token_payments import conf, errors
from token_payments.admin import lookups, pages
from token_payments.admin.wallets.issue_form import IssueForm
from token_payments.admin.wallets.texts import explain_expiry, write_amount
from token_payments.models import Account, TokenIssue, TokenSettings, TokenType
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations

FIELDS: dict[type[errors.TokenPaymentsError], str] = {
    errors.AccountFrozen: "account",
    errors.TypeArchived: "token_type",
    errors.ExpiryNotLater: "expires_at",
}
REFUSALS = (
    *(errors.AccountFrozen, errors.TypeArchived, errors.ExpiryNotLater),
    *(errors.IdempotencyConflict, errors.ManualIssuesNotAllowed),
)


def is_allowed() -> bool:
    """Whether anybody may raise issues by hand now."""
    return conf.is_enabled() and bool(TokenSettings.current().manual_issues_allowed)


def raise_issue(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The form; whoever has the permission is told when nobody may raise issues by hand."""
    if not pages.may_add(model_admin, request):
        raise PermissionDenied
    if not is_allowed():
        return _refuse(model_admin, request)
    form = IssueForm(
        request.POST if request.method == "POST" else None, initial=_get_initial(request)
    )
    if request.method == "POST" and form.is_valid():
        issue = _raise(request, form)
        if issue is not None:
            messages.success(request, _report(issue))
            may_see = model_admin.has_view_permission(request, issue)
            return HttpResponseRedirect(pages.page_url(issue) if may_see else request.path)
    title = gettext("Issue tokens")
    return pages.render_page(model_admin, request, "issue_form", title=title, form=form)


def may_name_accounts(model_admin: admin.ModelAdmin, request: HttpRequest, _row: Any) -> bool:
    return pages.may_add(model_admin, request) or pages.may_change(model_admin, request)


def _get_initial(request: HttpRequest) -> dict[str, Any]:
    """Account and type, when a link names them."""
    account_id = lookups.read_number(request.GET.get("account", ""))
    type_id = lookups.read_number(request.GET.get("token_type", ""))
    account = Account.objects.filter(pk=account_id).first() if account_id else None
    token_type = TokenType.objects.filter(pk=type_id).first() if type_id else None
    return {
        "account": account.name if account else "",
        "token_type": token_type.pk if token_type else None,
    }


def _raise(request: HttpRequest, form: IssueForm) -> TokenIssue | None:
    """Raise the issue; None when the domain refuses, which the form then tells."""
    try:
        return wallet_operations.raise_issue(
            **form.cleaned_data, actor=request.user, now=timezone.now()
        )
    except REFUSALS as error:
        told = describe_refusal(error, audience=Audience.STAFF)
        form.add_error(FIELDS.get(type(error)), told.text)
    return None


def _report(issue: TokenIssue) -> str:
    text = gettext("%(tokens)s issued to %(account)s. %(expiry)s.")
    return text % {
        "tokens": write_amount(issue.quantity, issue.wallet.token_type),
        "account": issue.wallet.account,
        "expiry": explain_expiry(issue.expires_at),
    }


def _refuse(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Why nobody may raise issues by hand: an answer to whoever looks, a refusal of a POST."""
    told = describe_refusal(errors.ManualIssuesNotAllowed(), audience=Audience.STAFF)
    return pages.render_page(
        model_admin,
        request,
        "refused",
        title=gettext("Tokens can't be issued by hand"),
        status=200 if request.method == "GET" else 403,
        reason=told.text if conf.is_enabled() else pages.explain_switched_off(),
    )
