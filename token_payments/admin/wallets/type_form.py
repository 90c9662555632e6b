"""The form of a token type."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import (
    CurrencyFormField,
    UnitPriceField,
    check_decimals,
    check_price,
)
from token_payments.admin.formats import round_money
from token_payments.models import TokenType


class TokenTypeForm(forms.ModelForm):
    """Price and currency go together, and the price can be paid in that currency."""

    unit_price = UnitPriceField(
        label=_("Price per token"),
        help_text=_("Without tax; shown to buyers who request tokens. Empty: agreed upon."),
    )
    currency = CurrencyFormField(
        label=_("Currency"), help_text=_("Of the price: three letters, e.g. GBP.")
    )

    class Meta:
        model = TokenType
        fields: ClassVar[Any] = ("name", "description", "redemption_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        token_type = self.instance
        if token_type.unit_price is not None and "unit_price" in self.fields:
            price = round_money(token_type.unit_price, token_type.currency)
            self.initial["unit_price"] = price

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        check_price(self, cleaned)
        check_decimals(self, cleaned)
        return cleaned
