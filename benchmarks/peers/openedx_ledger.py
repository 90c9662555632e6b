"""openedx-ledger from PyPI: ``create_transaction``, tried again when its lock is taken."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from time import sleep
from typing import Any
from uuid import uuid4

from django.core.cache import caches
from django.db import connection
from django.db.models import Index

from benchmarks.clients import Operation

PAUSE = 0.002  # seconds before a caller tries again for the lock
DEPOSIT = 10**12


def is_installed() -> bool:
    return find_spec("openedx_ledger") is not None


def set_up() -> None:
    """Its indexes, which this Django doesn't read any more, and a cache that processes share."""
    from openedx_ledger import models

    indexes = (
        ("ledger", "lms_user_id", "content_key"),
        ("ledger", "content_key"),
        ("ledger", "subsidy_access_policy_uuid"),
    )
    with connection.schema_editor() as editor:
        for number, fields in enumerate(indexes):
            index = Index(fields=fields, name=f"openedx_ledger_bench_{number}")
            editor.add_index(models.Transaction, index)
    models.django_cache = caches["locks"]


def make_ledger() -> Any:
    """A ledger with more in it than anybody will spend."""
    from openedx_ledger import api, models

    ledger = api.create_ledger(unit=models.UnitChoices.SEATS, idempotency_key=uuid4().hex)
    _spend(ledger, DEPOSIT)
    return ledger


def add_history(ledger: Any, *, entries: int) -> None:
    """So many earlier transactions of one unit each."""
    from openedx_ledger import models

    for _ in range(0, entries, 5000):
        models.Transaction.objects.bulk_create(
            models.Transaction(
                ledger=ledger,
                quantity=-1,
                idempotency_key=uuid4().hex,
                state=models.TransactionStateChoices.COMMITTED,
                lms_user_id=1,
                content_key="course-v1:Bench+B1+2026",
            )
            for _ in range(min(5000, entries))
        )


def make_debit(choose: Callable[[int], Any]) -> Callable[[int], Operation]:
    """``choose`` gives the ledger of a client, by its number."""

    def make(client: int) -> Operation:
        ledger = choose(client)
        return lambda: _spend(ledger, -1)

    return make


def _spend(ledger: Any, quantity: int) -> None:
    from openedx_ledger import api, models

    key = uuid4().hex
    while True:
        try:
            api.create_transaction(
                ledger,
                quantity,
                key,
                lms_user_id=1,
                content_key="course-v1:Bench+B1+2026",
                state=models.TransactionStateChoices.COMMITTED,
            )
        except models.LedgerLockAttemptFailed:
            sleep(PAUSE)
        else:
            return
