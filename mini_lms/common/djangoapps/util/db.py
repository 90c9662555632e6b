"""Transactions of views that must not run inside another one."""

from __future__ import annotations

from django.db import transaction
from django.db.transaction import TransactionManagementError


class OuterAtomic(transaction.Atomic):
    """`transaction.atomic`, refused inside an atomic block: its end is a commit.

    The blocks that a test case holds around each test do not count.
    """

    def __init__(self, using: str | None = None) -> None:
        super().__init__(using=using, savepoint=True, durable=False)

    def __enter__(self) -> None:
        blocks = transaction.get_connection(self.using).atomic_blocks
        if any(not block._from_testcase for block in blocks):
            raise TransactionManagementError("Cannot be inside an atomic block.")
        super().__enter__()


def outer_atomic(using: str | None = None) -> OuterAtomic:
    return OuterAtomic(using)
