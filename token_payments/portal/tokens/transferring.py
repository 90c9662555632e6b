"""Managers transfer tokens to another account of theirs: choose, look at what goes where, do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from token_payments import conf, models
from token_payments.db.numbers import read_number
from token_payments.errors import InsufficientTokens, IssueExpired, NotAManager, TokenPaymentsError
from token_payments.l10n.formats import format_day, format_number
from token_payments.portal.pages import go_and_tell, render_page
from token_payments.portal.tokens.access import find_wallet, get_managed, tokens_page
from token_payments.portal.tokens.forms import PageForm
from token_payments.presenters.ledger_lines import describe_expiry
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

LISTED = 100  # issues to choose from
CONFIRM, EDIT = "confirm", "edit"  # the preview's buttons
#: At which field a refusal is told; the others stand above the form.
FIELDS = {InsufficientTokens: "quantity", NotAManager: "account", IssueExpired: "issue"}


class TransferForm(OnceForm, PageForm):
    """To which account, how many tokens, and of which issue. Cleans account and issue to ids."""

    account = forms.TypedChoiceField(
        label=gettext_lazy("To"),
        coerce=int,
        error_messages={"required": gettext_lazy("Choose the account that gets the tokens.")},
        widget=forms.Select(attrs={"class": "tp-input"}),
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("Number of tokens"),
        min_value=1,
        max_value=models.MAX_ISSUE,
        error_messages={
            "required": gettext_lazy("Enter how many tokens."),
            "invalid": gettext_lazy("Enter a whole number."),
            "min_value": gettext_lazy("Enter 1 or more."),
        },
        widget=forms.TextInput(attrs={"class": "tp-input", "inputmode": "numeric"}),
    )
    issue = forms.TypedChoiceField(
        label=gettext_lazy("Which tokens"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy("They expire on the same day there as here."),
        error_messages={
            "invalid_choice": gettext_lazy("These tokens aren't there any more. Choose others.")
        },
        widget=forms.Select(attrs={"class": "tp-input"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=255,
        help_text=gettext_lazy("The managers of both accounts see it in their statements."),
        error_messages={"required": gettext_lazy("Say why, for the statements.")},
        widget=forms.TextInput(attrs={"class": "tp-input", "autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,
        accounts: Sequence[models.Account],
        issues: Sequence[models.TokenIssue],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("account", _("Choose an account"), [(row.pk, row.name) for row in accounts])
        in_order = _("As they would be spent")
        self._offer("issue", in_order, [(row.pk, _describe_issue(row)) for row in issues])

    def _offer(self, name: str, empty: str, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", empty), *choices]


# Outside ATOMIC_REQUESTS: a transfer that loses a deadlock is run again.
@transaction.non_atomic_requests
@tokens_page
def transfer_tokens(request: HttpRequest, account_id: int, type_id: int) -> HttpResponse:
    """The form; sent, it shows what would go where; confirmed, it is done, once."""
    member = get_managed(request, account_id)
    wallet = find_wallet(member, type_id)
    if not models.TokenSettings.current().transfers_allowed:
        raise Http404
    data = request.POST if request.method == "POST" else None
    accounts = list(list_targets(request, member))
    form = TransferForm(data, accounts=accounts, issues=_list_issues(wallet, data))
    if data is None or EDIT in data or not form.is_valid():
        return _show_form(request, wallet, form, has_targets=bool(accounts))
    wish = _read_wish(wallet, accounts, form)
    try:
        if CONFIRM in data:
            return _transfer(request, wallet, wish, form)
        preview = wallet_queries.preview_transfer(wish, actor=request.user, now=timezone.now())
    except TokenPaymentsError as error:
        told = describe_refusal(error, audience=Audience.CUSTOMER, about="transfer")
        form.add_error(FIELDS.get(type(error)), told.text)
        return _show_form(request, wallet, form, has_targets=True)
    return _show_preview(request, wallet, preview, form)


def list_targets(request: HttpRequest, member: models.AccountMember) -> Sequence[models.Account]:
    """The other accounts that the visitor manages, by name."""
    managed = wallet_queries.list_accounts(request.user, role=models.AccountRole.MANAGER)
    return managed.exclude(pk=member.account_id).order_by("name")  # type: ignore[return-value]


def may_transfer(request: HttpRequest, member: models.AccountMember, wallet: models.Wallet) -> bool:
    """Whether a link to the page makes sense: a query, where the site allows transfers."""
    if member.account.is_frozen or wallet.token_type.is_archived:
        return False
    if (
        member.role != models.AccountRole.MANAGER
        or not models.TokenSettings.current().transfers_allowed
    ):
        return False
    managed = wallet_queries.list_accounts(request.user, role=models.AccountRole.MANAGER)
    return managed.exclude(pk=member.account_id).exists()


def _transfer(
    request: HttpRequest,
    wallet: models.Wallet,
    wish: wallet_operations.WantedTransfer,
    form: TransferForm,
) -> HttpResponse:
    done = wallet_operations.transfer_tokens(
        wish,
        actor=request.user,
        reason=form.cleaned_data["reason"],
        idempotency_key=form.cleaned_data["idempotency_key"],
        now=timezone.now(),
    )
    address = reverse(
        "token_payments:transfer_tokens", args=[wallet.account_id, wallet.token_type_id]
    )
    facts = _describe(wallet) | {"done": done, "target": wish.account}
    return go_and_tell(
        request, address, render_to_string("token_payments/tokens/transferred.html", facts)
    )


def _read_wish(
    wallet: models.Wallet, accounts: Sequence[models.Account], form: TransferForm
) -> wallet_operations.WantedTransfer:
    wanted = form.cleaned_data
    return wallet_operations.WantedTransfer(
        source=wallet,
        account=next(row for row in accounts if row.pk == wanted["account"]),
        quantity=wanted["quantity"],
        issue_id=wanted["issue"],
        as_manager=True,
    )


def _show_form(
    request: HttpRequest, wallet: models.Wallet, form: TransferForm, *, has_targets: bool
) -> HttpResponse:
    is_edited = EDIT in request.POST
    return render_page(
        request,
        "tokens/transfer.html",
        form=form,
        errors=[] if is_edited else form.list_errors(),
        is_edited=is_edited,
        has_targets=has_targets,
        available=wallet_queries.get_balance(wallet, timezone.now()).available,
        **_describe(wallet),
    )


def _show_preview(
    request: HttpRequest,
    wallet: models.Wallet,
    preview: wallet_queries.TransferPreview,
    form: TransferForm,
) -> HttpResponse:
    return render_page(
        request,
        "tokens/transfer_preview.html",
        preview=preview,
        target=preview.wish.account,
        reason=form.cleaned_data["reason"],
        hidden=[(name, request.POST.get(name, "")) for name in form.fields],
        **_describe(wallet),
    )


def _describe(wallet: models.Wallet) -> dict[str, Any]:
    return {"account": wallet.account, "wallet": wallet, "token_type": wallet.token_type}


def _list_issues(wallet: models.Wallet, data: Any) -> Sequence[models.TokenIssue]:
    """Those that can be transferred now, as they would be spent; also a chosen one that was."""
    issues = list(wallet_queries.list_usable_issues(wallet, timezone.now())[:LISTED])
    chosen = read_number(data.get("issue", "")) if data is not None else None
    if chosen and chosen not in {issue.pk for issue in issues}:
        issues += list(models.TokenIssue.objects.filter(wallet=wallet, pk=chosen))
    return issues


def _describe_issue(issue: models.TokenIssue) -> str:
    text = _("%(tokens)s, %(expiry)s, issued %(day)s")
    if issue.use_last:
        text = _("%(tokens)s, %(expiry)s, issued %(day)s, used last")
    return text % {
        "tokens": format_number(issue.remaining),
        "expiry": describe_expiry(issue.expires_at),
        "day": format_day(timezone.localtime(issue.issued_at, conf.time_zone()).date()),
    }
