"""The billing address: its fields as the order has them, and what is remembered for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.models import Account, TokenOrder

#: By the field's name, what browsers know it as.
ADDRESS: Mapping[str, str] = {
    "billing_name": "billing organization",
    "billing_street": "billing street-address",
    "billing_postcode": "billing postal-code",
    "billing_city": "billing address-level2",
    "billing_region": "billing address-level1",
    "billing_country": "billing country",
}
REQUIRED: Mapping[str, Any] = {
    "billing_name": _("Enter the name that the invoice is made out to."),
    "billing_street": _("Enter the street of the billing address."),
    "billing_city": _("Enter the town or city of the billing address."),
    "billing_country": _("Select the country of the billing address."),
}


def make_address_fields() -> dict[str, forms.Field]:
    """The fields of an order's billing address, with the limits that the order has."""
    widgets: dict[str, type[forms.Widget] | forms.Widget] = {
        "billing_street": forms.Textarea(attrs={"rows": 2})
    }
    fields: dict[str, forms.Field]
    fields = forms.fields_for_model(TokenOrder, list(ADDRESS), widgets=widgets)
    for name, field in fields.items():
        field.widget.attrs.update({"class": "tp-input", "autocomplete": ADDRESS[name]})
        if name in REQUIRED:
            field.error_messages["required"] = REQUIRED[name]
        else:
            field.label = _("%(label)s (optional)") % {"label": field.label}
    return fields


def find_address(last: TokenOrder | None, accounts: Sequence[Account]) -> dict[str, Any]:
    """What to fill in first: the address of the last order, else of an account that has one."""
    sources = [last, *accounts]
    known = next((source for source in sources if source and source.billing_name), None)
    return {name: getattr(known, name) for name in ADDRESS} if known else {}
