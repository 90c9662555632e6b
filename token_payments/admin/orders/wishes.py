"""A buyer's wish to have tokens cancelled: shown above the order's pages, granted or declined."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments.admin.orders.head import render_page
from token_payments.admin.orders.messages import explain
from token_payments.admin.orders.refund_form import RefundAmountForm
from token_payments.admin.pages import page_url
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.db.numbers import read_number
from token_payments.errors import InvalidTransition, NotEnoughUnused, RefundTooHigh
from token_payments.hosts import host, list_name_relations
from token_payments.l10n.formats import format_money, format_number
from token_payments.models import CancellationRequest, TokenOrder, TokenOrderCancellation
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries


class GrantForm(RefundAmountForm):
    """The refund is typed by hand; what the tokens did cost stands beside it."""

    answer = forms.CharField(
        label=_("Answer"),
        required=False,
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=_("Whoever asked reads this, beside the number and the refund. Optional."),
    )

    def __init__(
        self, *args: Any, order: TokenOrder, wish: CancellationRequest, **kwargs: Any
    ) -> None:
        super().__init__(*args, order=order, **kwargs)
        cost = order_queries.suggest_refund(order, wish.quantity)
        self.fields["refund_amount"].help_text = (
            gettext("Enter what is refunded, or 0.")
            if cost is None
            else gettext("Enter what is refunded, or 0. These tokens did cost %(amount)s.")
            % {"amount": format_money(cost, order.currency)}
        )


class RefuseForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer"),
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=_("Why nothing is cancelled. Whoever asked reads this."),
    )


def grant(model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder) -> HttpResponse:
    """Ask what is refunded; then cancel what was asked for."""
    wish = _find_wish(request, order)
    if wish is None:
        return _leave(request, order)
    form = GrantForm(request.POST if request.method == "POST" else None, order=order, wish=wish)
    if request.method == "POST" and form.is_valid():
        try:
            done = _grant(request, order, form, wish)
        except InvalidTransition as error:
            messages.error(request, explain(error, order))
            return HttpResponseRedirect(page_url(order, "cancellations"))
        if done is not None:
            messages.success(request, _report(done))
            return HttpResponseRedirect(page_url(order, "cancellations"))
    return _ask(model_admin, request, order, "confirm_grant", form, wish)


def refuse(model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder) -> HttpResponse:
    """Ask for an answer; then decline what was asked for."""
    wish = _find_wish(request, order)
    if wish is None:
        return _leave(request, order)
    form = RefuseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            order_operations.decline_cancellation(
                wish.pk,
                answer=form.cleaned_data["answer"],
                actor=request.user,
                now=timezone.now(),
            )
        except InvalidTransition as error:
            messages.error(request, explain(error, order))
        else:
            text = gettext("The request is declined. Whoever asked is told by e-mail.")
            messages.success(request, text)
        return HttpResponseRedirect(page_url(order, "cancellations"))
    return _ask(model_admin, request, order, "confirm_refuse", form, wish)


def _find_wish(request: HttpRequest, order: TokenOrder) -> CancellationRequest | None:
    """The open one; of a form that is sent, the one that it was made for.

    Raises Http404 when that is another order's.
    """
    wishes = order.cancellation_requests.select_related(*list_name_relations("actor"))
    if request.method != "POST":
        return wishes.filter(answered_at__isnull=True).first()
    number = read_number(request.POST.get("wish", ""))
    wish = wishes.filter(pk=number).first() if number else None
    if wish is None:
        raise Http404
    return wish


def _grant(
    request: HttpRequest, order: TokenOrder, form: GrantForm, wish: CancellationRequest
) -> TokenOrderCancellation | None:
    """Grant; None when the domain refuses, which the form then tells. Raises InvalidTransition."""
    try:
        return assignment_operations.grant_cancellation(
            wish.pk,
            refund_amount=form.cleaned_data["refund_amount"],
            answer=form.cleaned_data["answer"],
            actor=request.user,
            now=timezone.now(),
        )
    except NotEnoughUnused as error:
        decline_it = gettext("Decline the request and say so in the answer.")
        form.add_error(None, f"{explain(error, order)} {decline_it}")
    except RefundTooHigh as error:
        form.add_error("refund_amount", explain(error, order))
    return None


def _ask(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    order: TokenOrder,
    template: str,
    form: forms.Form,
    wish: CancellationRequest,
) -> HttpResponse:
    return render_page(
        model_admin,
        request,
        order,
        template,
        page="",
        form=form,
        asked=wish,
        asked_by=host.get_full_name(wish.actor),
        left=assignment_queries.count_cancellable(order, now=timezone.now()),
    )


def _leave(request: HttpRequest, order: TokenOrder) -> HttpResponse:
    messages.info(request, gettext("There is no open cancellation request for this order."))
    return HttpResponseRedirect(page_url(order, "cancellations"))


def _report(done: TokenOrderCancellation) -> str:
    text = ngettext(
        "Granted: %(count)s token was cancelled, %(refund)s refunded. Whoever asked is told.",
        "Granted: %(count)s tokens were cancelled, %(refund)s refunded. Whoever asked is told.",
        done.quantity,
    )
    return text % {
        "count": format_number(done.quantity),
        "refund": format_money(done.refund_amount, done.currency),
    }
