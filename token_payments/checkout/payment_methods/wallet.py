"""Paying from a wallet: tokens that an account pre-paid, soonest expiry first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import errors
from token_payments.catalogue.models import WALLET_METHOD
from token_payments.catalogue.queries import Offer
from token_payments.checkout.models import Redemption
from token_payments.checkout.payment_methods.base import PaymentMethod, PaymentQuote, Reference
from token_payments.checkout.payment_methods.wallet_form import WalletForm, list_wallet_options
from token_payments.checkout.payment_methods.wallet_lookup import (
    MAX_ISSUES,
    Payer,
    find_payer,
)
from token_payments.db.prepared import insert_row
from token_payments.hosts.base import User, Visitor
from token_payments.l10n.formats import format_number
from token_payments.wallets.accounts import find_role
from token_payments.wallets.balances import preview_debit, sum_usable
from token_payments.wallets.fifo import Draw, plan_draws
from token_payments.wallets.models import AccountRole, Wallet
from token_payments.wallets.returns import give_back
from token_payments.wallets.spending import debit

MAX_DIGITS = 18  # what every database takes for a key
REDEEM_FOR_ANYBODY = "token_payments.add_redemption"


@dataclass(frozen=True)
class WalletQuote(PaymentQuote):
    """How many tokens of which wallet, and which issues they would be drawn from at ``now``."""

    wallet: Wallet | None = None
    tokens: int = 0
    draws: Sequence[Draw] = ()
    now: datetime | None = None

    @property
    def draws_on_last(self) -> bool:
        """Whether tokens would be drawn that are marked to be used last."""
        return any(draw.issue.use_last for draw in self.draws)

    @property
    def balance_after(self) -> int:
        """The balance that would be left in the wallet: a query, for those who show it."""
        assert self.wallet is not None
        assert self.now is not None
        return sum_usable(self.wallet, self.now) - self.tokens


class WalletPayment(PaymentMethod):
    slug: ClassVar[str] = WALLET_METHOD
    label: ClassVar[Any] = _("Training tokens")
    fields_template: ClassVar[str] = "token_payments/checkout/wallet_fields.html"
    quote_template: ClassVar[str] = "token_payments/checkout/wallet_quote.html"
    receipt_template: ClassVar[str] = "token_payments/checkout/wallet_receipt.html"

    def make_form(
        self,
        offer: Offer,
        *,
        learner: Visitor,
        now: datetime,
        data: Mapping[str, Any] | None = None,
        prefix: str | None = None,
    ) -> WalletForm:
        return WalletForm(
            data,
            prefix=prefix,
            use_required_attribute=False,
            options=list_wallet_options(offer, learner, now) if learner.is_authenticated else (),
            is_signed_in=learner.is_authenticated,
        )

    def get_reference(self, cleaned_data: Mapping[str, Any]) -> Reference:
        """The wallet, and the number of tokens that the learner has seen; {} before signing in."""
        option = cleaned_data["wallet"]
        return {"wallet": str(option.wallet_id), "tokens": str(option.tokens)} if option else {}

    def quote(
        self, offer: Offer, *, learner: User, actor: User, reference: Reference, now: datetime
    ) -> WalletQuote:
        """Without ``tokens`` in the reference the price of the day is agreed to."""
        payer = _get_payer(reference, learner, actor, now)
        wallet = payer.wallet
        tokens = offer.token_prices.get(wallet.token_type_id)
        if wallet.account.is_frozen:
            raise errors.AccountFrozen(str(wallet.account_id))
        agreed = _read_number(reference.get("tokens", "")) or tokens or 0
        if tokens is None or agreed != tokens:
            raise errors.TokenPriceChanged(agreed=agreed, now=tokens)
        return WalletQuote(
            description=_describe_lazily(tokens, wallet),
            wallet=wallet,
            tokens=tokens,
            draws=_plan(payer, tokens, now),
            now=now,
        )

    def reserve(self, redemption: Redemption, quote: PaymentQuote, *, with_locks: bool) -> None:
        assert isinstance(quote, WalletQuote)
        assert quote.wallet is not None
        redemption.wallet, redemption.tokens = quote.wallet, quote.tokens
        insert_row(redemption)
        debit(
            quote.wallet,
            quote.draws,
            redemption=redemption,
            actor=redemption.actor,
            now=redemption.created_at,
            with_locks=with_locks,
        )

    def give_back(
        self, redemption: Redemption, *, actor: User | None, reason: str, now: datetime
    ) -> None:
        give_back(redemption, actor=actor, reason=reason, now=now)

    def matches(self, redemption: Redemption, reference: Reference) -> bool:
        agreed = reference.get("tokens") or str(redemption.tokens)
        return (str(redemption.wallet_id), str(redemption.tokens)) == (
            reference.get("wallet"),
            agreed,
        )


def _get_payer(reference: Reference, learner: User, actor: User, now: datetime) -> Payer:
    """The wallet, if it may pay for the learner.

    Raises WalletNotChosen; NotAMember also for a wallet that isn't there: strangers learn nothing;
    NotAManager when the actor pays for somebody else without being one.
    """
    if not reference.get("wallet"):
        raise errors.WalletNotChosen
    wallet_id = _read_number(reference["wallet"])
    payer = find_payer(wallet_id, learner=learner, now=now) if wallet_id else None
    if payer is None or (actor.pk != learner.pk and not learner.is_active):
        raise errors.NotAMember(reference["wallet"])
    if actor.pk != learner.pk and not may_pay_for_others(payer.wallet, actor):
        raise errors.NotAManager(reference["wallet"])
    return payer


def may_pay_for_others(wallet: Wallet, actor: User) -> bool:
    """Managers of the account, and who may make redemptions for anybody: a program, or staff."""
    if find_role(wallet.account, actor) == AccountRole.MANAGER:
        return True
    return bool(actor.has_perm(REDEEM_FOR_ANYBODY))


def _read_number(text: str) -> int:
    """A number in a reference, as short as a key can be; 0 for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    return int(text) if is_number else 0


def _plan(payer: Payer, tokens: int, now: datetime) -> Sequence[Draw]:
    """Raises InsufficientTokens."""
    try:
        return plan_draws(payer.issues, tokens)
    except errors.InsufficientTokens:
        if len(payer.issues) < MAX_ISSUES:
            raise
    return preview_debit(payer.wallet, tokens, now)


def _describe(tokens: int, wallet: Wallet) -> str:
    return gettext("%(tokens)s %(type)s of %(account)s") % {
        "tokens": format_number(tokens),
        "type": wallet.token_type,
        "account": wallet.account,
    }


_describe_lazily = lazy(_describe, str)
