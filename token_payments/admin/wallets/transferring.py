"""Transferring tokens to another account: a form, what would go where, and then it goes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.admin.account_field import AccountField
from token_payments.admin.lookups import read_number
from token_payments.admin.pages import go_to_list, render_page
from token_payments.admin.wallets.texts import explain_expiry, statement_url, write_amount
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import MAX_ISSUE, LedgerEntry, TokenIssue, TokenTransfer, Wallet
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

LISTED = 200  # issues to choose from; of a wallet with more, any can be chosen on its own page
CONFIRM, EDIT = "confirm", "edit"  # the preview's buttons
REFUSALS = (
    *(errors.AccountFrozen, errors.IdempotencyConflict, errors.InsufficientTokens),
    *(errors.IssueExpired, errors.TransferToItself, errors.TypeArchived),
)
FIELDS = {
    errors.InsufficientTokens: "quantity",
    errors.TransferToItself: "account",
    errors.IssueExpired: "issue",
}


class AccountTransferForm(OnceForm):
    """To whom, how many tokens of ``wallet``, and of which issue; cleans ``wish``."""

    account = AccountField(
        label=_("To account"), help_text=_("Name or customer number of the account.")
    )
    quantity = forms.IntegerField(label=_("Number of tokens"), min_value=1, max_value=MAX_ISSUE)
    issue = forms.TypedChoiceField(
        label=_("Which tokens"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("They keep their expiry, their price and whether they are used last."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        help_text=_("Shown to the managers of both accounts, in their statements."),
    )

    def __init__(self, *args: Any, wallet: Wallet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wallet = wallet
        self.fields["account"].widget.attrs.update(
            {
                "class": "vTextField",
                "autocomplete": "off",
                "data-suggest": reverse("admin:token_payments_tokenissue_accounts"),
            }
        )
        self.fields["quantity"].widget.attrs["inputmode"] = "numeric"
        self.fields["reason"].widget.attrs["class"] = "vTextField"
        field = self.fields["issue"]
        assert isinstance(field, forms.TypedChoiceField)
        chosen = self.data.get("issue", "") if self.is_bound else self.initial.get("issue")
        field.choices = _list_choices(wallet, read_number(str(chosen or "")))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            cleaned["wish"] = wallet_operations.WantedTransfer(
                source=self.wallet,
                account=cleaned["account"],
                quantity=cleaned["quantity"],
                issue_id=cleaned["issue"],
            )
        return cleaned


# Outside ATOMIC_REQUESTS: a transfer that loses a deadlock is run again.
@transaction.non_atomic_requests
def transfer(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """The form; sent, it shows what would go where; confirmed, it is done, once."""
    wallet, issue_id = _find_source(request)
    if wallet is None:
        messages.error(request, gettext("Choose the account or the issue to transfer from."))
        return go_to_list(model_admin)
    data = request.POST if request.method == "POST" else None
    form = AccountTransferForm(data, wallet=wallet, initial={"issue": issue_id})
    if data is not None and EDIT not in data and form.is_valid():
        answer = _answer(model_admin, request, form)
        if answer is not None:
            return answer
    return _show_form(model_admin, request, form)


def _answer(
    model_admin: Any, request: HttpRequest, form: AccountTransferForm
) -> HttpResponse | None:
    """The preview, or what is done; None when it is refused, which the form then tells."""
    try:
        if CONFIRM in request.POST:
            return _transfer(model_admin, request, form)
        return _show_preview(model_admin, request, form)
    except REFUSALS as error:
        form.add_error(FIELDS.get(type(error)), _explain(error, form.cleaned_data["issue"]))
    return None


def get_transfer_url(wallet: Wallet, issue: TokenIssue | None = None) -> str:
    """The form for a wallet's tokens, or for those of one issue."""
    query = f"issue={issue.pk}" if issue is not None else f"wallet={wallet.pk}"
    return f"{reverse('admin:token_payments_tokenissue_transfer')}?{query}"


