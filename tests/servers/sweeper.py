"""A sweep in a process of its own, which stops in its second batch and says so: to be killed there.

    python -m tests.servers.sweeper <locked|written> <issues in a batch>

It prints a line when it has come to the point, then waits for one; afterwards it goes on and prints
``done`` or the name of the error.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from unittest.mock import patch

import django

WRITE = "token_payments.wallets.spending._write_expiries"


def main(point: str, limit: str) -> None:
    django.setup()
    from django.utils import timezone

    from token_payments.wallets import operations as wallet_operations
    from token_payments.wallets import spending

    real = spending._write_expiries
    batches = 0

    def write(issue_ids: Sequence[int], now: datetime) -> None:
        nonlocal batches
        batches += 1
        if batches == 2 and point == "written":
            real(issue_ids, now)
        if batches == 2:
            print("there", flush=True)
            sys.stdin.readline()
        if batches != 2 or point == "locked":
            real(issue_ids, now)

    with patch(WRITE, write):
        try:
            wallet_operations.expire_all_issues(now=timezone.now(), limit=int(limit))
        except Exception as error:  # noqa: BLE001 (its name is the answer)
            print(type(error).__name__, flush=True)
        else:
            print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
