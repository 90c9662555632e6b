"""What every form that cancels tokens asks: what is refunded for them, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.admin.formats import label_refund
from token_payments.models import TokenOrder


class RefundAmountForm(forms.Form):
    """The refund is in the order's currency, which stands in its label."""

    refund_amount = forms.DecimalField(
        label=_("Refund amount"), min_value=0, max_digits=13, decimal_places=3
    )

    def __init__(self, *args: Any, order: TokenOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        self.fields["refund_amount"].label = label_refund(order.currency)


class RefundForm(RefundAmountForm):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=255,
        help_text=_("For the log and the list of refunds. Optional."),
    )
