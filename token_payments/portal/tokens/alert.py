"""Whom to tell when few tokens are left: managers set it for each type of tokens."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from token_payments import conf, tasks, throttling
from token_payments.models import Wallet
from token_payments.portal.refusals import explain_wait
from token_payments.portal.tokens.access import find_managed, find_wallet, tokens_page
from token_payments.portal.tokens.forms import AlertForm
from token_payments.throttling import Limit
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


@tokens_page
@require_http_methods(["GET", "HEAD", "POST"])
def alert(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """The form with what is set; POST sets it, and tells at once where few are left already."""
    wallet = find_wallet(find_managed(request, account_id), type_id)
    if wallet is None:
        raise Http404
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
    tasks.queue_low_balance(changed)
    address = reverse("token_payments:alert", args=[account_id, type_id])
    return redirect(f"{address}?done=1")


def _show(request: HttpRequest, wallet: Wallet, form: AlertForm) -> HttpResponse:
    context: dict[str, Any] = {
        "base_template": conf.base_template(),
        "account": wallet.account,
        "token_type": wallet.token_type,
        "wallet": wallet,
        "balance": wallet_queries.get_balance(wallet, timezone.now()).available,
        "form": form,
        "errors": form.list_errors() if form.is_bound else [],
        "is_done": "done" in request.GET and not form.is_bound,
    }
    return render(request, "token_payments/tokens/alert.html", context)
