"""Paying from a wallet: tokens that an account pre-paid, soonest expiry first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments.catalogue.models import TokenPrice
from token_payments.catalogue.queries import Offer
from token_payments.checkout.models import Redemption
from token_payments.checkout.payment_methods.base import PaymentMethod, Quote, Reference
from token_payments.errors import AccountFrozen, NotAMember, NotOffered
from token_payments.hosts.base import User
from token_payments.wallets.fifo import Draw
from token_payments.wallets.models import Wallet
from token_payments.wallets.queries import preview_debit
from token_payments.wallets.spending import debit


class WalletForm(forms.Form):
    """One field: the wallet that pays."""

    wallet = forms.IntegerField(label=_("Wallet"), min_value=1)


@dataclass(frozen=True)
class WalletQuote(Quote):
    """How many tokens of which wallet, and which issues they would be drawn from now."""

    wallet: Wallet | None = None
    tokens: int = 0
    draws: Sequence[Draw] = ()


class WalletPayment(PaymentMethod):
    slug: ClassVar[str] = "wallet"
    label: ClassVar[Any] = _("Training tokens")
    form_class: ClassVar[type[forms.Form]] = WalletForm

    def get_reference(self, cleaned_data: Mapping[str, Any]) -> Reference:
        return {"wallet": str(cleaned_data["wallet"])}

    def quote(
        self, offer: Offer, *, learner: User, reference: Reference, now: datetime
    ) -> WalletQuote:
        wallet, tokens = _find_wallet(reference, offer, learner)
        if wallet.account.is_frozen:
            raise AccountFrozen(str(wallet.account_id))
        if tokens is None:
            raise NotOffered(offer.item.item_key)
        return WalletQuote(
            description=gettext("%(tokens)s %(type)s of %(account)s")
            % {"tokens": tokens, "type": wallet.token_type, "account": wallet.account},
            wallet=wallet,
            tokens=tokens,
            draws=preview_debit(wallet, tokens, now),
        )

    def reserve(self, redemption: Redemption, quote: Quote, *, careful: bool) -> None:
        assert isinstance(quote, WalletQuote)
        assert quote.wallet is not None
        redemption.wallet, redemption.tokens = quote.wallet, quote.tokens
        redemption.save(force_insert=True)
        debit(
            quote.wallet,
            quote.draws,
            redemption=redemption,
            actor=redemption.actor,
            now=redemption.created_at,
            careful=careful,
        )

    def matches(self, redemption: Redemption, reference: Reference) -> bool:
        return str(redemption.wallet_id) == reference.get("wallet")


def _find_wallet(reference: Reference, offer: Offer, learner: User) -> tuple[Wallet, int | None]:
    """The wallet, if the learner may spend from it, and the item's price in its type: one query.

    Raises NotAMember also for a wallet that isn't there: strangers learn nothing.
    """
    price = TokenPrice.objects.filter(item=offer.item, token_type=OuterRef("token_type"))
    wallets = Wallet.objects.filter(pk=int(reference["wallet"]), account__members__user=learner)
    wallets = wallets.select_related("account", "token_type")
    wallet = wallets.annotate(price=Subquery(price.values("quantity")[:1])).first()
    if wallet is None:
        raise NotAMember(reference["wallet"])
    return wallet, wallet.price
