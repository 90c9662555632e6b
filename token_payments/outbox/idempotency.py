"""Claiming a key, keeping the answer, and forgetting it after KEPT."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from token_payments.errors import ClaimLost, KeyReused, RequestRunning
from token_payments.hosts.base import User
from token_payments.outbox.leases import Lease
from token_payments.outbox.models import StoredAnswer

KEPT = timedelta(days=30)
#: After so long a request that has not answered is taken for dead, and its retry runs instead.
GIVEN_UP_AFTER = timedelta(minutes=2)
DERIVED_LENGTH = 32  # characters, 128 bits: operations' keys have room for more around it
PURGED_AT_ONCE = 1000
LEASE = Lease("claimed_at", GIVEN_UP_AFTER, holder="claim")


@dataclass(frozen=True)
class Answer:
    """The answer to a request: ``body`` is JSON, "" for none."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """A key that is the caller's to run; with an ``answer`` it has been run before."""

    user_id: int
    key: str
    token: uuid.UUID
    answer: Answer | None = None

    @property
    def derived_key(self) -> str:
        """The key for the operations beneath: of this user and this key, DERIVED_LENGTH long."""
        text = f"{self.user_id}:{self.key}"
        return hashlib.sha256(text.encode()).hexdigest()[:DERIVED_LENGTH]


def claim_key(user: User, key: str, *, fingerprint: str, now: datetime) -> Claim:
    """Begin a request under the user's key, or find what it was answered before.

    Raises KeyReused when the key stands for another request, RequestRunning while it runs.
    """
    digest = hashlib.sha256(key.encode()).hexdigest()
    token = uuid.uuid4()
    # No error for the second of two that come at once: it finds the first one's row.
    StoredAnswer.objects.bulk_create(
        [
            StoredAnswer(
                user_id=user.pk,
                key=digest,
                fingerprint=fingerprint,
                **LEASE.marks(now, holder=token),
            )
        ],
        ignore_conflicts=True,
    )
    stored = StoredAnswer.objects.filter(user=user.pk, key=digest).first()
    if stored is None:  # it was released meanwhile
        raise RequestRunning
    if stored.fingerprint != fingerprint:
        raise KeyReused
    if stored.claim == token:
        return Claim(user.pk, digest, token)
    if stored.status is not None:
        answer = Answer(stored.status, stored.body, stored.headers)
        return Claim(user.pk, digest, stored.claim, answer)
    return _take_over(stored, token, now=now)


def store_answer(claim: Claim, answer: Answer) -> None:
    """Keep what the claimed request was answered.

    Raises ClaimLost when it was taken for dead and another one runs it: call it in the transaction
    of the work, where that can be undone.
    """
    updated = _find(claim).update(
        status=answer.status, body=answer.body, headers=dict(answer.headers)
    )
    if not updated:
        raise ClaimLost


def release_key(claim: Claim) -> None:
    """Forget a claim whose request did nothing: the key may be used again, for whatever."""
    _find(claim).delete()


def purge_answers(*, now: datetime) -> int:
    """Forget what is older than KEPT; returns how many answers that were."""
    old = StoredAnswer.objects.filter(claimed_at__lt=now - KEPT).order_by("claimed_at")
    purged = 0
    while keys := list(old.values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        purged += StoredAnswer.objects.filter(pk__in=keys).delete()[0]
    return purged


def _take_over(stored: StoredAnswer, token: uuid.UUID, *, now: datetime) -> Claim:
    """Run what somebody else began and never answered. Raises RequestRunning."""
    unanswered = StoredAnswer.objects.filter(pk=stored.pk, claim=stored.claim, status=None)
    if not LEASE.take(unanswered, now=now, holder=token):
        raise RequestRunning
    return Claim(stored.user_id, stored.key, token)


def _find(claim: Claim) -> QuerySet[StoredAnswer]:
    return StoredAnswer.objects.filter(
        user=claim.user_id, key=claim.key, claim=claim.token, status=None
    )
