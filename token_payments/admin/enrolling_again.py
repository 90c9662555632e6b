"""Enrolling a learner again whose payment counts, and whom the LMS doesn't have any more."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.pages import page_url, render_page
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.checkout.queries import EnrolmentState
from token_payments.errors import HostRefused, InvalidTransition
from token_payments.hosts import host
from token_payments.hosts.people import get_user
from token_payments.models import Redemption
from token_payments.presenters.refusals import Audience, describe_refusal

ENROLMENT_STATES: dict[str, Any] = {
    EnrolmentState.MISSING: _(
        "This is paid, and the LMS has no enrolment for it. Nothing in the plugin does that: the "
        "enrolment was removed from the database. Enrol the learner again, or reverse the payment."
    ),
    EnrolmentState.LEFT: _("The learner has left the course. The payment still counts."),
    EnrolmentState.OTHER_MODE: _(
        "The learner is enrolled in another mode than the one that was paid."
    ),
}


class EnrolForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=255, help_text=_("Kept with the payment, with your name.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["class"] = "vTextField"


def can_be_enrolled(state: EnrolmentState) -> bool:
    """Whether there is something to do for a learner who stands so."""
    return state in ENROLMENT_STATES


def explain_enrolment_state(state: EnrolmentState) -> str:
    """The enrolment's state for the payment's page; empty when it is as it should be."""
    return str(ENROLMENT_STATES.get(state, ""))


# Outside ATOMIC_REQUESTS: what loses a deadlock is run again.
@transaction.non_atomic_requests
def enrol_again(
    model_admin: admin.ModelAdmin, request: HttpRequest, redemption: Redemption
) -> HttpResponse:
    """Show what would be done; after *Enrol again* do it."""
    preview = checkout_queries.preview_repair(redemption)
    if not can_be_enrolled(preview.state):
        messages.info(request, _say_why_not(preview.state))
        return HttpResponseRedirect(page_url(redemption))
    form = EnrolForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            checkout_operations.repair_enrolment(
                redemption.pk, actor=get_user(request), now=timezone.now(), **form.cleaned_data
            )
        except HostRefused as error:
            form.add_error(None, _explain(error))
        except InvalidTransition:
            messages.info(request, _say_why_not(EnrolmentState.NOT_PAID))
            return HttpResponseRedirect(page_url(redemption))
        else:
            messages.success(request, gettext("The learner is enrolled again."))
            return HttpResponseRedirect(page_url(redemption))
    return render_page(
        model_admin,
        request,
        "enrol_again",
        folder="redemption",
        title=gettext("Enrol again"),
        original=redemption,
        form=form,
        learner=host.get_full_name(redemption.learner),
        course=redemption.item.title or redemption.item.item_key,
        state=explain_enrolment_state(preview.state),
        refusal=_explain(HostRefused(preview.refusal)) if preview.refusal else "",
    )


def _explain(error: HostRefused) -> str:
    return describe_refusal(error, audience=Audience.STAFF).text


def _say_why_not(state: EnrolmentState) -> str:
    if state is EnrolmentState.NOT_PAID:
        return gettext("This payment doesn't count any more: the learner has to pay again.")
    return gettext("The learner is enrolled already.")
