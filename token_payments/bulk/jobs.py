"""Beginning a job, cancelling it, trying its failed rows again, and forgetting old ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from token_payments import errors
from token_payments.assignments.access import may_distribute
from token_payments.assignments.giving import Recipient, check_givable
from token_payments.bulk.models import (
    MAX_ENTERED,
    MAX_ROWS,
    BulkJob,
    BulkRow,
    JobKind,
    JobState,
    RowState,
)
from token_payments.bulk.states import JOB_TRANSITIONS, advance_jobs, advance_rows
from token_payments.catalogue.models import WALLET_METHOD
from token_payments.catalogue.queries import Offer, get_offer
from token_payments.checkout.payment_methods.wallet import may_pay_for_others
from token_payments.checkout.rules import get_offered_method
from token_payments.db.transactions import in_transaction
from token_payments.hosts.base import User
from token_payments.orders.models import TokenOrder
from token_payments.outbox.earlier import find_earlier, make_once
from token_payments.outbox.steps import Step, announce
from token_payments.wallets.models import Wallet

KEPT = timedelta(days=90)  # after a job has ended
PURGED_AT_ONCE = 1000
DUPLICATE = "duplicate"

Named = Sequence[tuple[str, str]]


def start_redeeming(
    *,
    actor: User,
    wallet: Wallet,
    item_key: str,
    tokens: int,
    names: Sequence[str],
    idempotency_key: str,
    now: datetime,
) -> BulkJob:
    """Write a job down that pays for each of these members; ``tokens`` is the price agreed to.

    A name is a user name or an e-mail address. Nothing is paid before a worker runs it. The same
    key answers with the job that it made. Raises what keeps everybody from being paid for:
    NotAManager, AccountFrozen, TooManyPeople, TokenPriceChanged, NotOffered and ItemNotFound; and
    IdempotencyConflict. ValueError if no person is named.
    """
    named = [(name.strip(), "") for name in names]
    fingerprint = _take_print(JobKind.REDEEM.value, wallet.pk, item_key, tokens, named)
    earlier = find_earlier(BulkJob, idempotency_key, fingerprint=fingerprint)
    if earlier is not None:
        return earlier
    _check_number(named)
    if not may_pay_for_others(wallet, actor):
        raise errors.NotAManager(str(wallet.pk))
    offer = check_payable(wallet, item_key, tokens)
    facts = {"kind": JobKind.REDEEM, "wallet": wallet, "item": offer.item, "tokens": tokens}
    facts |= {"actor": actor, "idempotency_key": idempotency_key, "fingerprint": fingerprint}
    return _save_job(named, facts, now=now)


def start_assigning(
    *,
    actor: User,
    order_id: int,
    recipients: Sequence[Recipient],
    is_open: bool = False,
    idempotency_key: str,
    now: datetime,
) -> BulkJob:
    """Write a job down that gives each of these people a code of the order.

    Unlike ``assign_list`` it refuses single rows, not the list. The same key answers with the job
    that it made. Raises NotADistributor, InvalidTransition like ``assign_codes``, TooManyPeople and
    IdempotencyConflict. ValueError if no person is named.
    """
    named = [(each.email.strip(), each.name) for each in recipients]
    fingerprint = _take_print(JobKind.ASSIGN.value, order_id, is_open, named)
    earlier = find_earlier(BulkJob, idempotency_key, fingerprint=fingerprint)
    if earlier is not None:
        return earlier
    _check_number(named)
    order = TokenOrder.objects.get(pk=order_id)
    if not may_distribute(actor, order):
        raise errors.NotADistributor(order.number)
    check_givable(order, now)
    facts = {"kind": JobKind.ASSIGN, "order": order, "is_open": is_open}
    facts |= {"actor": actor, "idempotency_key": idempotency_key, "fingerprint": fingerprint}
    return _save_job(named, facts, now=now)


def check_payable(wallet: Wallet, item_key: str, tokens: int) -> Offer:
    """The offer, if the wallet may pay ``tokens`` for it.

    Raises AccountFrozen, TokenPriceChanged, NotOffered, ItemNotFound.
    """
    if wallet.account.is_frozen:
        raise errors.AccountFrozen(str(wallet.account))
    offer = get_offer(item_key)
    get_offered_method(offer, WALLET_METHOD)
    price = offer.token_prices.get(wallet.token_type_id)
    if price is None or price != tokens:
        raise errors.TokenPriceChanged(agreed=tokens, now=price)
    return offer


def cancel_job(job_id: int, *, actor: User, now: datetime) -> BulkJob:
    """Try no further row; what is done stays. Doing it again changes nothing.

    A row that is under way is done, or isn't. Raises InvalidTransition for a job that is done.
    """
    return in_transaction(partial(_cancel, job_id, actor, now))


def retry_failed(job_id: int, *, now: datetime) -> BulkJob:
    """Let the failed rows of a job that is done wait again, and have it run.

    Without one the job stays as it is. Raises InvalidTransition for a job that isn't done.
    """
    return in_transaction(partial(_retry, job_id, now))


def purge_jobs(*, now: datetime) -> int:
    """Forget jobs that ended more than KEPT ago, with their rows; returns how many jobs."""
    old = BulkJob.objects.filter(ended_at__lt=now - KEPT).order_by("pk")
    purged = 0
    for job_id in list(old.values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        rows = BulkRow.objects.filter(job=job_id).order_by("pk")
        while ids := list(rows.values_list("pk", flat=True)[:PURGED_AT_ONCE]):
            BulkRow.objects.filter(pk__in=ids).delete()
        purged += bool(BulkJob.objects.filter(pk=job_id).delete()[0])
    return purged


def lock_job(job_id: int) -> BulkJob:
    """The job as it is, locked until the transaction ends."""
    return BulkJob.objects.select_for_update().get(pk=job_id)


def _cancel(job_id: int, actor: User, now: datetime) -> BulkJob:
    job = lock_job(job_id)
    if job.state == JobState.CANCELLED:
        return job
    changes = {"ended_at": now, "cancelled_by": actor}
    if not advance_jobs(BulkJob.objects.filter(pk=job_id), "cancel", **changes):
        raise errors.InvalidTransition(f"Job {job_id}", job.state, "cancel")
    advance_rows(BulkRow.objects.filter(job=job_id), "cancel")
    return BulkJob.objects.get(pk=job_id)


def _retry(job_id: int, now: datetime) -> BulkJob:
    job = lock_job(job_id)
    if job.state not in JOB_TRANSITIONS["retry"]:
        raise errors.InvalidTransition(f"Job {job_id}", job.state, "retry")
    failed = BulkRow.objects.filter(job=job_id)
    if not advance_rows(failed, "retry", reason="", tried_at=None):
        return job
    begun = {"run": job.run + 1, "ended_at": None, "queued_at": now, "claimed_until": now}
    advance_jobs(BulkJob.objects.filter(pk=job_id), "retry", **begun)
    job = BulkJob.objects.get(pk=job_id)
    announce(Step.JOB_BEGUN, job)
    return job


def _check_number(named: Named) -> None:
    if not named:
        raise ValueError("nobody")
    if len(named) > MAX_ROWS:
        raise errors.TooManyPeople(limit=MAX_ROWS)


def _take_print(*wanted: Any) -> str:
    return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()


def _save_job(named: Named, facts: dict[str, Any], *, now: datetime) -> BulkJob:
    """The job with its rows; a person who is named twice gets one row."""

    def save() -> BulkJob:
        with transaction.atomic():
            job = BulkJob.objects.create(
                **facts,
                quantity=len(named),
                claimed_until=now,
                created_at=now,
                queued_at=now,
            )
            BulkRow.objects.bulk_create(_make_rows(job, named), batch_size=PURGED_AT_ONCE)
            announce(Step.JOB_BEGUN, job)
        return job

    key, fingerprint = facts["idempotency_key"], facts["fingerprint"]
    return make_once(save, partial(find_earlier, BulkJob, key, fingerprint=fingerprint))


def _make_rows(job: BulkJob, named: Named) -> Iterable[BulkRow]:
    seen: set[str] = set()
    for number, (entered, name) in enumerate(named, start=1):
        row = BulkRow(job=job, number=number, entered=entered[:MAX_ENTERED], name=name[:255])
        if entered.lower() in seen:
            row.state, row.reason = RowState.SKIPPED, DUPLICATE
        seen.add(entered.lower())
        yield row
