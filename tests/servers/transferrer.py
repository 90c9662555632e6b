"""One transfer in a process of its own, which stops half way and says so: to be killed there.

    python -m tests.servers.transferrer <taken|given> <wallet id> <account id> <tokens> <user id>

It prints its database connection's id when the tokens have left the first issue (``taken``), or
when they have come to the new one as well (``given``), then waits for a line. Afterwards it goes on
and prints ``done`` or the name of the error.
"""

from __future__ import annotations

import sys
from typing import Any
from unittest.mock import patch

import django

from tests.servers.finisher import stopping

POINTS = {
    "taken": ("token_payments.wallets.transfers.change_issue", "after"),
    "given": ("token_payments.wallets.transfers.add_entry", "after"),
}


def main(point: str, *ids: str) -> None:
    django.setup()
    from django.contrib.auth import get_user_model
    from django.utils import timezone
    from django.utils.module_loading import import_string

    from token_payments.models import Account, Wallet
    from token_payments.wallets import operations as wallet_operations

    wallet, account, quantity, user = map(int, ids)
    where, when = POINTS[point]
    wanted = wallet_operations.WantedTransfer(
        Wallet.objects.get(pk=wallet), Account.objects.get(pk=account), quantity
    )
    how: dict[str, Any] = {"actor": get_user_model().objects.get(pk=user), "reason": ""}
    with patch(where, stopping(import_string(where), when)):
        try:
            wallet_operations.transfer_tokens(
                wanted, idempotency_key="killed", now=timezone.now(), **how
            )
        except Exception as error:  # noqa: BLE001 (its name is the answer)
            print(type(error).__name__, flush=True)
        else:
            print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
