"""Claiming a notice, and saying what became of it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import IntegrityError, transaction

from token_payments.notices.models import Notice


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
