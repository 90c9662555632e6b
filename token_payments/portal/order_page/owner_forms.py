"""What owners of an order enter to cancel tokens."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.portal.tokens.forms import PageForm


class CancelForm(PageForm):
    """How many, and why; ``key`` makes it happen once."""

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
    reason = forms.CharField(
        label=_("Reason (optional)"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"class": "tp-input", "autocomplete": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
