"""Fields that several forms have: days, token types, and money with its currency."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies
from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from token_payments.l10n.dates import end_of_day
from token_payments.l10n.formats import count_decimals, format_money, format_number

#: The fields of a billing address, of an account and of an order.
ADDRESS = (
    "billing_name",
    "billing_street",
    "billing_postcode",
    "billing_city",
    "billing_region",
    "billing_country",
)


class SuggestInput(forms.TextInput):
    """A text field that suggests what the admin's page of that name finds."""

    def __init__(self, page: str) -> None:
        address = reverse_lazy(f"admin:token_payments_{page}")
        super().__init__(
            {
                "class": "vTextField",
                "autocomplete": "off",
                "spellcheck": "false",
                "data-suggest": address,
            }
        )


class ReasonField(forms.CharField):
    """The reason for what is done by hand."""

    widget = forms.TextInput(attrs={"class": "vTextField"})

    def __init__(self, **kwargs: Any) -> None:
        texts = {"label": _("Reason"), "help_text": _("Shown in the statement.")}
        super().__init__(**{"max_length": 255, **texts, **kwargs})


class DayField(forms.DateField):
    """A day; cleans to the end of that local day, which must lie ahead unless ``may_be_over``."""

    widget = AdminDateWidget
    default_error_messages = {"invalid": _("Enter a valid date, such as 2026-12-31.")}

    def __init__(self, *, may_be_over: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.may_be_over = may_be_over

    def to_python(self, value: Any) -> date | None:
        # The calendar's own format and ISO: in 03/12/2026 nobody knows which is the month.
        self.input_formats = [get_format("DATE_INPUT_FORMATS")[0], "%Y-%m-%d"]
        day: date | None = super().to_python(value)
        return day

    def clean(self, value: Any) -> datetime | None:
        day: date | None = super().clean(value)
        if day is None:
            return None
        try:
            end = end_of_day(day)
        except OverflowError as error:
            raise forms.ValidationError(
                _("This day is too late: choose an earlier one.")
            ) from error
        if not self.may_be_over:
            check_ahead(end)
        return end


def check_ahead(end: datetime) -> None:
    """Raises ValidationError for the end of a day that is over."""
    if end <= timezone.now():
        raise forms.ValidationError(_("This day is over: choose today or a later day."))


class TokenTypeField(forms.ModelChoiceField):
    """A token type, with how long its tokens last and what one costs."""

    def label_from_instance(self, obj: Any) -> str:
        days = obj.redemption_days
        if days is None:
            label = gettext("%(type)s – never expires") % {"type": obj.name}
        else:
            text = ngettext(
                "%(type)s – expires after %(days)s day",
                "%(type)s – expires after %(days)s days",
                days,
            )
            label = text % {"type": obj.name, "days": format_number(days)}
        if obj.unit_price is None:
            return label
        return f"{label} – {format_money(obj.unit_price, obj.currency)}"


class UnitPriceField(forms.DecimalField):
    """Money for one token, in the currency that stands beside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, min_value=0, max_digits=13, decimal_places=3, **kwargs)


class TaxRateField(forms.DecimalField):
    """The tax on an order in percent; may be empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            min_value=0,
            max_value=100,
            max_digits=5,
            decimal_places=2,
            label=_("Tax rate (%)"),
            help_text=_("On top of the price. Empty: no tax."),
            **kwargs,
        )


def trim_decimal(number: Decimal | None) -> Decimal | None:
    """The number for an input field, without zeros at its end."""
    if number is None:
        return None
    whole = number.to_integral_value()
    return whole if whole == number else number.normalize()


class CurrencyFormField(forms.CharField):
    """The three letters of a currency, in capitals; may be empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=3, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "size": 4, "autocomplete": "off"}

    def clean(self, value: Any) -> str:
        currency = str(super().clean(value)).strip().upper()
        if currency and currency not in list_currencies():
            raise forms.ValidationError(
                _("“%(currency)s” is not a currency: enter three letters, e.g. GBP."),
                params={"currency": currency},
            )
        return currency


def check_decimals(form: forms.BaseForm, cleaned: dict[str, Any]) -> None:
    """``unit_price`` can be paid in ``currency``: no tenths of a penny."""
    price, currency = cleaned.get("unit_price"), cleaned.get("currency")
    if price is None or not currency:
        return
    decimals = count_decimals(currency)
    if price == price.quantize(Decimal(1).scaleb(-decimals)):
        return
    text = ngettext(
        "Amounts in %(currency)s have at most %(count)s decimal.",
        "Amounts in %(currency)s have at most %(count)s decimals.",
        decimals,
    )
    if not decimals:
        text = gettext("Amounts in %(currency)s have no decimals.")
    form.add_error("unit_price", text % {"currency": currency, "count": decimals})


def check_price(form: forms.BaseForm, cleaned: dict[str, Any]) -> None:
    """``unit_price`` and ``currency`` go together: what is missing is asked for at its field."""
    if "unit_price" not in cleaned or "currency" not in cleaned:
        return
    has_price = cleaned["unit_price"] is not None
    if has_price and not cleaned["currency"]:
        form.add_error("currency", gettext("Enter the currency of the price, e.g. GBP."))
    elif cleaned["currency"] and not has_price:
        text = gettext("Enter the price too, or leave the currency empty.")
        form.add_error("unit_price", text)
