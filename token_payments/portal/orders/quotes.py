"""The price that a buyer saw on the review, as the next request carries it on."""

from __future__ import annotations

from django import forms

from token_payments.orders import queries as order_queries


class QuoteForm(forms.Form):
    """The price that the buyer saw, as the review carries it on."""

    unit_price = forms.DecimalField(required=False, max_digits=13, decimal_places=3)
    currency = forms.CharField(required=False, max_length=3)
    tax_rate = forms.DecimalField(required=False, max_digits=5, decimal_places=2)

    prefix = "agreed"

    @property
    def quote(self) -> order_queries.Quote | None:
        """None when the request wasn't sent from a review."""
        if self.add_prefix("currency") not in self.data or not self.is_valid():
            return None
        return order_queries.Quote(**self.cleaned_data)


def list_agreed(quote: order_queries.Quote) -> list[tuple[str, str]]:
    """The price for hidden fields, as ``QuoteForm`` reads it."""
    values = {name: getattr(quote, name) for name in QuoteForm.base_fields}
    return [(f"agreed-{name}", _write(value)) for name, value in values.items()]


def _write(value: object) -> str:
    return "" if value is None else str(value)
