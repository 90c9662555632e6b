"""Writing events down in the transaction that makes them, if an endpoint wants them.

What every payment asks, whether anybody does, is kept in the cache: an endpoint gets what happens
from FRESH_FOR after it was switched on, at the latest.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import attr
from django.core.cache import cache
from django.db import transaction

from token_payments.events import EventData
from token_payments.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

KEY = "token_payments.webhooks.audience"
FRESH_FOR = 60  # seconds
#: What an endpoint is sent when somebody tries it.
TEST_TYPE = "org.openedx.token_payments.webhook.test.v1"

log = logging.getLogger(__name__)


def list_audience() -> list[int | None]:
    """The accounts that have an endpoint which is switched on; None stands for the site."""
    found: list[int | None] | None = _with_cache(lambda: cache.get(KEY))
    if found is None:
        found = _read_audience()
        _with_cache(lambda: cache.set(KEY, found, FRESH_FOR))
    return found


def forget_audience() -> None:
    """Endpoints have changed: now for this transaction, and for all others once it is committed."""
    _with_cache(lambda: cache.delete(KEY))
    transaction.on_commit(lambda: _with_cache(lambda: cache.delete(KEY)))


def is_wanted() -> bool:
    return bool(list_audience())


def write_events(event_type: str, told: Sequence[EventData]) -> list[WebhookEvent]:
    """Write down what somebody is to be told, in the caller's transaction."""
    audience = list_audience()
    for_all, accounts = None in audience, set(audience) - {None}
    wanted = [data for data in told if for_all or data.account_id in accounts]
    return WebhookEvent.objects.bulk_create(
        [_make_event(event_type, data) for data in wanted], batch_size=500
    )


def write_test(endpoint: WebhookEndpoint, *, now: datetime) -> WebhookDelivery:
    """An event that is for this endpoint alone, whatever it is subscribed to."""
    event = WebhookEvent(type=TEST_TYPE, endpoint=endpoint, created_at=now, handed_out_at=now)
    event.account_id = endpoint.account_id
    event.body = write_body(TEST_TYPE, now, {"endpoint_id": endpoint.pk})
    event.save(force_insert=True)
    return WebhookDelivery.objects.create(endpoint=endpoint, event=event, next_at=now)


def write_body(event_type: str, time: datetime, data: dict[str, Any]) -> str:
    """The body to send, as Standard Webhooks would have it: type, timestamp and data."""
    body = {"type": event_type, "timestamp": _write_time(time), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _make_event(event_type: str, data: EventData) -> WebhookEvent:
    values = {
        name: _write_time(value) if isinstance(value, datetime) else value
        for name, value in attr.asdict(data).items()
    }
    return WebhookEvent(
        type=event_type,
        account_id=data.account_id,
        body=write_body(event_type, data.time, values),
        created_at=data.time,
    )


def _write_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _with_cache(call: Callable[[], Any]) -> Any:
    """Payments go on while the cache is down, whatever its client raises then."""
    try:
        return call()
    except Exception:
        log.exception("the cache can't be used")
        return None


def _read_audience() -> list[int | None]:
    active = WebhookEndpoint.objects.filter(is_active=True).order_by()
    found: Iterable[int | None] = active.values_list("account_id", flat=True).distinct()
    return list(found)
