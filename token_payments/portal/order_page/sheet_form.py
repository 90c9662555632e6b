"""Which tokens to print cards of."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.portal.order_page.code_pages import LAST
from token_payments.portal.tokens.forms import PageForm

MAX_CARDS = 500  # in one sheet


def _number_field(label: Any, error: Any) -> forms.IntegerField:
    attrs = {"class": "tp-input", "inputmode": "numeric", "autocomplete": "off"}
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=LAST,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"invalid": error, "min_value": error, "max_value": error},
    )


class SheetForm(PageForm):
    """``first`` and ``last`` are serial numbers; None for no bound."""

    first = _number_field(
        _("From no."), _("From no.: enter the number of a token, or leave it empty.")
    )
    last = _number_field(_("To no."), _("To no.: enter the number of a token, or leave it empty."))
    with_assigned = forms.BooleanField(
        label=_("Also tokens that are assigned to somebody"), required=False
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first is not None and last is not None and first > last:
            self.add_error("last", _("To no.: enter a number that isn't below the first one."))
        return values
