"""The account's form. Texts that must be unique are NULL when left empty."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.admin.fields import ADDRESS
from token_payments.models import Account


class AccountForm(forms.ModelForm):
    class Meta:
        model = Account
        fields = (
            "name",
            "reference",
            *ADDRESS,
        )
        widgets = {"billing_street": forms.Textarea(attrs={"rows": 3, "cols": 40})}
        help_texts = {"reference": _("The account's number in your other systems. Optional.")}
        error_messages = {
            "name": {"unique": _("Another account has this name.")},
            "reference": {"unique": _("Another account has this customer number.")},
        }
