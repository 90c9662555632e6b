"""Claiming a notice, and saying what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction

from token_payments.notices.models import Notice
from token_payments.transactions import in_transaction


def digest_address(address: str) -> str:
    """An address in a notice's key, which is too short for the longest ones."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:16]


def claim_notice(key: str, *, now: datetime) -> bool:
    """Whether the caller is the one who sends this notice now."""
    try:
        with transaction.atomic():
            Notice.objects.create(key=key, claimed_at=now)
    except IntegrityError:
        return bool(Notice.objects.filter(key=key, claimed_at=None).update(claimed_at=now))
    return True


def confirm_notice(key: str, *, now: datetime) -> None:
    """The mail has left."""
    Notice.objects.filter(key=key).update(sent_at=now)


def release_notice(key: str) -> None:
    """The transport refused the mail: whoever comes next may try."""
    Notice.objects.filter(key=key, sent_at=None).update(claimed_at=None)


def claim_together(keys: Sequence[str], *, now: datetime) -> bool:
    """Whether the caller is the one who tells, in one mail, of all these facts: all or none.

    Workers wait for each other at the first key that they have in common, and at no other one.
    The keys are written in their order: InnoDB makes whoever waits for a key lock the gap before
    it, so a holder that went back to write there would wait for those who wait for it.
    """
    try:
        in_transaction(partial(_claim_all, sorted(keys), now))
    except IntegrityError:
        return False
    return True


def confirm_together(keys: Collection[str], *, now: datetime) -> None:
    """The mail has left."""
    Notice.objects.filter(key__in=keys).update(sent_at=now)


def release_together(keys: Collection[str]) -> None:
    """The transport refused the mail: whoever comes next may try."""
    Notice.objects.filter(key__in=keys, sent_at=None).update(claimed_at=None)


def list_claimed(keys: Iterable[str]) -> set[str]:
    """Those of the notices that were sent, or that somebody may be sending."""
    claimed = Notice.objects.filter(key__in=list(keys), claimed_at__isnull=False)
    return set(claimed.values_list("key", flat=True))


def _claim_all(keys: Sequence[str], now: datetime) -> None:
    """Raises IntegrityError when one of them is claimed: its row would be there twice."""
    unclaimed = Notice.objects.filter(key__in=keys, claimed_at=None)
    free = set(unclaimed.values_list("key", flat=True))
    Notice.objects.bulk_create(Notice(key=key, claimed_at=now) for key in keys if key not in free)
    if free and unclaimed.filter(key__in=free).update(claimed_at=now) != len(free):
        raise IntegrityError("somebody else was quicker")
