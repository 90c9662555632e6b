"""Cancelling some tokens of an order, and answering a buyer who asks for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors, models
from token_payments.admin.formats import label_refund, round_money
from token_payments.admin.orders.head import OrderVisit
from token_payments.admin.orders.messages import explain
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.db.numbers import read_number
from token_payments.l10n.formats import count_decimals, format_money, format_number, format_rate
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.presenters.cancellations import (
    AboutOrderForm,
    SomeTokensForm,
    list_requests,
)


class RefundAmountForm(AboutOrderForm):
    """The refund is in the order's currency, which stands in its label."""

    refund_amount = forms.DecimalField(
        label=_("Refund amount"), min_value=0, max_digits=13, decimal_places=3
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["refund_amount"].label = label_refund(self.order.currency)


class RefundForm(RefundAmountForm):
    """The common part of forms that cancel tokens: the refund, and the reason."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=255,
        help_text=_("For the log and the list of refunds. Optional."),
    )


class CancelTokensForm(RefundForm, SomeTokensForm):
    """How many unused tokens to cancel, and what is refunded for them."""

    quantity = forms.IntegerField(label=_("Number of tokens"), min_value=1)
    serials = forms.CharField(
        label=_("Only these"),
        required=False,
        max_length=order_queries.MAX_SERIALS,
        help_text=_("Numbers from the list of tokens, such as 3, 7-9. Optional."),
    )

    field_order = ("quantity", "serials", "refund_amount", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order, refund = self.order, self.fields["refund_amount"]
        self.fields["quantity"].help_text = (
            gettext("Unspent tokens only. Spent tokens can't be cancelled.")
            if order.is_for_wallet
            else gettext(
                "Unused tokens that nobody was given, the last ones first. Redeemed tokens can't "
                "be cancelled."
            )
        )
        if order.unit_price is not None:
            refund.widget.attrs.update(
                {
                    "data-unit-price": str(order.unit_price),
                    "data-tax-rate": str(order.tax_rate or 0),
                    "data-decimals": count_decimals(order.currency),
                    "data-quantity": "id_quantity",
                }
            )
            refund.help_text = _explain_suggestion(order, order.unit_price)

    def clean(self) -> dict[str, Any]:
        """A refund that is left empty is asked for with what the tokens did cost."""
        cleaned = super().clean()
        quantity = cleaned.get("quantity")
        suggested = order_queries.suggest_refund(self.order, quantity) if quantity else None
        if self.has_error("refund_amount", "required") and suggested is not None:
            text = gettext("Enter what is refunded, or 0. These tokens did cost %(amount)s.")
            del self.errors["refund_amount"]
            amount = format_money(suggested, self.order.currency)
            self.add_error("refund_amount", text % {"amount": amount})
        return cleaned

    def explain_count(self, count: int) -> str:
        text = gettext("The numbers below are %(count)s: enter that, or other numbers.")
        return text % {"count": format_number(count)}


class AnswerForm(AboutOrderForm):
    answer = forms.CharField(
        label=_("Answer"),
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
        help_text=_("Why nothing is cancelled. Whoever asked reads this."),
    )


class GrantForm(AnswerForm, RefundAmountForm):
    """The refund is typed by hand; what the tokens did cost stands beside it."""

    field_order = ("refund_amount", "answer")

    def __init__(self, *args: Any, asked: models.CancellationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cost = order_queries.suggest_refund(self.order, asked.quantity)
        self.fields["answer"].required = False
        self.fields["answer"].help_text = gettext(
            "Whoever asked reads this, beside the number and the refund. Optional."
        )
        self.fields["refund_amount"].help_text = (
            gettext("Enter what is refunded, or 0.")
            if cost is None
            else gettext("Enter what is refunded, or 0. These tokens did cost %(amount)s.")
            % {"amount": format_money(cost, self.order.currency)}
        )


def _explain_suggestion(order: models.TokenOrder, unit_price: Decimal) -> str:
    price = format_money(unit_price, order.currency)
    if not order.tax_rate:
        text = gettext("Suggested: the number of tokens times %(price)s.")
        return text % {"price": price}
    text = gettext("Suggested: the number of tokens times %(price)s, and %(rate)s tax.")
    return text % {"price": price, "rate": format_rate(order.tax_rate)}


def cancel_tokens(visit: OrderVisit) -> HttpResponse:
    """The Cancel Tokens form."""
    order = visit.order
    if order.status != models.OrderStatus.PROCESSED:
        text = gettext("Only the tokens of a processed order can be cancelled.")
        return visit.go_and_tell(text, level=messages.ERROR)
    form = CancelTokensForm(visit.data, order=order, initial=_get_initial(visit))
    if form.is_valid():
        try:
            done = assignment_operations.cancel_unused(order.pk, **form.cleaned_data, **visit.by)
        except errors.TokenPaymentsError as error:
            visit.tell(form, error)
        else:
            text = ngettext(
                "%(count)s token was cancelled, %(refund)s refunded.",
                "%(count)s tokens were cancelled, %(refund)s refunded.",
                done.quantity,
            )
            return visit.go_and_tell(text % _write_facts(done), "cancellations")
    return _ask(visit, "cancel_tokens", form)


def _get_initial(visit: OrderVisit) -> dict[str, Any]:
    order, quantity = visit.order, read_number(visit.request.GET.get("quantity", ""))
    if not quantity or quantity > order.quantity:
        return {}
    suggested = order_queries.suggest_refund(order, quantity)
    if suggested is None:
        return {"quantity": quantity}
    return {"quantity": quantity, "refund_amount": round_money(suggested, order.currency)}


def grant(visit: OrderVisit) -> HttpResponse:
    """Ask what is refunded; then cancel what was asked for."""
    asked = _find_request(visit)
    if asked is None:
        return _leave(visit)
    form = GrantForm(visit.data, order=visit.order, asked=asked)
    if not form.is_valid():
        return _ask(visit, "confirm_grant", form, asked=asked)
    try:
        done = assignment_operations.grant_cancellation(asked.pk, **form.cleaned_data, **visit.by)
    except errors.InvalidTransition as error:
        return visit.refuse(error, "cancellations")
    except errors.NotEnoughUnused as error:
        decline_it = gettext("Decline the request and say so in the answer.")
        form.add_error(None, f"{explain(error, visit.order)} {decline_it}")
        return _ask(visit, "confirm_grant", form, asked=asked)
    except errors.RefundTooHigh as error:
        visit.tell(form, error)
        return _ask(visit, "confirm_grant", form, asked=asked)
    text = ngettext(
        "Granted: %(count)s token was cancelled, %(refund)s refunded. Whoever asked is told.",
        "Granted: %(count)s tokens were cancelled, %(refund)s refunded. Whoever asked is told.",
        done.quantity,
    )
    return visit.go_and_tell(text % _write_facts(done), "cancellations")


def refuse(visit: OrderVisit) -> HttpResponse:
    """Ask for an answer; then decline what was asked for."""
    asked = _find_request(visit)
    if asked is None:
        return _leave(visit)
    form = AnswerForm(visit.data, order=visit.order)
    if not form.is_valid():
        return _ask(visit, "confirm_refuse", form, asked=asked)
    try:
        order_operations.decline_cancellation(asked.pk, **form.cleaned_data, **visit.by)
    except errors.InvalidTransition as error:
        return visit.refuse(error, "cancellations")
    text = gettext("The request is declined. Whoever asked is told by e-mail.")
    return visit.go_and_tell(text, "cancellations")


def _find_request(visit: OrderVisit) -> models.CancellationRequest | None:
    """The open one; of a form that is sent, the one that it was made for.

    Raises Http404 when that is another order's.
    """
    requests = list_requests(visit.order)
    if not visit.is_sent:
        return requests.filter(answered_at__isnull=True).first()
    number = read_number(visit.request.POST.get("asked", ""))
    asked = requests.filter(pk=number).first() if number else None
    if asked is None:
        raise Http404
    return asked


def _ask(visit: OrderVisit, template: str, form: forms.Form, **context: Any) -> HttpResponse:
    left = assignment_queries.count_cancellable(visit.order, now=timezone.now())
    return visit.render(template, form=form, left=left, **context)


def _leave(visit: OrderVisit) -> HttpResponse:
    text = gettext("There is no open cancellation request for this order.")
    return visit.go_and_tell(text, "cancellations", level=messages.INFO)


def _write_facts(done: models.TokenOrderCancellation) -> dict[str, str]:
    return {
        "count": format_number(done.quantity),
        "refund": format_money(done.refund_amount, done.currency),
    }
