"""Freezing and unfreezing an account: each asks first, and says what will happen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.pages import page_url, render_page
from token_payments.models import Account
from token_payments.wallets import operations as wallet_operations


class ReasonForm(forms.Form):
    """Why; kept in the account's history."""

    reason = forms.CharField(
        label=_("Reason"), max_length=100, help_text=_("For the account's history.")
    )


def freeze(model_admin: admin.ModelAdmin, request: HttpRequest, account: Account) -> HttpResponse:
    """Ask why; then nothing can be issued to or spent by the account."""
    if account.is_frozen:
        messages.info(request, gettext("This account is frozen already."))
        return HttpResponseRedirect(page_url(account))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wallet_operations.freeze_account(
            account.pk, actor=request.user, reason=form.cleaned_data["reason"]
        )
        text = gettext("%(account)s is frozen: nothing can be issued or spent.")
        messages.success(request, text % {"account": account})
        return HttpResponseRedirect(page_url(account))
    return _ask(model_admin, request, account, "account_freeze", form=form)


def unfreeze(model_admin: admin.ModelAdmin, request: HttpRequest, account: Account) -> HttpResponse:
    """Ask why; then all is as before."""
    if not account.is_frozen:
        messages.info(request, gettext("This account is not frozen."))
        return HttpResponseRedirect(page_url(account))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wallet_operations.unfreeze_account(
            account.pk, actor=request.user, reason=form.cleaned_data["reason"]
        )
        text = gettext("%(account)s is active again: tokens can be issued and spent.")
        messages.success(request, text % {"account": account})
        return HttpResponseRedirect(page_url(account))
    return _ask(model_admin, request, account, "account_unfreeze", form=form)


def _ask(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    account: Account,
    template: str,
    **context: Any,
) -> HttpResponse:
    return render_page(
        model_admin, request, template, title=account.name, original=account, **context
    )
