"""The tokens that accounts hold of each type, with what people are told of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from token_payments.models import Wallet
from token_payments.presenters.forecasts import describe_forecast
from token_payments.wallets.queries import Balance, list_balances, list_forecasts


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
