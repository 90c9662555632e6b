"""A worker that sends webhooks in a process of its own: to be killed while it sends.

    python -m tests.servers.hooker

It prints a line before it begins.
"""

from __future__ import annotations

import django
from django.test import override_settings


def main() -> None:
    django.setup()
    from django.conf import settings

    from tests.webhooks.base import LOCAL
    from token_payments import tasks

    with override_settings(TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, **LOCAL}):
        print("there", flush=True)
        tasks.webhooks.run_webhooks()


if __name__ == "__main__":
    main()
