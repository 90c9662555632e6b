"""Claiming a notice, saying what became of it, and forgetting those that nothing asks for again.

The claim says until when the same notice could be wanted. Those about an order or a payment
are kept as long as these: a request that is retried after years may ask for their mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction

from token_payments.db.transactions import in_transaction
from token_payments.outbox.leases import Lease
from token_payments.outbox.models import Notice

#: What nothing asks for any more is kept so much longer: clocks differ, time zones change.
MARGIN = timedelta(days=30)
PURGED_AT_ONCE = 1000
#: For ever: a mail whose sender died may have left or not.
LEASE = Lease("claimed_at")


def digest_address(address: str) -> str:
    """An address in a notice's key, which is too short for the longest ones."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:16]


def claim_notice(key: str, *, now: datetime, wanted_until: datetime | None = None) -> bool:
    """Whether the caller is the one who sends this notice now.

    After ``wanted_until`` nothing claims it again: MARGIN later it may be forgotten.
    """
    forget_after = wanted_until and wanted_until + MARGIN
    try:
        with transaction.atomic():
            Notice.objects.create(key=key, forget_after=forget_after, **LEASE.marks(now))
    except IntegrityError:
        rows = Notice.objects.filter(key=key)
        return bool(LEASE.take(rows, now=now, forget_after=forget_after))
    return True


def confirm_notice(key: str, *, now: datetime) -> None:
    """The mail has left."""
    Notice.objects.filter(key=key).update(sent_at=now)


def release_notice(key: str) -> None:
    """The transport refused the mail: the next run may try."""
    release_together([key])


def claim_together(
    keys: Sequence[str], *, now: datetime, wanted_until: datetime | None = None
) -> bool:
    """Whether the caller is the one who tells, in one mail, of all these facts: all or none.

    After ``wanted_until`` nothing claims any of them again: MARGIN later they may be forgotten.
    Workers wait for each other at the first key that they have in common, and at no other one.
    The keys are written in their order: InnoDB makes whoever waits for a key lock the gap before
    it, so a holder that went back to write there would wait for those who wait for it.
    """
    forget_after = wanted_until and wanted_until + MARGIN
    try:
        in_transaction(partial(_claim_all, sorted(keys), now, forget_after))
    except IntegrityError:
        return False
    return True


def confirm_together(keys: Collection[str], *, now: datetime) -> None:
    """The mail has left."""
    Notice.objects.filter(key__in=keys).update(sent_at=now)


def release_together(keys: Collection[str]) -> None:
    """The transport refused the mail: the next run may try."""
    LEASE.release(Notice.objects.filter(key__in=keys, sent_at=None))


def list_claimed(keys: Iterable[str]) -> set[str]:
    """Those of the notices that were sent, or that somebody may be sending."""
    claimed = Notice.objects.filter(key__in=list(keys), claimed_at__isnull=False)
    return set(claimed.values_list("key", flat=True))


def purge_notices(*, now: datetime) -> int:
    """Forget the notices that nothing asks for any more; returns how many that were.

    In short transactions; any number of workers may do this at once.
    """
    old = Notice.objects.filter(forget_after__lt=now).order_by("forget_after")
    purged = 0
    while ids := sorted(old.values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        purged += in_transaction(Notice.objects.filter(pk__in=ids).delete)[0]
    return purged


def _claim_all(keys: Sequence[str], now: datetime, forget_after: datetime | None) -> None:
    """Raises IntegrityError when one of them is claimed: its row would be there twice."""
    rows = Notice.objects.filter(key__in=keys)
    free = set(rows.filter(LEASE.is_free(now)).values_list("key", flat=True))
    claim = {**LEASE.marks(now), "forget_after": forget_after}
    Notice.objects.bulk_create(Notice(key=key, **claim) for key in keys if key not in free)
    taken = rows.filter(key__in=free)
    if free and LEASE.take(taken, now=now, forget_after=forget_after) != len(free):
        raise IntegrityError("somebody else was quicker")
