"""Keeping an issue for last, or spending it in its turn again: asked first, with a reason."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from token_payments.admin.fields import ReasonField
from token_payments.admin.pages import ask, go_to
from token_payments.admin.wallets.texts import explain_expiry, write_amount
from token_payments.hosts.people import get_user
from token_payments.models import TokenIssue
from token_payments.presenters.once import OnceForm
from token_payments.wallets import operations as wallet_operations


class PriorityForm(OnceForm):
    reason = ReasonField()


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
        return go_to(issue)
    return ask(
        model_admin,
        request,
        "use_last" if is_last else "use_in_turn",
        row=issue,
        form=PriorityForm(request.POST if request.method == "POST" else None),
        do=partial(_set, request, issue, is_last),
        title=gettext("Issue #%(number)s") % {"number": issue.pk},
        original_name=f"#{issue.pk}",
        tokens=write_amount(issue.remaining, issue.wallet.token_type),
        expiry=explain_expiry(issue.expires_at),
    )


def _set(request: HttpRequest, issue: TokenIssue, is_last: bool, wanted: dict[str, Any]) -> str:
    wallet_operations.set_use_last(
        issue.pk, is_last, actor=get_user(request), now=timezone.now(), **wanted
    )
    text = gettext("Issue #%(number)s is spent in its turn again.")
    if is_last:
        text = gettext("Issue #%(number)s is used last: after all others, whatever their expiry.")
    return text % {"number": issue.pk}
