"""The choices of a learner who pays with tokens: the wallets of the learner's accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from token_payments.catalogue.models import TokenPrice
from token_payments.catalogue.queries import Offer, list_token_prices
from token_payments.errors import InsufficientTokens
from token_payments.hosts.base import User
from token_payments.wallets.balances import list_accounts
from token_payments.wallets.fifo import BURN_ORDER, Draw, filter_usable, plan_draws
from token_payments.wallets.models import Account, TokenIssue, TokenType, Wallet


@dataclass(frozen=True)
class WalletOption:
    """An account's tokens of one type, beside what the item costs in them.

    ``draws`` are the issues that would be drawn from, in burn order; empty when ``obstacle`` says
    why this can't pay: frozen (the account), or short (of ``missing`` tokens).
    """

    account: Account
    token_type: TokenType
    tokens: int
    available: int
    wallet_id: int | None
    draws: Sequence[Draw] = ()
    obstacle: str = ""

    @property
    def can_pay(self) -> bool:
        return not self.obstacle

    @property
    def key(self) -> str:
        """The value that chooses this one in a form; empty for an account without such a wallet."""
        return str(self.wallet_id or "")

    @property
    def missing(self) -> int:
        return max(0, self.tokens - self.available)

    @property
    def balance_after(self) -> int:
        return self.available - self.tokens

    @property
    def expiries(self) -> list[tuple[datetime | None, int, bool]]:
        """The draws as (expiry, tokens, whether they are used last), in burn order.

        Issues of one expiry as one; None is tokens that never expire.
        """
        groups = groupby(self.draws, key=lambda draw: (draw.issue.expires_at, draw.issue.use_last))
        return [
            (expiry, sum(draw.amount for draw in draws), is_last)
            for (expiry, is_last), draws in groups
        ]


def list_wallet_options(offer: Offer, learner: User, now: datetime) -> list[WalletOption]:
    """Every account of the learner with every type that the item is priced in.

    Those that can pay first, each group by account and type. Four queries, however many there are.
    """
    accounts = list(list_accounts(learner))
    prices = list_token_prices(offer.item)
    wallets = {
        (wallet.account_id, wallet.token_type_id): wallet.pk
        for wallet in Wallet.objects.filter(account__in=accounts)
    }
    usable = filter_usable(TokenIssue.objects.filter(wallet__in=wallets.values()), now)
    issues: dict[int, list[TokenIssue]] = defaultdict(list)
    for issue in usable.order_by(*BURN_ORDER):
        issues[issue.wallet_id].append(issue)
    options = []
    for account in accounts:
        for price in prices:
            wallet_id = wallets.get((account.pk, price.token_type_id))
            options.append(_make_option(account, price, wallet_id, issues[wallet_id or 0]))
    return sorted(options, key=lambda option: not option.can_pay)


def _make_option(
    account: Account, price: TokenPrice, wallet_id: int | None, issues: Sequence[TokenIssue]
) -> WalletOption:
    draws: Sequence[Draw] = ()
    obstacle = "frozen" if account.is_frozen else ""
    try:
        draws = plan_draws(issues, price.quantity)
    except InsufficientTokens:
        obstacle = obstacle or "short"
    return WalletOption(
        account=account,
        token_type=price.token_type,
        tokens=price.quantity,
        available=sum(issue.remaining for issue in issues),
        wallet_id=wallet_id,
        draws=() if obstacle else draws,
        obstacle=obstacle,
    )


class WalletForm(forms.Form):
    """One field: the wallet that pays. Cleans to a WalletOption.

    ``options`` lists those that can't pay as well. A visitor who isn't signed in has no wallets to
    choose from yet, and chooses after signing in.
    """

    wallet = forms.TypedChoiceField(
        label=_("Pay with"),
        widget=forms.RadioSelect,
        empty_value=None,
        error_messages={
            "required": _("Choose which account's tokens to pay with."),
            "invalid_choice": _("These tokens can't pay for this course. Choose others."),
        },
    )

    def __init__(
        self, *args: Any, options: Sequence[WalletOption], is_signed_in: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.options = options
        self.is_signed_in = is_signed_in
        payable = {option.key: option for option in self.payable}
        field = self.fields["wallet"]
        assert isinstance(field, forms.TypedChoiceField)
        field.required = is_signed_in
        field.choices = [(key, str(option.account)) for key, option in payable.items()]
        field.coerce = payable.__getitem__
        if len(payable) == 1:
            field.initial = next(iter(payable))
        if not payable:
            nothing = _("You have no tokens that can pay for this course.")
            field.error_messages |= {"required": nothing, "invalid_choice": nothing}

    @property
    def can_pay(self) -> bool:
        """Whether there is something to choose, now or after signing in."""
        return not self.is_signed_in or bool(self.payable)

    @property
    def payable(self) -> list[WalletOption]:
        return [option for option in self.options if option.can_pay]

    @property
    def obstructed(self) -> list[WalletOption]:
        """Those that can't pay, for which learners may want to know why.

        Without the types of which an account has nothing while it has another one to show.
        """
        holding = {option.account.pk for option in self.options if option.available}
        return [
            option
            for option in self.options
            if not option.can_pay and (option.available or option.account.pk not in holding)
        ]
