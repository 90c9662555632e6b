"""What to look for in a list of orders."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.models import OrderStatus
from token_payments.portal.tokens.forms import PageForm


class OrderFilterForm(PageForm):
    """Which orders to show."""

    text = forms.CharField(
        label=_("Search for a number, a course or an account"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "tp-input", "type": "search"}),
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All")), *OrderStatus.choices],
        widget=forms.Select(attrs={"class": "tp-input"}),
    )

    def get_filter(self) -> dict[str, str]:
        """What of it is valid."""
        self.tie_errors()
        valid: dict[str, str] = getattr(self, "cleaned_data", {})
        return {name: valid.get(name, "") for name in self.fields}
