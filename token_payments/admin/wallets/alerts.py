"""The alerts of an account: of which type, below which number, and whom to tell."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.lookups import read_number
from token_payments.admin.pages import go_to, render_page
from token_payments.admin.wallets.account_head import describe_account
from token_payments.admin.wallets.texts import write_amount, write_time
from token_payments.errors import AddressesRefused
from token_payments.models import MAX_ISSUE, Account, Wallet
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

MAX_TEXT = 5000  # characters that may be pasted


class WalletAlertForm(forms.Form):
    """Below which number whom to tell; cleans ``addresses`` to a list."""

    threshold = forms.IntegerField(
        label=_("Tell when fewer are left than"),
        required=False,
        min_value=1,
        max_value=MAX_ISSUE,
        help_text=_("Empty: nobody is told."),
    )
    addresses = forms.CharField(
        label=_("Tell these addresses"),
        required=False,
        max_length=MAX_TEXT,
        help_text=_("One on each line. Empty: the account's managers are told."),
        widget=forms.Textarea(attrs={"rows": 2, "cols": 40, "spellcheck": "false"}),
    )

    def clean_addresses(self) -> list[str]:
        addresses = wallet_queries.split_addresses(self.cleaned_data["addresses"])
        try:
            wallet_queries.check_addresses(addresses)
        except AddressesRefused as error:
            told = describe_refusal(
                error,
                audience=Audience.STAFF,
                address=error.address[:100],
                limit=wallet_queries.MAX_ADDRESSES,
            )
            raise forms.ValidationError(told.text) from error
        return addresses


@dataclass(frozen=True)
class Alert:
    """One type of tokens: what can be spent now, since when that is too few, and the form."""

    wallet: Wallet
    available: str
    low_since: str
    form: WalletAlertForm


def show_alerts(
    model_admin: admin.ModelAdmin, request: HttpRequest, account: Account
) -> HttpResponse:
    """The alerts' page; a POST sets the one of the wallet that it names."""
    if request.method != "POST":
        return _render(model_admin, request, account)
    wallet_id = read_number(request.POST.get("wallet", "")) or 0
    wallet = account.wallets.select_related("token_type").filter(pk=wallet_id).first()
    if wallet is None:
        messages.error(request, gettext("The account has no such tokens. Nothing was changed."))
        return go_to(account, "alerts")
    form = WalletAlertForm(request.POST, auto_id=f"id_{wallet.pk}_%s")
    if not form.is_valid():
        return _render(model_admin, request, account, refused=(wallet.pk, form))
    wallet_operations.set_low_balance(
        wallet.pk, **form.cleaned_data, actor=request.user, now=timezone.now()
    )
    text = gettext("The low balance alert for %(type)s was saved.")
    messages.success(request, text % {"type": wallet.token_type})
    return go_to(account, "alerts")


def _render(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    account: Account,
    refused: tuple[int, WalletAlertForm] | None = None,
) -> HttpResponse:
    return render_page(
        model_admin,
        request,
        "alerts",
        title=account.name,
        original=account,
        alerts=_list_alerts(account, dict([refused] if refused else [])),
        **describe_account(model_admin, request, account, page="alerts"),
    )


def _list_alerts(account: Account, refused: dict[int, WalletAlertForm]) -> list[Alert]:
    wallets = list(account.wallets.select_related("token_type").order_by("token_type__name"))
    balances = wallet_queries.list_balances([wallet.pk for wallet in wallets], timezone.now())
    return [
        Alert(
            wallet=wallet,
            available=write_amount(
                balances.get(wallet.pk, wallet_queries.Balance()).available, wallet.token_type
            ),
            low_since=write_time(wallet.low_since) if wallet.low_since else "",
            form=refused.get(wallet.pk) or _make_form(wallet),
        )
        for wallet in wallets
    ]


def _make_form(wallet: Wallet) -> WalletAlertForm:
    initial = {"threshold": wallet.low_balance, "addresses": wallet.low_balance_emails}
    return WalletAlertForm(initial=initial, auto_id=f"id_{wallet.pk}_%s")
