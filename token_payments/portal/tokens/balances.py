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
from token_payments.hosts.people import get_user
from token_payments.models import AccountMember, TokenPrice, TokenSettings
from token_payments.portal.orders.cards import make_cards
from token_payments.portal.pages import render_page
from token_payments.portal.tokens.access import is_manager, tokens_page
from token_payments.presenters.holdings import Holding, list_holdings
from token_payments.wallets import queries as wallet_queries
from token_payments.wallets.queries import Expiring

SHOWN = 3  # dates of expiry, and courses, that a card shows before "more"
ORDERS = 3  # that are shown here; the others are in the list of all orders


@dataclass(frozen=True)
class BalanceCard:
    """An account's tokens of one type: ``expiring`` soonest first, ``prices`` of what they pay."""

    holding: Holding
    expiring: Sequence[Expiring]
    prices: Sequence[TokenPrice]
    may_transfer: bool = False

    @property
    def is_low(self) -> bool:
        return self.holding.balance.available < (self.holding.wallet.low_balance or 0)

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
    newest = assignment_queries.list_orders_of(get_user(request)).values_list("pk", flat=True)[
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
        own_codes=assignment_queries.list_codes_for(get_user(request), now=timezone.now()).count(),
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
    account_ids = [member.account_id for member in memberships]
    holdings = list_holdings(account_ids, now, with_forecasts=True)
    giving = _list_giving(memberships)
    expiring: dict[int, list[Expiring]] = defaultdict(list)
    for row in wallet_queries.list_expiring([each.wallet.pk for each in holdings], now):
        expiring[row.wallet_id].append(row)
    prices: dict[int, list[TokenPrice]] = defaultdict(list)
    types = {each.wallet.token_type_id for each in holdings}
    for price in catalogue_queries.list_priced_items(types):
        prices[price.token_type_id].append(price)
    cards: dict[int, list[BalanceCard]] = defaultdict(list)
    for holding in holdings:
        wallet = holding.wallet
        card = BalanceCard(
            holding,
            expiring=expiring[wallet.pk],
            prices=[] if wallet.account.is_frozen else prices[wallet.token_type_id],
            may_transfer=holding.can_be_moved and wallet.account_id in giving,
        )
        cards[wallet.account_id].append(card)
    return cards


def _list_giving(memberships: Sequence[AccountMember]) -> set[int]:
    """The accounts from which the visitor may transfer tokens to another one."""
    managed = {member.account_id for member in memberships if is_manager(member)}
    is_giving = len(managed) > 1 and TokenSettings.current().transfers_allowed
    return managed if is_giving else set()
