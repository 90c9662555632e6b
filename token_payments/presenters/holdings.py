"""Holdings of an account, and what their managers are warned of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.errors import AddressesRefused
from token_payments.models import MAX_ISSUE, Wallet
from token_payments.presenters.forecasts import describe_forecast
from token_payments.presenters.refusals import Audience, describe_refusal
from token_payments.wallets.queries import (
    MAX_ADDRESSES,
    Balance,
    check_addresses,
    list_balances,
    list_forecasts,
    split_addresses,
)


@dataclass(frozen=True)
class Holding:
    """An account's tokens of one type.

    ``forecast`` is a sentence; empty where nothing can be spent, or where it wasn't asked for.
    """

    wallet: Wallet
    balance: Balance
    forecast: str = ""

    @property
    def can_be_moved(self) -> bool:
        """Whether there is something to transfer, and nothing in its way."""
        is_stopped = self.wallet.account.is_frozen or self.wallet.token_type.is_archived
        return bool(self.balance.available) and not is_stopped


def list_holdings(
    account_ids: Collection[int], now: datetime, *, with_forecasts: bool = False
) -> list[Holding]:
    """The wallets that ever held tokens, by the names of their types: three queries.

    Three more with forecasts; frozen accounts have none.
    """
    found = Wallet.objects.filter(account__in=account_ids)
    wallets = list(found.select_related("account", "token_type").order_by("token_type__name"))
    balances = list_balances([wallet.pk for wallet in wallets], now)
    active = [wallet.pk for wallet in wallets if not wallet.account.is_frozen]
    forecasts = list_forecasts(active if with_forecasts else [], now)
    return [
        Holding(
            wallet,
            balances[wallet.pk],
            describe_forecast(forecasts[wallet.pk], wallet.token_type)
            if wallet.pk in forecasts
            else "",
        )
        for wallet in wallets
        if wallet.pk in balances
    ]


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
