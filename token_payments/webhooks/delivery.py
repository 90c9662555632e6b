"""Sending what waits: who may is settled in the database, and what came of it is kept there."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from token_payments import conf
from token_payments.db.transactions import in_transaction
from token_payments.errors import ConfigurationError, EndpointRefused
from token_payments.outbox.leases import Lease
from token_payments.outbox.steps import Step, announce
from token_payments.webhooks.addresses import read_url
from token_payments.webhooks.models import (
    DeliveryProblem,
    DeliveryState,
    OffReason,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from token_payments.webhooks.recording import TEST_TYPE, forget_audience
from token_payments.webhooks.sending import ReceiverAnswer, post
from token_payments.webhooks.signing import sign

RUN_FOR = timedelta(seconds=60)  # then who is left is the next run's
TURN = timedelta(seconds=10)  # of one endpoint, and no attempt more
#: Longer than an attempt can take, looking the name up included: after it the worker is dead.
CLAIMED_FOR = timedelta(minutes=5)
ENDPOINT = Lease("busy_until", RUN_FOR + CLAIMED_FOR, holds_end=True)
DELIVERY = Lease("claimed_until", CLAIMED_FOR, holds_end=True)
HANDED_OUT_AT_ONCE = 500
PER_ENDPOINT = 100  # in one turn
IN_A_ROW = 3  # failures after which a run leaves an endpoint alone
FIRST_PAUSE = timedelta(seconds=30)
FACTOR = 4
LONGEST_PAUSE = timedelta(hours=16)
MAX_ATTEMPTS = 11  # over about three days
JITTER = 0.2
GONE = 410
PURGED_AT_ONCE = 1000

log = logging.getLogger(__name__)


@dataclass
class WebhookRun:
    """The result of a run; ``left`` says whether there is more that is due now."""

    delivered: int = 0
    failed: int = 0
    left: bool = False


@dataclass(frozen=True)
class SwitchedOff:
    """An endpoint that failed for too long, and when it was switched off."""

    endpoint_id: int
    now: datetime


def deliver_due(*, clock: Callable[[], datetime], skips_failing: bool = False) -> WebhookRun:
    """Send what is due, for RUN_FOR or a bit longer. Any number of workers may do this.

    Each endpoint is one worker's at a time, so that a slow one doesn't keep all of them. They have
    turns of TURN, the one that has waited longest first; those that fail come last, or not at all.
    """
    begun = clock()
    run = WebhookRun(left=hand_out(now=begun) == HANDED_OUT_AT_ONCE)
    waiting = _list_endpoints_with_due(begun, skips_failing)
    while waiting:
        endpoint_id = waiting.pop(0)
        if clock() >= begun + RUN_FOR:
            run.left = True
            break
        until = _claim_endpoint(endpoint_id, clock())
        if until is not None:
            try:
                ends = min(clock() + TURN, begun + RUN_FOR)
                if run_endpoint(endpoint_id, run, clock=clock, ends=ends):
                    waiting.append(endpoint_id)
            except (InterfaceError, OperationalError):
                raise
            except Exception:  # the other endpoints are to be told, whatever this is
                log.exception("webhook endpoint %s: its deliveries broke off", endpoint_id)
            finally:
                _release_endpoint(endpoint_id, until)
    return run


def hand_out(*, now: datetime) -> int:
    """Make the deliveries of events that have none yet; returns of how many events."""
    return in_transaction(lambda: _hand_out(now))


def run_endpoint(
    endpoint_id: int,
    run: WebhookRun,
    *,
    clock: Callable[[], datetime],
    ends: datetime,
) -> bool:
    """Send up to PER_ENDPOINT of an endpoint's, the oldest first, unless it fails in a row.

    Whether the time was over before they were.
    """
    in_a_row = 0
    due = _list_due(clock()).filter(endpoint=endpoint_id).order_by("id")
    waiting = list(due.values_list("pk", "attempts")[: PER_ENDPOINT + 1])
    for pk, attempts in waiting[:PER_ENDPOINT]:
        if clock() >= ends:
            return True
        delivery = _claim(pk, attempts, clock())
        if delivery is None:
            continue
        answer = _try(delivery, clock())
        _record(delivery, answer, now=clock())
        run.delivered += not answer.problem
        run.failed += bool(answer.problem)
        in_a_row = in_a_row + 1 if answer.problem else 0
        if in_a_row == IN_A_ROW:
            return False
    run.left |= len(waiting) > PER_ENDPOINT
    return False


def purge_log(*, now: datetime) -> int:
    """Forget events, with their deliveries, that are older than WEBHOOK_LOG_DAYS."""
    old = WebhookEvent.objects.filter(created_at__lt=now - timedelta(days=conf.webhook_log_days()))
    purged = 0
    while keys := list(old.order_by("created_at").values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        WebhookDelivery.objects.filter(event__in=keys).delete()
        purged += WebhookEvent.objects.filter(pk__in=keys).delete()[0]
    return purged


def compute_pause(attempts: int, *, chance: float) -> timedelta:
    """How long to wait after so many attempts; ``chance`` from 0 to 1 spreads it."""
    pause = min(FIRST_PAUSE * int(FACTOR ** (attempts - 1)), LONGEST_PAUSE)
    return pause * (1 + JITTER * (2 * chance - 1))


def _hand_out(now: datetime) -> int:
    skip_locked = connection.features.has_select_for_update_skip_locked
    rows = WebhookEvent.objects.filter(handed_out_at=None).order_by("id")
    rows = rows.select_for_update(skip_locked=skip_locked)
    found = list(rows[:HANDED_OUT_AT_ONCE])
    if not found:
        return 0
    # locked, so that none is removed before its deliveries are there to be removed with it
    active = WebhookEndpoint.objects.filter(is_active=True).order_by("pk")
    endpoints = list(active.select_for_update())
    deliveries = [
        WebhookDelivery(endpoint=endpoint, event=event, next_at=now)
        for event in found
        for endpoint in endpoints
        if _is_for(event, endpoint)
    ]
    WebhookDelivery.objects.bulk_create(deliveries, batch_size=500)
    WebhookEvent.objects.filter(pk__in=[event.pk for event in found]).update(handed_out_at=now)
    return len(found)


def _is_for(event: WebhookEvent, endpoint: WebhookEndpoint) -> bool:
    is_theirs = endpoint.account_id is None or endpoint.account_id == event.account_id
    return is_theirs and (not endpoint.event_types or event.type in endpoint.event_types)


def _list_due(now: datetime) -> QuerySet[WebhookDelivery]:
    wanted = Q(endpoint__is_active=True) | Q(event__type=TEST_TYPE)
    return WebhookDelivery.objects.filter(wanted, state=DeliveryState.WAITING, next_at__lte=now)


def _list_endpoints_with_due(now: datetime, skips_failing: bool) -> list[int]:
    """By how long each has waited for its turn, those that fail behind the others.

    Each is asked by itself whether something is due: the log is long, and they are few.
    """
    due = _list_due(now).filter(endpoint=OuterRef("pk")).order_by()
    endpoints = WebhookEndpoint.objects.filter(Exists(due))
    if skips_failing:
        endpoints = endpoints.filter(failing_since=None)
    rows = list(endpoints.order_by("pk").values_list("failing_since", "served_at", "pk"))
    rows.sort(key=lambda row: (row[0] is not None, row[1] is not None, row[1] or now))
    return [pk for _failing, _served, pk in rows]


def _claim_endpoint(endpoint_id: int, now: datetime) -> datetime | None:
    """Until when it is the caller's; None while somebody else is at it."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint_id)
    until = now + RUN_FOR + CLAIMED_FOR
    return until if ENDPOINT.take(rows, now=now, served_at=now) else None


