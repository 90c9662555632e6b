"""Reversing a redemption: what goes where is shown first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.admin.pages import page_url, render_page
from token_payments.admin.wallets.texts import write_amount
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.checkout.queries import CodeOutcome, ReversalPreview
from token_payments.hosts import host
from token_payments.hosts.people import get_user
from token_payments.l10n.dates import last_day, local_day
from token_payments.l10n.formats import format_day, format_number
from token_payments.models import Redemption, RedemptionState
from token_payments.presenters.ledger_lines import describe_expiry
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets.operations import Return


class ReversalForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=255, help_text=_("The learner and the payer are told.")
    )
    unenrol = forms.BooleanField(label=_("Unenrol the learner, too"), required=False, initial=True)

    def __init__(self, *args: Any, is_enrolled: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_enrolled:
            del self.fields["unenrol"]


# Outside ATOMIC_REQUESTS: what loses a deadlock is run again.
@transaction.non_atomic_requests
def reverse(
    model_admin: admin.ModelAdmin, request: HttpRequest, redemption: Redemption
) -> HttpResponse:
    """Show what goes where; after *Reverse* do it."""
    if redemption.state == RedemptionState.REVERSED:
        messages.info(request, gettext("This payment has been reversed already."))
        return HttpResponseRedirect(page_url(redemption))
    preview = checkout_queries.preview_reversal(redemption, now=timezone.now())
    form = ReversalForm(
        request.POST if request.method == "POST" else None, is_enrolled=preview.is_enrolled
    )
    if form.is_valid():
        try:
            checkout_operations.reverse(
                redemption.pk, actor=get_user(request), now=timezone.now(), **form.cleaned_data
            )
        except (errors.ConfigurationError, errors.HostRefused, errors.InvalidTransition) as error:
            form.add_error(None, _explain(error))
        else:
            messages.success(request, gettext("The payment was reversed."))
            return HttpResponseRedirect(page_url(redemption))
    return render_page(
        model_admin,
        request,
        "reverse",
        folder="redemption",
        title=gettext("Reverse a payment"),
        original=redemption,
        form=form,
        payment=describe_payment(redemption),
        consequences=list_consequences(preview),
    )


def describe_payment(redemption: Redemption) -> str:
    """The payment in a sentence: learner, course, and code or tokens."""
    facts = {
        "learner": host.get_full_name(redemption.learner),
        "course": redemption.item.title or redemption.item.item_key,
        "day": format_day(local_day(redemption.created_at)),
    }
    if redemption.code is not None:
        text = gettext("%(learner)s: %(course)s, paid on %(day)s with the code ending in %(code)s.")
        return text % (facts | {"code": redemption.code.last_four})
    if redemption.wallet is None:
        return gettext("%(learner)s: %(course)s, paid on %(day)s.") % facts
    text = gettext("%(learner)s: %(course)s, paid on %(day)s with %(tokens)s of %(account)s.")
    tokens = write_amount(redemption.tokens or 0, redemption.wallet.token_type)
    return text % (facts | {"tokens": tokens, "account": redemption.wallet.account})


def list_consequences(preview: ReversalPreview) -> list[str]:
    """The consequences of reversing, a sentence each."""
    if preview.outcome is not None:
        return [_describe_code(preview)]
    return [_describe_return(one) for one in preview.returns]


def _describe_code(preview: ReversalPreview) -> str:
    code = preview.redemption.code
    assert code is not None
    texts = {
        CodeOutcome.SAME_LEARNER: _(
            "The code ending in %(last_four)s can be used again for this course, by this learner "
            "alone."
        ),
        CodeOutcome.NEW_FOR_BUYER: _(
            "The code ending in %(last_four)s dies; order %(number)s gets a new one in its place."
        ),
        CodeOutcome.STAYS_CANCELLED: _(
            "Nobody gets a code: order %(number)s is cancelled, and the code ending in "
            "%(last_four)s with it."
        ),
    }
    assert preview.outcome is not None
    facts = {"last_four": code.last_four, "number": code.order.number}
    return str(texts[preview.outcome]) % facts


def _describe_return(one: Return) -> str:
    facts = {
        "tokens": format_number(one.tokens),
        "issue": one.issue.pk,
        "expiry": describe_expiry(one.issue.expires_at),
    }
    if not one.expired:
        text = ngettext(
            "%(tokens)s token goes back to issue #%(issue)s (%(expiry)s) and can be spent again.",
            "%(tokens)s tokens go back to issue #%(issue)s (%(expiry)s) and can be spent again.",
            one.tokens,
        )
        return text % facts
    if one.until is None:
        text = ngettext(
            "%(tokens)s token goes back to issue #%(issue)s, which has expired: it stays expired.",
            "%(tokens)s tokens go back to issue #%(issue)s, which has expired: they stay expired.",
            one.tokens,
        )
        return text % facts
    text = ngettext(
        "%(tokens)s token of issue #%(issue)s, which has expired, is issued again until %(day)s.",
        "%(tokens)s tokens of issue #%(issue)s, which has expired, are issued again until %(day)s.",
        one.tokens,
    )
    return text % (facts | {"day": format_day(last_day(one.until))})


def _explain(error: errors.TokenPaymentsError) -> str:
    abouts = {
        errors.ConfigurationError: "code",
        errors.HostRefused: "unenrol",
        errors.InvalidTransition: "payment",
    }
    return describe_refusal(error, audience=Audience.STAFF, about=abouts[type(error)]).text
