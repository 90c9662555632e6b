"""Whom to tell when few tokens are left: managers set it for each type of tokens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from token_payments import throttling
from token_payments.models import Wallet
from token_payments.portal.pages import go_and_tell, render_page
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.access import find_wallet, get_managed, tokens_page
from token_payments.portal.tokens.forms import AlertForm
from token_payments.throttling import Limit
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


@tokens_page
def alert(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """The form with what is set; POST sets it, and tells at once where few are left already."""
    wallet = find_wallet(get_managed(request, account_id), type_id)
    if request.method != "POST":
        initial = {"threshold": wallet.low_balance, "addresses": wallet.low_balance_emails}
        return _show(request, wallet, AlertForm(initial=initial))
    form = AlertForm(request.POST)
    if not form.is_valid():
        return _show(request, wallet, form)
    wait = explain_wait(request, Limit.ALERTS)
    if wait:
        form.add_error(None, wait)
        return _show(request, wallet, form)
    changed = wallet_operations.set_low_balance(
        wallet.pk,
        threshold=form.cleaned_data["threshold"],
        addresses=form.cleaned_data["addresses"],
        actor=request.user,
        now=timezone.now(),
    )
    throttling.count(request, Limit.ALERTS)
    address = reverse("token_payments:alert", args=[account_id, type_id])
    return go_and_tell(request, address, _say_saved(changed))


def _say_saved(wallet: Wallet) -> str:
    if not wallet.low_balance:
        return gettext("Saved. Nobody is told.")
    if _count_available(wallet) >= wallet.low_balance:
        return gettext("Saved.")
    if wallet.account.is_frozen:
        return gettext(
            "Saved. There are fewer already: an e-mail goes out once the account isn't frozen any "
            "more."
        )
    return gettext(
        "Saved. There are fewer already, so an e-mail goes out now, unless one did before."
    )


def _show(request: HttpRequest, wallet: Wallet, form: AlertForm) -> HttpResponse:
    return render_page(
        request,
        "tokens/alert.html",
        account=wallet.account,
        token_type=wallet.token_type,
        wallet=wallet,
        balance=_count_available(wallet),
        form=form,
        errors=form.list_errors(),
    )


def _count_available(wallet: Wallet) -> int:
    return wallet_queries.get_balance(wallet, timezone.now()).available