def _release_endpoint(endpoint_id: int, until: datetime) -> None:
    ENDPOINT.release(WebhookEndpoint.objects.filter(pk=endpoint_id, busy_until=until))


def _claim(pk: int, attempts: int, now: datetime) -> WebhookDelivery | None:
    """The delivery, if it is the caller's to send now: counted before, as the worker may die."""
    mine = WebhookDelivery.objects.filter(
        pk=pk, state=DeliveryState.WAITING, attempts=attempts, next_at__lte=now
    )
    until = now + CLAIMED_FOR
    if not DELIVERY.take(mine, now=now, attempts=attempts + 1, next_at=until, last_at=now):
        return None
    return WebhookDelivery.objects.select_related("endpoint", "event").filter(pk=pk).first()


def _try(delivery: WebhookDelivery, now: datetime) -> ReceiverAnswer:
    endpoint, event = delivery.endpoint, delivery.event
    try:
        target = read_url(endpoint.url)
        headers = sign(endpoint, f"evt_{event.uuid.hex}", event.body, now=now)
    except EndpointRefused:  # the settings are stricter than when it was entered
        return ReceiverAnswer(problem=DeliveryProblem.ADDRESS)
    except ConfigurationError as error:
        log.error("webhook endpoint %s: %s", endpoint.pk, error)
        return ReceiverAnswer(problem=DeliveryProblem.KEY)
    return post(target, event.body.encode(), headers)


def _record(delivery: WebhookDelivery, answer: ReceiverAnswer, *, now: datetime) -> None:
    """Record the outcome; nothing if the claim was lost meanwhile."""
    is_test = delivery.event.type == TEST_TYPE
    state, next_at = DeliveryState.DELIVERED, None
    if answer.problem:
        is_over = is_test or delivery.attempts >= MAX_ATTEMPTS
        state = DeliveryState.FAILED if is_over else DeliveryState.WAITING
        pause = compute_pause(delivery.attempts, chance=random.random())  # noqa: S311 (no secret)
        next_at = None if is_over else now + pause
    mine = WebhookDelivery.objects.filter(
        pk=delivery.pk, attempts=delivery.attempts, claimed_until=delivery.claimed_until
    )
    mine.update(
        state=state,
        next_at=next_at,
        claimed_until=None,
        status=answer.status,
        problem=answer.problem,
        response=answer.excerpt,
    )
    if answer.problem:
        facts = (delivery.pk, delivery.endpoint_id, answer.problem, answer.status)
        log.info("webhook delivery %s to endpoint %s: %s %s", *facts)
    if not is_test:
        _judge_endpoint(delivery.endpoint_id, answer, now=now)


def _judge_endpoint(endpoint_id: int, answer: ReceiverAnswer, *, now: datetime) -> None:
    """Note since when it fails, and switch it off when that is for too long."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint_id, is_active=True)
    if not answer.problem:
        rows.filter(failing_since__isnull=False).update(failing_since=None)
        return
    rows.filter(failing_since=None).update(failing_since=now)
    long_ago = now - timedelta(days=conf.webhook_failing_days())
    over, reason = rows.filter(failing_since__lte=long_ago), OffReason.FAILING
    if answer.status == GONE:
        over, reason = rows, OffReason.GONE
    with transaction.atomic():
        if over.update(is_active=False, off_reason=reason):
            log.warning("webhook endpoint %s is switched off: %s", endpoint_id, reason.value)
            forget_audience()
            announce(Step.ENDPOINT_SWITCHED_OFF, SwitchedOff(endpoint_id, now))
