"""Low balance alerts: below which number of tokens whom to tell."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.errors import AddressesRefused
from token_payments.models import MAX_ISSUE, Wallet
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets.queries import MAX_ADDRESSES, check_addresses, split_addresses


class AlertForm(forms.Form):
    """The alert of ``wallet``; cleans ``addresses`` to a list."""

    audience: ClassVar[Audience] = Audience.STAFF
    threshold = forms.IntegerField(
        label=_("Tell when fewer than this many can be spent"),
        required=False,
        min_value=1,
        max_value=MAX_ISSUE,
        help_text=_("Leave it empty to tell nobody."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    addresses = forms.CharField(
        label=_("Tell these e-mail addresses"),
        required=False,
        max_length=40_000,  # characters that may be pasted
        help_text=_("One on each line. Leave it empty to tell the account's managers."),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40, "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, wallet: Wallet, **kwargs: Any) -> None:
        initial = {"threshold": wallet.low_balance, "addresses": wallet.low_balance_emails}
        super().__init__(data, initial=initial, **kwargs)

    def clean_addresses(self) -> list[str]:
        addresses = split_addresses(self.cleaned_data["addresses"])
        try:
            check_addresses(addresses)
        except AddressesRefused as error:
            told = describe_refusal(
                error,
                audience=self.audience,
                address=error.address[:100],
                limit=MAX_ADDRESSES,
            )
            raise forms.ValidationError(told.text) from error
        return addresses
