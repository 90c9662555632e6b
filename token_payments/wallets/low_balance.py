"""Low balances: below which number who is told, and when a wallet is low.

A *low episode* begins when a wallet has fewer tokens to spend than its ``low_balance``, and ends
when it has so many again; ``Wallet.low_since`` is when it began. Payments don't look: this is asked
after them, and by a sweep that finds whatever else has changed a balance.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q, Sum

from token_payments.errors import AddressesRefused
from token_payments.hosts.base import User
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.fifo import filter_usable
from token_payments.wallets.models import MAX_ISSUE, TokenIssue, Wallet

MAX_ADDRESSES = 10
PAGE = 500  # wallets that are looked at with one set of queries

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LowBalance:
    """A wallet that has become low: ``balance`` is what it has to spend."""

    wallet: Wallet
    balance: int
    now: datetime


def set_low_balance(
    wallet_id: int,
    *,
    threshold: int | None,
    addresses: Sequence[str] = (),
    actor: User | None,
    now: datetime,
) -> Wallet:
    """Have ``addresses``, or without any the managers, told once there are fewer tokens.

    None: nobody is told. A wallet that is low already begins its episode now. Raises
    AddressesRefused, and ValueError for a threshold outside 1 to MAX_ISSUE.
    """
    if threshold is not None and not 1 <= threshold <= MAX_ISSUE:
        raise ValueError(f"{threshold} is no number of tokens to tell of")
    check_addresses(addresses)
    changes = {"low_balance": threshold, "low_balance_emails": "\n".join(addresses)}
    Wallet.objects.filter(pk=wallet_id).update(**changes)
    log.info("wallet %s: told below %s, by user %s", wallet_id, threshold, actor and actor.pk)
    track_low_balances([wallet_id], now=now)
    wallet = Wallet.objects.get(pk=wallet_id)
    announce(Step.ALERT_CHANGED, wallet)
    return wallet


def split_addresses(text: str) -> list[str]:
    """The addresses between spaces, commas, semicolons or lines, each once."""
    found: dict[str, str] = {}
    for address in text.replace(",", " ").replace(";", " ").split():
        found.setdefault(address.lower(), address)
    return list(found.values())


def check_addresses(addresses: Sequence[str]) -> None:
    """Raises AddressesRefused."""
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError as error:
            raise AddressesRefused("no_address", address=address) from error
    if len(addresses) > MAX_ADDRESSES:
        raise AddressesRefused("too_many")
    if len("\n".join(addresses)) > (Wallet._meta.get_field("low_balance_emails").max_length or 0):
        raise AddressesRefused("too_long")


def track_low_balances(wallet_ids: Iterable[int], *, now: datetime) -> dict[int, int]:
    """Begin and end episodes as the balances of now say; what those that are low have to spend.

    Two queries, and one for each beginning or end. Of workers that find the same, one begins it.
    """
    wallets = list(Wallet.objects.filter(pk__in=list(wallet_ids)))
    usable = filter_usable(TokenIssue.objects.filter(wallet__in=wallets), now)
    sums = usable.order_by().values_list("wallet").annotate(Sum("remaining"))
    balances: dict[int, int] = dict(sums)
    low = {}
    for wallet in wallets:
        balance = balances.get(wallet.pk, 0)
        same = Wallet.objects.filter(pk=wallet.pk, low_since=wallet.low_since)
        if wallet.low_balance is not None and balance < wallet.low_balance:
            low[wallet.pk] = balance
            if wallet.low_since is None:
                with transaction.atomic():
                    if same.update(low_since=now):
                        announce(Step.LOW_EPISODE_BEGUN, LowBalance(wallet, balance, now))
        elif wallet.low_since is not None:
            same.update(low_since=None)
    return low


def iterate_watched() -> Iterator[list[int]]:
    """The wallets of which somebody is to be told, in pages."""
    rows = Wallet.objects.filter(Q(low_balance__isnull=False) | Q(low_since__isnull=False))
    watched = rows.order_by("pk").values_list("pk", flat=True)
    last = 0
    while page := list(watched.filter(pk__gt=last)[:PAGE]):
        yield page
        last = page[-1]
