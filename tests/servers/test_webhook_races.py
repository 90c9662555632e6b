"""Workers that send webhooks at once, with real connections: nothing is sent by two, or lost."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from tests.servers.beside import run_beside
from tests.webhooks.base import LOCAL, add_endpoint, deliver, raise_tokens
from tests.webhooks.receiver import Received, Receiver, receiving
from token_payments import tasks
from token_payments.models import TokenIssue, WebhookDelivery, WebhookEvent
from token_payments.webhooks import operations as webhook_operations

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

WORKERS = 6
EVENTS = 40


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    with (
        receiving() as found,
        patch.object(tasks.webhooks.deliver_webhooks, "delay"),  # the racers are the workers
    ):
        yield found


def test_of_many_workers_one_sends_each_delivery(receiver: Receiver) -> None:
    account = factories.make_account()
    endpoints = [add_endpoint(f"{receiver.url}&n={n}", account) for n in range(3)]
    for _ in range(EVENTS):
        raise_tokens(account, 1)
    outcome = race([deliver] * WORKERS)
    while deliver().delivered:
        pass
    assert not outcome.errors
    got = Counter((one.path, one.headers["webhook-id"]) for one in receiver.got)
    assert len(got) == EVENTS * len(endpoints)
    assert set(got.values()) == {1}
    assert set(WebhookDelivery.objects.values_list("state", "attempts")) == {("delivered", 1)}


def test_events_that_are_written_meanwhile_are_all_sent_once(receiver: Receiver) -> None:
    account = factories.make_account()
    add_endpoint(receiver.url, account)
    raise_tokens(account, 1)

    def write() -> None:
        for _ in range(EVENTS // 4):
            raise_tokens(account, 1)

    def send() -> None:
        for _ in range(5):
            deliver()

    outcome = race([write] * 4 + [send] * 3)
    while deliver().delivered:
        pass
    assert not outcome.errors
    got = Counter(one.headers["webhook-id"] for one in receiver.got)
    assert len(got) == TokenIssue.objects.count() == WebhookEvent.objects.count()
    assert set(got.values()) == {1}


def test_an_endpoint_that_is_removed_while_it_is_sent_to(receiver: Receiver) -> None:
    account = factories.make_account()
    kept = add_endpoint(receiver.url, account)
    gone = [add_endpoint(f"{receiver.url}&n={n}", account) for n in range(3)]
    for _ in range(EVENTS // 2):
        raise_tokens(account, 1)
    removers = [partial(webhook_operations.remove_endpoint, one.pk, actor=None) for one in gone]
    outcome = race([deliver] * 3 + removers)
    while deliver().delivered:
        pass
    assert not outcome.errors
    assert set(WebhookDelivery.objects.values_list("endpoint", "state")) == {(kept.pk, "delivered")}
    assert WebhookDelivery.objects.count() == EVENTS // 2


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(receiver: Receiver) -> None:
    """The receiver has it, nobody knows: it is sent again under the same id, and not before."""
    account = factories.make_account()
    add_endpoint(receiver.url, account)
    raise_tokens(account, 1)
    arrived, go_on = threading.Event(), threading.Event()

    def hold(_got: Received) -> tuple[int, bytes]:
        arrived.set()
        go_on.wait(timeout=30)
        return 204, b""

    receiver.answer = hold
    with run_beside("hooker") as (process, line):
        assert line == "there"
        assert arrived.wait(timeout=30)
        assert deliver().delivered == 0
        process.kill()
        process.wait(timeout=20)
    go_on.set()
    receiver.accept()
    time.sleep(0.2)
    now = timezone.now()
    assert deliver(now).delivered == 0
    assert deliver(now + timedelta(minutes=7)).delivered == 1
    assert len(receiver.got) == 2
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
