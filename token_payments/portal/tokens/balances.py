"""Manage My Tokens: the visitor's orders, the tokens given to them, and their accounts' balances.

Of each balance: what can be spent, what expires soon, and what it pays for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from token_payments.assignments import queries as assignment_queries
from token_payments.catalogue import queries as catalogue_queries
from token_payments.models import AccountMember, TokenPrice, TokenSettings, Wallet
from token_payments.portal.orders.cards import make_cards
from token_payments.portal.pages import render_page
from token_payments.portal.tokens.access import is_manager, tokens_page
from token_payments.presenters.forecasts import describe_forecast
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.queries import Balance, Expiring

SHOWN = 3  # dates of expiry, and courses, that a card shows before "more"
ORDERS = 3  # that are shown here; the others are in the list of all orders


@dataclass(frozen=True)
class BalanceCard:
    """An account's tokens of one type: ``expiring`` soonest first, ``prices`` of what they pay.

    ``forecast`` is a sentence; empty where there is nothing to spend, or nothing can be spent.
    """

    wallet: Wallet
    balance: Balance
    expiring: Sequence[Expiring]
    prices: Sequence[TokenPrice]
    forecast: str = ""
    may_transfer: bool = False

    @property
    def is_low(self) -> bool:
        return self.balance.available < (self.wallet.low_balance or 0)

    @property
    def first_expiring(self) -> Sequence[Expiring]:
        return self.expiring[:SHOWN]

    @property
    def later(self) -> int:
        """How many tokens expire soon, but after those that are shown."""
        return sum(row.tokens for row in self.expiring[SHOWN:])

    @property
    def first_prices(self) -> Sequence[TokenPrice]:
        return self.prices[:SHOWN]

    @property
    def more_prices(self) -> Sequence[TokenPrice]:
        return self.prices[SHOWN:]


@tokens_page
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """The newest orders, and a card for each type of tokens of each account.

    A fixed number of queries.
    """
    newest = assignment_queries.list_orders_of(request.user).values_list("pk", flat=True)[
        : ORDERS + 1
    ]
    order_ids = list(newest)
    mine = AccountMember.objects.filter(user=request.user.pk).select_related("account")
    memberships = list(mine.order_by("account__name"))
    cards = _make_cards(memberships)
    return render_page(
        request,
        "tokens/tokens.html",
        orders=make_cards(order_ids[:ORDERS], user_id=request.user.pk),
        has_more_orders=len(order_ids) > ORDERS,
        own_codes=assignment_queries.list_codes_for(request.user, now=timezone.now()).count(),
        accounts=[_describe(member, cards[member.account_id]) for member in memberships],
    )


def _describe(member: AccountMember, cards: Sequence[BalanceCard]) -> dict[str, Any]:
    return {
        "account": member.account,
        "role": member.get_role_display(),
        "is_manager": is_manager(member),
        "cards": cards,
    }


def _make_cards(memberships: Sequence[AccountMember]) -> dict[int, list[BalanceCard]]:
    """Of every wallet that tokens were issued to, by account."""
    now = timezone.now()
    frozen = {member.account_id for member in memberships if member.account.is_frozen}
    giving = _list_giving(memberships)
    wallets = Wallet.objects.filter(account__in=[member.account_id for member in memberships])
    wallets = wallets.select_related("token_type").order_by("token_type__name")
    balances = wallet_queries.list_balances([wallet.pk for wallet in wallets], now)
    expiring: dict[int, list[Expiring]] = defaultdict(list)
    for row in wallet_queries.list_expiring(balances, now):
        expiring[row.wallet_id].append(row)
    prices: dict[int, list[TokenPrice]] = defaultdict(list)
    for price in catalogue_queries.list_priced_items({wallet.token_type_id for wallet in wallets}):
        prices[price.token_type_id].append(price)
    active = [wallet.pk for wallet in wallets if wallet.account_id not in frozen]
    forecasts = wallet_queries.list_forecasts(active, now)
    cards: dict[int, list[BalanceCard]] = defaultdict(list)
    for wallet in wallets:
        if wallet.pk in balances:
            pays = [] if wallet.account_id in frozen else prices[wallet.token_type_id]
            forecast = forecasts.get(wallet.pk)
            said = describe_forecast(forecast, wallet.token_type) if forecast else ""
            balance = balances[wallet.pk]
            is_giving = wallet.account_id in giving and not wallet.token_type.is_archived
            may_transfer = is_giving and bool(balance.available)
            card = BalanceCard(wallet, balance, expiring[wallet.pk], pays, said, may_transfer)
            cards[wallet.account_id].append(card)
    return cards


def _list_giving(memberships: Sequence[AccountMember]) -> set[int]:
    """The accounts from which the visitor may transfer tokens to another one."""
    managed = {member.account_id for member in memberships if is_manager(member)}
    if len(managed) <= 1 or not TokenSettings.current().transfers_allowed:
        return set()
    return managed - {member.account_id for member in memberships if member.account.is_frozen}
