"""Keeping an issue for last, or spending it in its turn again: asked first, with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.pages import page_url, render_page
from token_payments.admin.wallets.texts import explain_expiry, write_amount
from token_payments.errors import IdempotencyConflict, IssueExpired
from token_payments.models import TokenIssue
from token_payments.presenters.once import OnceForm
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets import operations as wallet_operations


class PriorityForm(OnceForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=255, help_text=_("Shown in the statement.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["class"] = "vTextField"


def use_last(model_admin: Any, request: HttpRequest, issue: TokenIssue) -> HttpResponse:
    """Ask why; then its tokens are spent after all others."""
    return _change(model_admin, request, issue, True)


def use_in_turn(model_admin: Any, request: HttpRequest, issue: TokenIssue) -> HttpResponse:
    """Ask why; then its tokens are spent by their expiry, as others are."""
    return _change(model_admin, request, issue, False)


def _change(
    model_admin: Any, request: HttpRequest, issue: TokenIssue, is_last: bool
) -> HttpResponse:
    if issue.use_last == is_last:
        messages.info(request, gettext("This issue is so already."))
        return HttpResponseRedirect(page_url(issue))
    form = PriorityForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            wallet_operations.set_use_last(
                issue.pk, is_last, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except (IdempotencyConflict, IssueExpired) as error:
            form.add_error(None, describe_refusal(error, audience=Audience.STAFF).text)
        else:
            messages.success(request, _report(issue, is_last))
            return HttpResponseRedirect(page_url(issue))
    return render_page(
        model_admin,
        request,
        "use_last" if is_last else "use_in_turn",
        title=gettext("Issue #%(number)s") % {"number": issue.pk},
        original=issue,
        original_name=f"#{issue.pk}",
        form=form,
        tokens=write_amount(issue.remaining, issue.wallet.token_type),
        expiry=explain_expiry(issue.expires_at),
    )


def _report(issue: TokenIssue, is_last: bool) -> str:
    text = gettext("Issue #%(number)s is spent in its turn again.")
    if is_last:
        text = gettext("Issue #%(number)s is used last: after all others, whatever their expiry.")
    return text % {"number": issue.pk}
