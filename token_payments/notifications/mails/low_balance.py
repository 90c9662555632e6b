"""Wallets with few tokens left: whom it concerns is told once in each low episode."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.notifications.mails import base
from token_payments.notifications.mails.transport import MAX_IN_A_ROW
from token_payments.outbox.notices import claim_notice, confirm_notice, list_claimed
from token_payments.wallets.accounts import list_managers
from token_payments.wallets.low_balance import split_addresses, track_low_balances
from token_payments.wallets.models import Wallet

log = logging.getLogger(__name__)


@dataclass
class LowBalances:
    """The result of a run: ``low`` wallets, those ``told`` of, and those that ``failed`` for now.

    ``is_down``: the run ended early, as nothing could be sent any more.
    """

    low: int = 0
    told: int = 0
    failed: int = 0
    is_down: bool = False


@base.in_site_language
def tell_low_balances(wallet_ids: Sequence[int], *, now: datetime) -> LowBalances:
    """Begin and end the wallets' low episodes, and tell of those not told of yet.

    Of a frozen account's, or one without anybody to tell, once that changes. A mail that is refused
    for now is counted as failed, and goes out the next time. Any number of workers may do this.
    """
    balances = track_low_balances(wallet_ids, now=now)
    run = LowBalances(low=len(balances))
    if not balances:
        return run
    rows = Wallet.objects.filter(pk__in=balances, low_since__isnull=False)
    wallets = list(rows.select_related("account", "token_type").order_by("pk"))
    done = list_claimed(_make_key(wallet) for wallet in wallets)
    managers = list_managers(wallet.account_id for wallet in wallets)
    in_a_row = 0
    for wallet in wallets:
        if _make_key(wallet) in done or wallet.account.is_frozen:
            continue
        notices = list(_tell(wallet, balances[wallet.pk], managers[wallet.account_id]))
        if not notices:
            continue
        try:
            base.send_notices(notices, now=now)
        except Exception as error:  # noqa: BLE001 (the other wallets' are sent)
            log.warning("wallet %s: %s", wallet.pk, type(error).__name__)
            run.failed += 1
            in_a_row += 1
            if in_a_row == MAX_IN_A_ROW:
                run.is_down = True
                break
            continue
        in_a_row = 0
        if claim_notice(_make_key(wallet), now=now):
            confirm_notice(_make_key(wallet), now=now)
            run.told += 1
    return run


def _tell(wallet: Wallet, balance: int, managers: Sequence[User]) -> Iterator[base.NoticeMail]:
    addresses = split_addresses(wallet.low_balance_emails)
    readers = [(address, "") for address in addresses]
    if not readers:
        readers = [(user.email, base.tidy(host.get_full_name(user))) for user in managers]
    for address, name in readers:
        mail = base.write_mail("low_balance", _describe(wallet, balance) | {"name": name})
        yield base.NoticeMail(f"{_make_key(wallet)}:{base.digest(address)}", address, mail)


def _describe(wallet: Wallet, balance: int) -> dict[str, Any]:
    return {
        "account": base.tidy(wallet.account),
        "token_type": base.tidy(wallet.token_type),
        "balance": balance,
        "low_balance": wallet.low_balance,
        "order_url": base.absolute("request_order"),
        "url": base.get_statement_url(wallet),
    }


def _make_key(wallet: Wallet) -> str:
    """One low episode of a wallet."""
    assert wallet.low_since is not None
    return f"low:{wallet.pk}:{int(wallet.low_since.timestamp() * 1_000_000)}"
