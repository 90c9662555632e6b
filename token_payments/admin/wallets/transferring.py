"""Transferring tokens to another account: a form, what would go where, and then it goes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import SuggestInput
from token_payments.admin.pages import go_to_list, render_page
from token_payments.admin.suggestions import AccountField
from token_payments.admin.wallets.texts import explain_expiry, statement_url, write_amount
from token_payments.db.numbers import read_number
from token_payments.hosts.people import get_user
from token_payments.models import LedgerEntry, TokenIssue, Wallet
from token_payments.presenters import transfers
from token_payments.presenters.refusals import Audience
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries


class StaffTransferForm(transfers.TransferForm):
    """To any account."""

    audience = Audience.STAFF
    field_order = ("account",)

    account = AccountField(
        label=_("To account"),
        help_text=_("Name or customer number of the account."),
        widget=SuggestInput("tokenissue_accounts"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["class"] = "vTextField"
        self.fields["issue"].help_text = _(
            "They keep their expiry, their price and whether they are used last."
        )

    def describe_issue(self, issue: TokenIssue) -> str:
        return f"#{issue.pk}: {super().describe_issue(issue)}"


# Outside ATOMIC_REQUESTS: a transfer that loses a deadlock is run again.
@transaction.non_atomic_requests
def transfer(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The form; sent, it shows what would go where; confirmed, it is done, once."""
    wallet, issue_id = _find_source(request)
    if wallet is None:
        messages.error(request, gettext("Choose the account or the issue to transfer from."))
        return go_to_list(model_admin)
    data = request.POST if request.method == "POST" else None
    form = StaffTransferForm(data, wallet=wallet, initial={"issue": issue_id})
    available = wallet_queries.get_balance(wallet, timezone.now()).available
    answer = form.answer(
        lambda: _transfer(model_admin, request, form),
        lambda: _show_preview(model_admin, request, form),
    )
    return answer or render_page(
        model_admin,
        request,
        "transfer",
        title=gettext("Transfer tokens"),
        wallet=wallet,
        available=write_amount(available, wallet.token_type),
        form=form,
    )


def get_transfer_url(wallet: Wallet, issue: TokenIssue | None = None) -> str:
    """The form for a wallet's tokens, or for those of one issue."""
    query = f"issue={issue.pk}" if issue is not None else f"wallet={wallet.pk}"
    return f"{reverse('admin:token_payments_tokenissue_transfer')}?{query}"


def _transfer(model_admin: Any, request: HttpRequest, form: StaffTransferForm) -> HttpResponse:
    done = wallet_operations.transfer_tokens(
        form.cleaned_data["wanted"],
        actor=get_user(request),
        reason=form.cleaned_data["reason"],
        idempotency_key=form.cleaned_data["idempotency_key"],
        now=timezone.now(),
    )
    text = gettext("%(tokens)s went from %(source)s to %(target)s.") % {
        "tokens": write_amount(done.quantity, form.wallet.token_type),
        "source": form.wallet.account,
        "target": form.cleaned_data["account"],
    }
    messages.success(request, text)
    ledger = model_admin.admin_site.get_model_admin(LedgerEntry)
    if ledger.has_view_permission(request):
        return HttpResponseRedirect(statement_url(form.wallet))
    return go_to_list(model_admin)


def _show_preview(model_admin: Any, request: HttpRequest, form: StaffTransferForm) -> HttpResponse:
    preview = wallet_queries.preview_transfer(
        form.cleaned_data["wanted"], actor=get_user(request), now=timezone.now()
    )
    return render_page(
        model_admin,
        request,
        "transfer_preview",
        title=gettext("Transfer tokens"),
        wallet=form.wallet,
        account=preview.wanted.account,
        tokens=write_amount(preview.wanted.quantity, form.wallet.token_type),
        reason=form.cleaned_data["reason"],
        rows=[(draw, explain_expiry(draw.issue.expires_at)) for draw in preview.draws],
        preview=preview,
        hidden=[("wallet", form.wallet.pk), *form.list_hidden()],
    )


def _find_source(request: HttpRequest) -> tuple[Wallet | None, int | None]:
    """The wallet that the form or the address names, and the issue that the address does."""
    wallets = Wallet.objects.select_related("account", "token_type")
    given = request.POST if request.method == "POST" else request.GET
    wallet_id = read_number(given.get("wallet", ""))
    if wallet_id:
        return wallets.filter(pk=wallet_id).first(), None
    issue_id = read_number(given.get("issue", ""))
    return (wallets.filter(issues=issue_id).first() if issue_id else None), issue_id
