"""A worker that runs a bulk job in a process of its own, to be killed anywhere.

    python -m tests.servers.jobber <job>

It prints a line when it begins, and ``done`` or the name of the error when it ends.
"""

from __future__ import annotations

import sys

import django


def main(job_id: str) -> None:
    django.setup()
    from django.utils import timezone

    from token_payments.bulk import operations as bulk_operations

    print("begun", flush=True)
    try:
        while bulk_operations.run_job(int(job_id), clock=timezone.now):
            pass
    except Exception as error:  # noqa: BLE001 (its name is the answer)
        print(type(error).__name__, flush=True)
    else:
        print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