def _transfer(model_admin: Any, request: HttpRequest, form: AccountTransferForm) -> HttpResponse:
    wanted = form.cleaned_data
    done = wallet_operations.transfer_tokens(
        wanted["wish"],
        actor=request.user,
        reason=wanted["reason"],
        idempotency_key=wanted["idempotency_key"],
        now=timezone.now(),
    )
    messages.success(request, _report(done, form))
    ledger = model_admin.admin_site.get_model_admin(LedgerEntry)
    if ledger.has_view_permission(request):
        return HttpResponseRedirect(statement_url(form.wallet))
    return go_to_list(model_admin)


def _report(done: TokenTransfer, form: AccountTransferForm) -> str:
    text = gettext("%(tokens)s went from %(source)s to %(target)s.")
    return text % {
        "tokens": write_amount(done.quantity, form.wallet.token_type),
        "source": form.wallet.account,
        "target": form.cleaned_data["account"],
    }


def _show_form(model_admin: Any, request: HttpRequest, form: AccountTransferForm) -> HttpResponse:
    wallet = form.wallet
    available = wallet_queries.get_balance(wallet, timezone.now()).available
    return render_page(
        model_admin,
        request,
        "transfer",
        title=gettext("Transfer tokens"),
        wallet=wallet,
        available=write_amount(available, wallet.token_type),
        form=form,
    )


def _show_preview(
    model_admin: Any, request: HttpRequest, form: AccountTransferForm
) -> HttpResponse:
    preview = wallet_queries.preview_transfer(
        form.cleaned_data["wish"], actor=request.user, now=timezone.now()
    )
    token_type = form.wallet.token_type
    return render_page(
        model_admin,
        request,
        "transfer_preview",
        title=gettext("Transfer tokens"),
        wallet=form.wallet,
        account=preview.wish.account,
        tokens=write_amount(preview.wish.quantity, token_type),
        reason=form.cleaned_data["reason"],
        rows=[
            {
                "issue": draw.issue,
                "tokens": format_number(draw.amount),
                "expiry": explain_expiry(draw.issue.expires_at),
                "price": format_money(draw.issue.unit_price, draw.issue.currency),
            }
            for draw in preview.draws
        ],
        balances=[
            (form.wallet.account, *map(format_number, _source(preview))),
            (preview.wish.account, *map(format_number, _target(preview))),
        ],
        hidden=[(name, request.POST.get(name, "")) for name in ("wallet", *form.fields)],
    )


def _source(preview: wallet_queries.TransferPreview) -> tuple[int, int]:
    return preview.source_before, preview.source_after


def _target(preview: wallet_queries.TransferPreview) -> tuple[int, int]:
    return preview.target_before, preview.target_after


def _explain(error: errors.TokenPaymentsError, issue_id: int | None) -> str:
    """Of one issue that was chosen, how many of its tokens are left."""
    is_of_issue = isinstance(error, errors.InsufficientTokens) and issue_id is not None
    about = "" if is_of_issue else "transfer"
    return describe_refusal(error, audience=Audience.STAFF, about=about).text


def _find_source(request: HttpRequest) -> tuple[Wallet | None, int | None]:
    """The wallet that the form or the address names, and the issue that the address does."""
    wallets = Wallet.objects.select_related("account", "token_type")
    given = request.POST if request.method == "POST" else request.GET
    wallet_id = read_number(given.get("wallet", ""))
    if wallet_id:
        return wallets.filter(pk=wallet_id).first(), None
    issue_id = read_number(given.get("issue", ""))
    return (wallets.filter(issues=issue_id).first() if issue_id else None), issue_id


def _list_choices(wallet: Wallet, chosen: int | None) -> list[tuple[Any, str]]:
    """Those that can be transferred now, in burn order; also the chosen one, whatever it is."""
    issues = list(wallet_queries.list_usable_issues(wallet, timezone.now())[:LISTED])
    if chosen and chosen not in {issue.pk for issue in issues}:
        issues += list(TokenIssue.objects.filter(wallet=wallet, pk=chosen))
    text = gettext("Issue #%(number)s: %(tokens)s left, %(expiry)s")
    return [
        ("", gettext("In the order in which they would be spent")),
        *(
            (
                issue.pk,
                text
                % {
                    "number": issue.pk,
                    "tokens": format_number(issue.remaining),
                    "expiry": explain_expiry(issue.expires_at),
                },
            )
            for issue in issues
        ),
    ]
