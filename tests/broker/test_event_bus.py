"""The plugin's events on a real event bus: edx-event-bus-redis, on a real Redis."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.db import transaction
from openedx_events.apps import general_signal_handler

from tests import factories
from token_payments import events

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]

REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
COURSE = "course-v1:Bus+B1+2026"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SENT = (events.TOKEN_CODE_REDEEMED, events.TOKEN_ORDER_REQUESTED, events.TOKEN_ORDER_PROCESSED)
TIMEOUT = 60  # seconds


@pytest.fixture
def topic(settings: Any) -> Iterator[str]:
    """An LMS that produces SENT under a topic, as its operator would set it up."""
    topic = f"token-payments-{uuid4().hex}"
    settings.EVENT_BUS_REDIS_CONNECTION_URL = REDIS_URL
    settings.EVENT_BUS_TOPIC_PREFIX = "test"
    settings.EVENT_BUS_PRODUCER = "edx_event_bus_redis.create_producer"
    settings.EVENT_BUS_CONSUMER = "edx_event_bus_redis.RedisEventConsumer"
    settings.EVENT_BUS_PRODUCER_CONFIG = {
        signal.event_type: {topic: {"event_key_field": "code.order_id", "enabled": True}}
        for signal in SENT
    }
    for signal in SENT:
        signal.connect(general_signal_handler)
    yield topic
    for signal in SENT:
        signal.disconnect(general_signal_handler)
    from redis import Redis

    with Redis.from_url(REDIS_URL) as redis:
        redis.delete(f"test-{topic}")


def consume(topic: str, wanted: int) -> list[tuple[str, Any]]:
    """What a consumer of the bus makes of the topic, from its beginning."""
    from edx_event_bus_redis import RedisEventConsumer

    consumer = RedisEventConsumer(topic, "reports", "one", check_backlog=True)
    heard: list[tuple[str, Any]] = []

    def hear(signal: Any, from_event_bus: bool, **kwargs: Any) -> None:
        (key,) = signal.init_data
        assert from_event_bus
        heard.append((signal.event_type, kwargs[key]))
        if len(heard) == wanted:
            consumer._shut_down()

    for signal in SENT:
        signal.connect(hear)
    watchdog = threading.Timer(TIMEOUT, consumer._shut_down)
    watchdog.start()
    with mock.patch("edx_event_bus_redis.internal.consumer.CONSUMER_POLL_TIMEOUT", 1):
        consumer.consume_indefinitely()
    watchdog.cancel()
    for signal in SENT:
        signal.disconnect(hear)
    return heard


def test_what_is_produced_is_consumed_as_it_was(topic: str) -> None:
    item = factories.make_shop(COURSE, modes={"verified": 149})
    buyer, learner = (factories.make_user(name) for name in ("buyer", "learner"))
    order = factories.make_processed_order(item, buyer=buyer, quantity=2)
    codes = factories.list_codes(order)
    with transaction.atomic():
        factories.redeem(learner, item, codes[0])
        transaction.set_rollback(True)  # what never was never reaches the bus
    redemption = factories.redeem(learner, item, codes[1])

    heard = consume(topic, 3)

    kinds = [event_type.removeprefix("org.openedx.token_payments.") for event_type, _ in heard]
    assert kinds == ["order.requested.v1", "order.processed.v1", "code.redeemed.v1"]
    assert [data.number for _, data in heard[:2]] == [order.number] * 2
    assert heard[2][1] == events.TokenCodeData(
        order_id=order.pk,
        serial=2,
        item_key=COURSE,
        learner_id=learner.pk,
        redemption_uuid=str(redemption.uuid),
        actor_id=learner.pk,
        time=redemption.created_at,
    )


def test_a_bus_that_is_down_stops_nobody(topic: str, settings: Any) -> None:
    settings.EVENT_BUS_REDIS_CONNECTION_URL = "redis://127.0.0.1:1/0"
    item = factories.make_shop(COURSE, modes={"verified": 149})
    learner = factories.make_user("learner")
    order = factories.make_processed_order(item, buyer=learner, quantity=1)
    redemption = factories.redeem(learner, item, factories.list_codes(order)[0])
    assert redemption.state == "completed"
