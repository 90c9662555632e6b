"""Freezing and unfreezing an account: each asks first, and says what will happen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import ReasonField
from token_payments.admin.pages import ask, go_to
from token_payments.hosts.people import get_user
from token_payments.models import Account
from token_payments.wallets import operations as wallet_operations


class FreezeForm(forms.Form):
    """Why; kept in the account's history."""

    reason = ReasonField(max_length=100, help_text=_("For the account's history."))


def freeze(model_admin: admin.ModelAdmin, request: HttpRequest, account: Account) -> HttpResponse:
    """Ask why; then nothing can be issued to or spent by the account."""

    def do(wanted: dict[str, Any]) -> str:
        wallet_operations.freeze_account(account.pk, actor=get_user(request), **wanted)
        text = gettext("%(account)s is frozen: nothing can be issued or spent.")
        return text % {"account": account}

    if account.is_frozen:
        messages.info(request, gettext("This account is frozen already."))
        return go_to(account)
    form = FreezeForm(request.POST if request.method == "POST" else None)
    return ask(
        model_admin, request, "account_freeze", row=account, form=form, do=do, title=account.name
    )


def unfreeze(model_admin: admin.ModelAdmin, request: HttpRequest, account: Account) -> HttpResponse:
    """Ask why; then all is as before."""

    def do(wanted: dict[str, Any]) -> str:
        wallet_operations.unfreeze_account(account.pk, actor=get_user(request), **wanted)
        text = gettext("%(account)s is active again: tokens can be issued and spent.")
        return text % {"account": account}

    if not account.is_frozen:
        messages.info(request, gettext("This account is not frozen."))
        return go_to(account)
    form = FreezeForm(request.POST if request.method == "POST" else None)
    return ask(
        model_admin, request, "account_unfreeze", row=account, form=form, do=do, title=account.name
    )
