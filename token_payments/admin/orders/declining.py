"""Declining a requested order: the buyer is told why."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.orders.head import render_page
from token_payments.admin.orders.messages import explain
from token_payments.admin.pages import page_url
from token_payments.errors import InvalidTransition
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=_("The buyer reads this in the e-mail and on the order's page."),
    )


def decline(model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder) -> HttpResponse:
    """Ask for the reason; with one decline the order."""
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _decline(request, order, form.cleaned_data["reason"])
    if order.status != OrderStatus.REQUESTED:
        messages.info(request, _explain_too_late(order))
        return HttpResponseRedirect(page_url(order))
    return render_page(model_admin, request, order, "confirm_decline", page="", form=form)


def _decline(request: HttpRequest, order: TokenOrder, reason: str) -> HttpResponse:
    try:
        declined = order_operations.decline_order(
            order.pk, reason=reason, actor=request.user, now=timezone.now()
        )
    except InvalidTransition as error:
        messages.error(request, explain(error, order))
        return HttpResponseRedirect(page_url(order))
    if declined.decline_reason == reason:
        text = gettext("Token Order %(number)s is declined. The buyer is told by e-mail.")
        messages.success(request, text % {"number": order.number})
    else:  # somebody else was first, with another reason
        messages.info(request, _explain_too_late(declined))
    return HttpResponseRedirect(page_url(order))


def _explain_too_late(order: TokenOrder) -> str:
    if order.status == OrderStatus.CANCELLED and order.decline_reason:
        return gettext("This order has been declined already.")
    return gettext("Only a requested order can be declined: this one is %(state)s.") % {
        "state": str(order.get_status_display()).lower()
    }
