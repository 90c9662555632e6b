"""Managers transfer tokens to another account of theirs: choose, look at what goes where, do it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from token_payments import models
from token_payments.hosts.people import get_user
from token_payments.portal.pages import go_and_tell, render_page
from token_payments.portal.tokens.access import find_wallet, get_managed, is_manager, tokens_page
from token_payments.portal.tokens.forms import PageForm
from token_payments.presenters import transfers
from token_payments.presenters.refusals import Audience
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


class ManagersTransferForm(PageForm, transfers.TransferForm):
    """To another account that the manager has."""

    audience = Audience.CUSTOMER
    error_texts = {
        "account": {"required": _("Choose the account that gets the tokens.")},
        "quantity": {
            "required": _("Enter how many tokens."),
            "invalid": _("Enter a whole number."),
            "min_value": _("Enter 1 or more."),
        },
        "issue": {"invalid_choice": _("These tokens aren't there any more. Choose others.")},
        "reason": {"required": _("Say why, for the statements.")},
    }
    field_order = ("account",)

    account = forms.ModelChoiceField(
        label=_("To"), queryset=models.Account.objects.none(), empty_label=_("Choose an account")
    )

    def __init__(self, *args: Any, accounts: QuerySet[models.Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        self.fields["issue"].help_text = _("They expire on the same day there as here.")


# Outside ATOMIC_REQUESTS: a transfer that loses a deadlock is run again.
@transaction.non_atomic_requests
@tokens_page
def transfer_tokens(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """The form; sent, it shows what would go where; confirmed, it is done, once."""
    wallet = find_wallet(get_managed(request, account_id), type_id)
    if not models.TokenSettings.current().transfers_allowed:
        raise Http404
    accounts = _list_targets(request, wallet)
    form = ManagersTransferForm(
        request.POST if request.method == "POST" else None, wallet=wallet, accounts=accounts
    )
    answer = form.answer(lambda: _transfer(request, form), lambda: _show_preview(request, form))
    is_edited = transfers.EDIT in request.POST
    return answer or render_page(
        request,
        "tokens/transfer.html",
        form=form,
        errors=[] if is_edited else form.list_errors(),
        is_edited=is_edited,
        has_targets=accounts.exists(),
        available=wallet_queries.get_balance(wallet, timezone.now()).available,
        **_describe(wallet),
    )


def may_transfer(request: HttpRequest, member: models.AccountMember, wallet: models.Wallet) -> bool:
    """Whether a link to the page makes sense: a query, where the site allows transfers."""
    if member.account.is_frozen or wallet.token_type.is_archived or not is_manager(member):
        return False
    is_allowed = models.TokenSettings.current().transfers_allowed
    return bool(is_allowed) and _list_targets(request, wallet).exists()


def _list_targets(request: HttpRequest, wallet: models.Wallet) -> QuerySet[models.Account]:
    """The other accounts that the visitor manages, by name."""
    managed = wallet_queries.list_accounts(get_user(request), role=models.AccountRole.MANAGER)
    return managed.exclude(pk=wallet.account_id).order_by("name")


def _transfer(request: HttpRequest, form: ManagersTransferForm) -> HttpResponse:
    wanted = form.cleaned_data["wanted"]
    done = wallet_operations.transfer_tokens(
        wanted,
        actor=get_user(request),
        reason=form.cleaned_data["reason"],
        idempotency_key=form.cleaned_data["idempotency_key"],
        now=timezone.now(),
    )
    facts = _describe(form.wallet) | {"done": done, "target": wanted.account}
    text = render_to_string("token_payments/tokens/transferred.html", facts)
    ids = [form.wallet.account_id, form.wallet.token_type_id]
    return go_and_tell(request, reverse("token_payments:transfer_tokens", args=ids), text)


def _show_preview(request: HttpRequest, form: ManagersTransferForm) -> HttpResponse:
    preview = wallet_queries.preview_transfer(
        form.cleaned_data["wanted"], actor=get_user(request), now=timezone.now()
    )
    return render_page(
        request,
        "tokens/transfer_preview.html",
        preview=preview,
        target=preview.wanted.account,
        reason=form.cleaned_data["reason"],
        hidden=form.list_hidden(),
        **_describe(form.wallet),
    )


def _describe(wallet: models.Wallet) -> dict[str, Any]:
    return {"account": wallet.account, "wallet": wallet, "token_type": wallet.token_type}
