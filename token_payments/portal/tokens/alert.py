"""Alerts when few tokens are left: managers set them for each type of tokens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import throttling
from token_payments.hosts.people import get_user
from token_payments.models import Wallet
from token_payments.portal.pages import go_and_tell, render_page
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.access import find_wallet, get_managed, tokens_page
from token_payments.portal.tokens.forms import PageForm
from token_payments.presenters.holdings import AlertForm
from token_payments.presenters.refusals import Audience
from token_payments.throttling import Limit
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


class ManagersAlertForm(PageForm, AlertForm):
    audience = Audience.CUSTOMER
    error_texts = {
        "threshold": {
            "invalid": _("Enter a whole number, or nothing."),
            "min_value": _("Enter 1 or more, or nothing."),
            "max_value": _("This is more than any issue of tokens has. Enter a smaller number."),
        }
    }


@tokens_page
def alert(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """The form with what is set; POST sets it, and tells at once where few are left already."""
    wallet = find_wallet(get_managed(request, account_id), type_id)
    form = ManagersAlertForm(request.POST if request.method == "POST" else None, wallet=wallet)
    if not form.is_valid():
        return _show(request, wallet, form)
    wait = explain_wait(request, Limit.ALERTS)
    if wait:
        form.add_error(None, wait)
        return _show(request, wallet, form)
    changed = wallet_operations.set_low_balance(
        wallet.pk, **form.cleaned_data, actor=get_user(request), now=timezone.now()
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


def _show(request: HttpRequest, wallet: Wallet, form: ManagersAlertForm) -> HttpResponse:
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
