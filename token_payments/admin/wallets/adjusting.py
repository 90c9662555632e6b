"""Adjusting an issue by hand: some tokens more, or fewer."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.admin.fields import ReasonField
from token_payments.admin.pages import ask, render_page
from token_payments.admin.wallets.texts import explain_expiry, write_amount
from token_payments.hosts.people import get_user
from token_payments.l10n.formats import format_number, format_signed
from token_payments.models import MAX_ISSUE, TokenIssue
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations


class AdjustForm(OnceForm):
    """``cleaned_data["amount"]`` is the number of tokens with its sign."""

    direction = forms.ChoiceField(
        label=_("Adjustment"),
        choices=(("down", _("Take tokens away")), ("up", _("Add tokens"))),
        widget=forms.RadioSelect,
        initial="down",
    )
    quantity = forms.IntegerField(label=_("Number of tokens"), min_value=1, max_value=MAX_ISSUE)
    reason = ReasonField()

    def __init__(self, *args: Any, issue: TokenIssue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].widget.attrs.update(
            {"inputmode": "numeric", "data-remaining": issue.remaining}
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        quantity = cleaned.get("quantity")
        if quantity:
            cleaned["amount"] = quantity if cleaned.get("direction") == "up" else -quantity
        return cleaned


def adjust(model_admin: Any, request: HttpRequest, issue: TokenIssue) -> HttpResponse:
    """The form; whoever has the permission is told when nobody may adjust by hand."""
    if not model_admin.may_adjust(request):
        return render_page(
            model_admin,
            request,
            "refused",
            title=gettext("Issues can't be adjusted by hand"),
            status=200 if request.method == "GET" else 403,
            original=issue,
            original_name=f"#{issue.pk}",
            reason=describe_refusal(errors.AdjustmentsNotAllowed(), audience=Audience.STAFF).text,
        )
    return ask(
        model_admin,
        request,
        "adjust",
        row=issue,
        form=AdjustForm(request.POST if request.method == "POST" else None, issue=issue),
        do=partial(_adjust, request, issue),
        at={errors.InsufficientTokens: "quantity", errors.IssueFull: "quantity"},
        title=gettext("Adjust issue #%(number)s") % {"number": issue.pk},
        original_name=f"#{issue.pk}",
        tokens=write_amount(issue.remaining, issue.wallet.token_type),
        expiry=explain_expiry(issue.expires_at),
    )


def _adjust(request: HttpRequest, issue: TokenIssue, wanted: dict[str, Any]) -> str:
    """The tokens that remained before and that remain after, as the database has them now."""
    entry = wallet_operations.adjust_issue(
        issue.pk,
        wanted["amount"],
        actor=get_user(request),
        reason=wanted["reason"],
        idempotency_key=wanted["idempotency_key"],
        now=timezone.now(),
    )
    after = TokenIssue.objects.get(pk=entry.issue_id).remaining
    text = gettext(
        "Issue #%(number)s was adjusted by %(amount)s: %(before)s before, %(after)s now."
    )
    return text % {
        "number": entry.issue_id,
        "amount": format_signed(entry.amount),
        "before": format_number(after - entry.amount),
        "after": format_number(after),
    }
