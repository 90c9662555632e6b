"""Issue tokens: raising an issue by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf, errors
from token_payments.admin import fields, pages
from token_payments.admin.suggestions import AccountField
from token_payments.admin.wallets.texts import explain_expiry, write_amount
from token_payments.db.numbers import read_number
from token_payments.hosts.people import get_user
from token_payments.models import MAX_ISSUE, Account, TokenIssue, TokenSettings, TokenType
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

FIELDS: dict[type[errors.TokenPaymentsError], str] = {
    errors.AccountFrozen: "account",
    errors.TypeArchived: "token_type",
    errors.ExpiryNotLater: "expires_at",
}


class TypeSelect(forms.Select):
    """Each option carries what happens when the expiry is left empty, for the page's script."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        token_type = getattr(value, "instance", None)
        if token_type is not None:
            option["attrs"]["data-expiry"] = _explain_default_expiry(token_type)
        return option


class IssueForm(OnceForm):
    """Account, type and quantity; the expiry, the price and the texts are optional."""

    account = AccountField(
        label=_("Account"),
        help_text=_("Name or customer number of the account."),
        widget=fields.SuggestInput("tokenissue_accounts"),
    )
    token_type = fields.TokenTypeField(
        widget=TypeSelect,
        label=_("Token type"),
        queryset=TokenType.objects.filter(is_archived=False),
        empty_label=_("Choose a token type"),
    )
    quantity = forms.IntegerField(label=_("Number of tokens"), min_value=1, max_value=MAX_ISSUE)
    expires_at = fields.DayField(label=_("Expiry"), required=False)
    unit_price = fields.UnitPriceField(
        label=_("Price per token"), help_text=_("What the customer paid for one token. Optional.")
    )
    currency = fields.CurrencyFormField(
        label=_("Currency"),
        help_text=_("Three letters (ISO 4217), e.g. GBP. Needed with a price."),
    )
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=128,
        help_text=_("E.g. the number of the invoice or contract. Optional."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    reason = fields.ReasonField(required=False, help_text=_("Shown in the statement. Optional."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].widget.attrs["inputmode"] = "numeric"
        self.fields["expires_at"].help_text = gettext(
            "The last day on which the tokens can be spent, until midnight %(zone)s time. Empty: "
            "the redemption period of the type."
        ) % {"zone": conf.time_zone().key}

    @property
    def default_expiry(self) -> str:
        """The day that an empty expiry comes to for the chosen type; empty without one."""
        chosen = self["token_type"].value()
        try:
            token_type = self.fields["token_type"].clean(getattr(chosen, "pk", chosen))
        except forms.ValidationError:
            return ""
        return _explain_default_expiry(token_type)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        fields.check_price(self, cleaned)
        return cleaned


def is_allowed() -> bool:
    """Whether anybody may raise issues by hand now."""
    return conf.is_enabled() and bool(TokenSettings.current().manual_issues_allowed)


def raise_issue(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The form; whoever has the permission is told when nobody may raise issues by hand."""
    if not pages.may_add(model_admin, request):
        raise PermissionDenied
    if not is_allowed():
        return _refuse(model_admin, request)
    data = request.POST if request.method == "POST" else None
    form = IssueForm(data, initial=_get_initial(request))
    if form.is_valid():
        try:
            issue = wallet_operations.raise_issue(
                **form.cleaned_data, actor=get_user(request), now=timezone.now()
            )
        except errors.TokenPaymentsError as error:
            told = describe_refusal(error, audience=Audience.STAFF)
            form.add_error(FIELDS.get(type(error)), told.text)
        else:
            messages.success(request, _report(issue))
            may_see = model_admin.has_view_permission(request, issue)
            return HttpResponseRedirect(pages.page_url(issue) if may_see else request.path)
    title = gettext("Issue tokens")
    return pages.render_page(model_admin, request, "issue_form", title=title, form=form)


def may_name_accounts(model_admin: admin.ModelAdmin, request: HttpRequest, _row: Any) -> bool:
    return pages.may_add(model_admin, request) or pages.may_change(model_admin, request)


def _get_initial(request: HttpRequest) -> dict[str, Any]:
    """Account and type, when a link names them."""
    account_id = read_number(request.GET.get("account", ""))
    type_id = read_number(request.GET.get("token_type", ""))
    account = Account.objects.filter(pk=account_id).first() if account_id else None
    token_type = TokenType.objects.filter(pk=type_id).first() if type_id else None
    return {
        "account": account.name if account else "",
        "token_type": token_type.pk if token_type else None,
    }


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


def _explain_default_expiry(token_type: TokenType) -> str:
    return explain_expiry(wallet_queries.compute_default_expiry(token_type, timezone.now()))
