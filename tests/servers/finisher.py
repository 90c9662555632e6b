"""One Finish in a process of its own, which stops at a point and says so: to be killed there.

    python -m tests.servers.finisher <point> <learner's id> <item key> <code> <idempotency key>

It prints its database connection's id when it has come to the point, then waits for a line.
Afterwards it goes on and prints ``done`` or the name of the error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import django

POINTS = {
    "reserved": ("token_payments.hosts.edxapp.EdxappHost.enrol", "before"),
    "enrolled": ("token_payments.hosts.edxapp.EdxappHost.enrol", "after"),
    "committed": ("token_payments.checkout.redeeming.place_in_group", "before"),
}


def stop_here() -> None:
    from django.db import connection

    ask = (
        "SELECT pg_backend_pid()" if connection.vendor == "postgresql" else "SELECT connection_id()"
    )
    with connection.cursor() as cursor:
        cursor.execute(ask)
        print(cursor.fetchone()[0], flush=True)
    sys.stdin.readline()


def stopping(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    def stop(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            stop_here()
        result = function(*args, **kwargs)
        if when == "after":
            stop_here()
        return result

    return staticmethod(stop)  # the host's methods are static


def main(point: str, learner_id: str, item_key: str, code: str, key: str) -> None:
    django.setup()
    from django.contrib.auth import get_user_model
    from django.utils.module_loading import import_string

    from tests import factories
    from token_payments.models import CatalogueItem

    where, when = POINTS[point]
    owner, name = where.rsplit(".", 1)
    real = getattr(import_string(owner), name) if "Host" in owner else import_string(where)
    learner = get_user_model().objects.get(pk=learner_id)
    item = CatalogueItem.objects.get(item_key=item_key)
    with patch(where, stopping(real, when)):
        try:
            factories.redeem(learner, item, code, idempotency_key=key)
        except Exception as error:  # noqa: BLE001 (its name is the answer)
            print(type(error).__name__, flush=True)
        else:
            print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
