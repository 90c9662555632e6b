"""What owners of an order enter to cancel tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from token_payments.l10n.formats import format_number
from token_payments.models import TokenOrder
from token_payments.orders import queries as order_queries
from token_payments.portal.tokens.forms import PageForm
from token_payments.presenters.once import OnceForm

NO_SERIALS = _("Enter numbers of tokens as the list of tokens has them, such as 3, 7-9.")


class CancelForm(OnceForm, PageForm):
    """How many, which ones, and why."""

    quantity = forms.IntegerField(
        label=_("Number of tokens"),
        min_value=1,
        error_messages={
            "required": _("Enter how many tokens are to be cancelled."),
            "invalid": _("Enter a whole number."),
            "min_value": _("Enter a number of 1 or more."),
        },
        widget=forms.TextInput(attrs={"class": "tp-input tp-input--short", "inputmode": "numeric"}),
    )
    serials = forms.CharField(
        label=_("Only these (optional)"),
        required=False,
        max_length=order_queries.MAX_SERIALS,
        help_text=_("Numbers from the list of tokens, such as 3, 7-9. Empty: the last ones."),
        error_messages={"max_length": NO_SERIALS},
        widget=forms.TextInput(attrs={"class": "tp-input", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Reason (optional)"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"class": "tp-input", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, order: TokenOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if order.is_for_wallet:
            del self.fields["serials"]

    def clean_serials(self) -> order_queries.Serials:
        try:
            return order_queries.Serials.read(self.cleaned_data["serials"])
        except ValueError as error:
            raise forms.ValidationError(NO_SERIALS) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        serials = data.setdefault("serials", order_queries.Serials())
        if serials and data.get("quantity") not in (None, serials.count()):
            text = ngettext(
                "You chose %(number)s token by its number: enter 1, or choose others.",
                "You chose %(number)s tokens by their numbers: enter that, or choose others.",
                serials.count(),
            )
            self.add_error("quantity", text % {"number": format_number(serials.count())})
        return data
