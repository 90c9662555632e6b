"""Transferring tokens to another account: the form, and the way from it by a preview to the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.db.numbers import read_number
from token_payments.l10n.dates import local_day
from token_payments.l10n.formats import format_day, format_number
from token_payments.models import MAX_ISSUE, TokenIssue, Wallet
from token_payments.presenters.ledger_lines import describe_expiry
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets.operations import WantedTransfer
from token_payments.wallets.queries import list_usable_issues

LISTED = 200  # issues to choose from; of a wallet with more, staff can start at any issue
CONFIRM, EDIT = "confirm", "edit"  # the preview's buttons
#: At which field a refusal is told; the others stand above the form.
FIELDS: dict[type[errors.TokenPaymentsError], str] = {
    errors.InsufficientTokens: "quantity",
    errors.IssueExpired: "issue",
    errors.NotAManager: "account",
    errors.TransferToItself: "account",
}


class TransferForm(OnceForm):
    """To whom, how many tokens of ``wallet``, of which issue, and why; children have ``account``.

    Cleans ``wanted`` to what is to be transferred.
    """

    audience: ClassVar[Audience]
    quantity = forms.IntegerField(
        label=_("Number of tokens"),
        min_value=1,
        max_value=MAX_ISSUE,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    issue = forms.TypedChoiceField(
        label=_("Which tokens"), required=False, coerce=int, empty_value=None
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        help_text=_("The managers of both accounts see it in their statements."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict | None, *, wallet: Wallet, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.wallet = wallet
        chosen = self.data.get("issue", "") if self.is_bound else self.initial.get("issue")
        issues = _list_issues(wallet, read_number(str(chosen or "")))
        self.fields["issue"].choices = [  # type: ignore[attr-defined]
            ("", gettext("As they would be spent")),
            *((issue.pk, self.describe_issue(issue)) for issue in issues),
        ]

    def describe_issue(self, issue: TokenIssue) -> str:
        text = gettext("%(tokens)s, %(expiry)s, issued %(day)s")
        if issue.use_last:
            text = gettext("%(tokens)s, %(expiry)s, issued %(day)s, used last")
        return text % {
            "tokens": format_number(issue.remaining),
            "expiry": describe_expiry(issue.expires_at),
            "day": format_day(local_day(issue.issued_at)),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            cleaned["wanted"] = WantedTransfer(
                source=self.wallet,
                account=cleaned["account"],
                quantity=cleaned["quantity"],
                issue_id=cleaned["issue"],
                as_manager=self.audience == Audience.CUSTOMER,
            )
        return cleaned

    def answer(
        self, transfer: Callable[[], HttpResponse], show_preview: Callable[[], HttpResponse]
    ) -> HttpResponse | None:
        """The preview, or what is done; None when the form is to be shown, maybe with a refusal."""
        if not self.is_bound or EDIT in self.data or not self.is_valid():
            return None
        try:
            return transfer() if CONFIRM in self.data else show_preview()
        except errors.TokenPaymentsError as error:
            self.add_error(FIELDS.get(type(error)), self._explain(error))
        return None

    def list_hidden(self) -> list[tuple[str, Any]]:
        """The fields that the preview carries on."""
        return [(name, self.data.get(name, "")) for name in self.fields]

    def _explain(self, error: errors.TokenPaymentsError) -> str:
        """Staff are told how many tokens are left of the one issue that they chose."""
        is_of_issue = isinstance(error, errors.InsufficientTokens) and self.cleaned_data["issue"]
        about = "" if is_of_issue and self.audience == Audience.STAFF else "transfer"
        return describe_refusal(error, audience=self.audience, about=about).text


def _list_issues(wallet: Wallet, chosen: int | None) -> list[TokenIssue]:
    """Those that can be transferred now, in burn order; also a chosen one, whatever it is."""
    issues = list(list_usable_issues(wallet, timezone.now())[:LISTED])
    if chosen and chosen not in {issue.pk for issue in issues}:
        issues += list(TokenIssue.objects.filter(wallet=wallet, pk=chosen))
    return issues
