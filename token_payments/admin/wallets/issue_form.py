"""The form with which tokens are issued by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.admin.account_field import AccountField
from token_payments.admin.fields import (
    CurrencyFormField,
    DayField,
    TokenTypeField,
    UnitPriceField,
    check_price,
)
from token_payments.admin.wallets.texts import explain_expiry
from token_payments.models import MAX_ISSUE, TokenType
from token_payments.presenters.once import OnceForm
from token_payments.wallets import queries as wallet_queries


class TypeSelect(forms.Select):
    """Each option carries what happens when the expiry is left empty, for the page's script."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        token_type = getattr(value, "instance", None)
        if token_type is not None:
            option["attrs"]["data-expiry"] = explain_default_expiry(token_type)
        return option


class TypeField(TokenTypeField):
    widget = TypeSelect


class IssueForm(OnceForm):
    """Account, type and quantity; the expiry, the price and the texts are optional."""

    account = AccountField(
        label=_("Account"), help_text=_("Name or customer number of the account.")
    )
    token_type = TypeField(
        label=_("Token type"),
        queryset=TokenType.objects.filter(is_archived=False),
        empty_label=_("Choose a token type"),
    )
    quantity = forms.IntegerField(label=_("Number of tokens"), min_value=1, max_value=MAX_ISSUE)
    expires_at = DayField(label=_("Expiry"), required=False)
    unit_price = UnitPriceField(
        label=_("Price per token"), help_text=_("What the customer paid for one token. Optional.")
    )
    currency = CurrencyFormField(
        label=_("Currency"),
        help_text=_("Three letters (ISO 4217), e.g. GBP. Needed with a price."),
    )
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=128,
        help_text=_("E.g. the number of the invoice or contract. Optional."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=255,
        help_text=_("Shown in the statement. Optional."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].widget.attrs.update(
            {
                "class": "vTextField",
                "autocomplete": "off",
                "data-suggest": reverse("admin:token_payments_tokenissue_accounts"),
            }
        )
        for name in ("reference", "reason"):
            self.fields[name].widget.attrs["class"] = "vTextField"
        self.fields["quantity"].widget.attrs["inputmode"] = "numeric"
        self.fields["expires_at"].help_text = gettext(
            "The last day on which the tokens can be spent, until midnight %(zone)s time. Empty: "
            "the redemption period of the type."
        ) % {"zone": conf.time_zone().key}

    @property
    def default_expiry(self) -> str:
        """What an empty expiry comes to for the type that is chosen now; empty without one."""
        chosen = self["token_type"].value()
        try:
            token_type = self.fields["token_type"].clean(getattr(chosen, "pk", chosen))
        except forms.ValidationError:
            return ""
        return explain_default_expiry(token_type)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        check_price(self, cleaned)
        return cleaned


def explain_default_expiry(token_type: TokenType) -> str:
    return explain_expiry(wallet_queries.compute_default_expiry(token_type, timezone.now()))
