"""Transactions of views that must not run inside another one."""

from __future__ import annotations

from contextlib import ContextDecorator

from django.conf import settings
from django.db import transaction
from django.db.transaction import TransactionManagementError


class OuterAtomic(ContextDecorator):
    """`transaction.atomic`, refused inside an atomic block: its end is a commit."""

    def __init__(self, using: str | None = None) -> None:
        self.using = using
        self._blocks: list[transaction.Atomic] = []

    def __enter__(self) -> None:
        connection = transaction.get_connection(self.using)
        if len(connection.atomic_blocks) > settings.OUTER_ATOMIC_ALLOWED_DEPTH:
            raise TransactionManagementError("Cannot be inside an atomic block.")
        block = transaction.atomic(using=self.using)
        block.__enter__()
        self._blocks.append(block)

    def __exit__(self, *exc_info: object) -> None:
        self._blocks.pop().__exit__(*exc_info)

    def _recreate_cm(self) -> OuterAtomic:
        return OuterAtomic(self.using)


def outer_atomic(using: str | None = None) -> OuterAtomic:
    return OuterAtomic(using)
