"""Cancelling single tokens of an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.admin.formats import round_money
from token_payments.admin.lookups import read_number
from token_payments.admin.orders.head import render_page
from token_payments.admin.orders.messages import explain
from token_payments.admin.orders.refund_form import RefundForm
from token_payments.admin.pages import page_url
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.l10n.formats import count_decimals, format_money, format_number, format_rate
from token_payments.models import OrderStatus, TokenOrder, TokenOrderCancellation
from token_payments.orders import queries as order_queries
from token_payments.presenters.once import OnceForm


class CancelTokensForm(RefundForm, OnceForm):
    """How many unused tokens to cancel, and what is refunded for them."""

    quantity = forms.IntegerField(label=_("Number of tokens"), min_value=1)

    serials = forms.CharField(
        label=_("Only these"),
        required=False,
        max_length=order_queries.MAX_SERIALS,
        help_text=_("Numbers from the list of tokens, such as 3, 7-9. Optional."),
    )

    field_order = ("quantity", "serials", "refund_amount", "reason")

    def __init__(self, *args: Any, order: TokenOrder, **kwargs: Any) -> None:
        super().__init__(*args, order=order, **kwargs)
        self.fields["quantity"].help_text = (
            gettext("Unspent tokens only. Spent tokens can't be cancelled.")
            if order.is_for_wallet
            else gettext(
                "Unused tokens that nobody was given, the last ones first. Redeemed tokens can't "
                "be cancelled."
            )
        )
        if order.is_for_wallet:
            del self.fields["serials"]
        refund = self.fields["refund_amount"]
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

    def clean_serials(self) -> order_queries.Serials:
        try:
            return order_queries.Serials.read(self.cleaned_data["serials"])
        except ValueError as error:
            text = gettext("Enter numbers of tokens as the list has them, such as 3, 7-9.")
            raise forms.ValidationError(text) from error

    def clean(self) -> dict[str, Any]:
        """Whoever leaves the refund empty is told what the tokens did cost."""
        cleaned = super().clean()
        quantity = cleaned.get("quantity")
        serials = cleaned.setdefault("serials", order_queries.Serials())
        if serials and quantity not in (None, serials.count()):
            text = gettext("The numbers below are %(count)s: enter that, or other numbers.")
            self.add_error("quantity", text % {"count": format_number(serials.count())})
        suggested = order_queries.suggest_refund(self.order, quantity) if quantity else None
        if self.has_error("refund_amount", "required") and suggested is not None:
            text = gettext("Enter what is refunded, or 0. These tokens did cost %(amount)s.")
            del self.errors["refund_amount"]
            amount = format_money(suggested, self.order.currency)
            self.add_error("refund_amount", text % {"amount": amount})
        return cleaned


def _explain_suggestion(order: TokenOrder, unit_price: Decimal) -> str:
    price = format_money(unit_price, order.currency)
    if not order.tax_rate:
        text = gettext("Suggested: the number of tokens times %(price)s.")
        return text % {"price": price}
    text = gettext("Suggested: the number of tokens times %(price)s, and %(rate)s tax.")
    return text % {"price": price, "rate": format_rate(order.tax_rate)}


def cancel_tokens(
    model_admin: admin.ModelAdmin, request: HttpRequest, order: TokenOrder
) -> HttpResponse:
    """The Cancel Tokens form."""
    if order.status != OrderStatus.PROCESSED:
        messages.error(request, gettext("Only the tokens of a processed order can be cancelled."))
        return HttpResponseRedirect(page_url(order))
    form = CancelTokensForm(request.POST or None, order=order, initial=_get_initial(request, order))
    if request.method == "POST" and form.is_valid():
        done = _cancel(request, order, form)
        if done is not None:
            messages.success(request, _report(done))
            return HttpResponseRedirect(page_url(order, "cancellations"))
    return render_page(
        model_admin,
        request,
        order,
        "cancel_tokens",
        page="",
        form=form,
        left=assignment_queries.count_cancellable(order, now=timezone.now()),
    )


def _get_initial(request: HttpRequest, order: TokenOrder) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    quantity = read_number(request.GET.get("quantity", ""))
    if quantity and quantity <= order.quantity:
        initial["quantity"] = quantity
        suggested = order_queries.suggest_refund(order, quantity)
        if suggested is not None:
            initial["refund_amount"] = round_money(suggested, order.currency)
    return initial


def _cancel(
    request: HttpRequest, order: TokenOrder, form: CancelTokensForm
) -> TokenOrderCancellation | None:
    """Cancel; None when the domain refuses, which the form then tells."""
    wanted = form.cleaned_data
    try:
        return assignment_operations.cancel_unused(
            order.pk,
            quantity=wanted["quantity"],
            serials=wanted["serials"],
            refund_amount=wanted["refund_amount"],
            reason=wanted["reason"],
            idempotency_key=wanted["idempotency_key"],
            actor=request.user,
            now=timezone.now(),
        )
    except errors.NotEnoughUnused as error:
        form.add_error("serials" if error.chosen else "quantity", explain(error, order))
    except errors.RefundTooHigh as error:
        form.add_error("refund_amount", explain(error, order))
    except (errors.IdempotencyConflict, errors.InvalidTransition) as error:
        form.add_error(None, explain(error, order))
    return None


def _report(done: TokenOrderCancellation) -> str:
    return ngettext(
        "%(count)s token was cancelled, %(refund)s refunded.",
        "%(count)s tokens were cancelled, %(refund)s refunded.",
        done.quantity,
    ) % {
        "count": format_number(done.quantity),
        "refund": format_money(done.refund_amount, done.currency),
    }
