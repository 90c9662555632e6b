"""Redemptions and what paid for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.db.models import F, Q
from django.utils.translation import gettext

from token_payments.checkout.payment_methods.token_code import TokenCodePayment
from token_payments.checkout.payment_methods.wallet import WalletPayment
from token_payments.doctor.agreement import list_wrongly_drawn
from token_payments.doctor.findings import Finding, Repair, walk
from token_payments.doctor.repairs import complete_redemption, is_finished
from token_payments.models import Redemption, RedemptionState


def list_reserved(now: datetime) -> Iterator[Finding]:
    """Reserved is what a redemption is within its transaction: none is stored."""
    for redemptions in walk(Redemption.objects.all()):
        reserved = redemptions.filter(state=RedemptionState.RESERVED)
        for redemption in reserved.select_related("code", "item", "learner"):
            yield _describe_reserved(redemption, now)


def _describe_reserved(redemption: Redemption, now: datetime) -> Finding:
    text = gettext("The payment is reserved since %(time)s (UTC); nothing can leave it so.")
    text %= {"time": f"{redemption.created_at:%Y-%m-%d %H:%M}"}
    if is_finished(redemption):
        repair = Repair(gettext("complete it"), partial(complete_redemption, redemption.pk, now))
        advice = gettext("Run the repair: it is paid and the learner is enrolled.")
        return Finding(name_redemption(redemption), text, advice, repair=repair)
    return Finding(name_redemption(redemption), text)


def list_unpaid(_now: datetime) -> Iterator[Finding]:
    """A completed redemption was paid: with a code of an order for this item, or from a wallet.

    Methods of other plugins keep what paid for it in their own way.
    """
    unpaid = Q(method=TokenCodePayment.slug, code__isnull=True) | Q(
        method=WalletPayment.slug, wallet__isnull=True
    )
    for redemptions in walk(Redemption.objects.all()):
        rows = redemptions.filter(live=True)
        for redemption in rows.filter(unpaid):
            yield Finding(
                name_redemption(redemption),
                gettext("Nothing paid for it: it has neither a code nor a wallet."),
            )
        with_codes = rows.filter(code__isnull=False).exclude(code__order__item=F("item"))
        for redemption in with_codes.select_related("code__order"):
            assert redemption.code is not None
            yield Finding(
                name_redemption(redemption),
                gettext("It was paid with a code of order %(order)s, for another course.")
                % {"order": redemption.code.order.number},
            )


def list_wrong_tokens(_now: datetime) -> Iterator[Finding]:
    """Debits less reversals are the price while a redemption counts, and nothing afterwards."""
    for redemptions in walk(Redemption.objects.all()):
        for redemption in list_wrongly_drawn(redemptions):
            yield Finding(
                name_redemption(redemption),
                gettext("%(drawn)s tokens are drawn for it in the ledger; it should be %(due)s.")
                % {"drawn": redemption.drawn, "due": redemption.due},
            )


def name_redemption(redemption: Redemption) -> str:
    return gettext("redemption %(uuid)s") % {"uuid": redemption.uuid}
