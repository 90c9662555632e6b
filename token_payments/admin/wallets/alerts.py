"""The alerts of an account: of which type, below which number, and whom to tell."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.pages import go_to, render_page
from token_payments.admin.wallets.account_page import describe_account
from token_payments.admin.wallets.texts import write_time
from token_payments.hosts.people import get_user
from token_payments.models import Account
from token_payments.presenters.holdings import AlertForm, list_holdings
from token_payments.wallets import operations as wallet_operations


class StaffAlertForm(AlertForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["addresses"].label = _("Tell these addresses")


def show_alerts(
    model_admin: admin.ModelAdmin, request: HttpRequest, account: Account
) -> HttpResponse:
    """The alerts' page; a POST sets the one of the wallet that it names."""
    holdings = list_holdings([account.pk], timezone.now())
    wallets = {str(holding.wallet.pk): holding.wallet for holding in holdings}
    sent = wallets.get(request.POST.get("wallet", ""))
    if request.method == "POST" and sent is None:
        messages.error(request, gettext("The account has no such tokens. Nothing was changed."))
        return go_to(account, "alerts")
    forms = {
        wallet: StaffAlertForm(
            request.POST if wallet == sent else None,
            wallet=wallet,
            auto_id=f"id_{wallet.pk}_%s",
        )
        for wallet in wallets.values()
    }
    if sent and forms[sent].is_valid():
        wallet_operations.set_low_balance(
            sent.pk, **forms[sent].cleaned_data, actor=get_user(request), now=timezone.now()
        )
        text = gettext("The low balance alert for %(type)s was saved.")
        messages.success(request, text % {"type": sent.token_type})
        return go_to(account, "alerts")
    return render_page(
        model_admin,
        request,
        "alerts",
        title=account.name,
        original=account,
        alerts=[
            (holding, forms[holding.wallet], write_time(holding.wallet.low_since))
            for holding in holdings
        ],
        **describe_account(model_admin, request, account, page="alerts"),
    )
