"""From what happens to the receiver, which verifies it with the library that receivers use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError
from django.utils import timezone
from freezegun import freeze_time
from standardwebhooks import Webhook, WebhookVerificationError

from tests import factories
from tests.webhooks.base import add_endpoint, deliver, get_delivery, raise_tokens, read
from tests.webhooks.receiver import Receiver
from token_payments.models import (
    Account,
    DeliveryState,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from token_payments.webhooks import operations as webhook_operations
from token_payments.webhooks import queries as webhook_queries
from token_payments.webhooks.delivery import FIRST_PAUSE, MAX_ATTEMPTS, compute_pause

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def account() -> Account:
    return factories.make_account()


def verify(endpoint: WebhookEndpoint, got: Any, secret: str = "") -> Any:
    return Webhook(secret or webhook_queries.derive_secret(endpoint)).verify(got.body, got.headers)


def test_an_event_arrives_and_verifies(receiver: Receiver, account: Account) -> None:
    endpoint = add_endpoint(receiver.url, account)
    raise_tokens(account, 7)
    run = deliver()
    assert (run.delivered, run.failed) == (1, 0)
    [got] = receiver.got
    assert verify(endpoint, got)["data"]["amount"] == 7
    assert got.headers["webhook-id"] == f"evt_{WebhookEvent.objects.get().uuid.hex}"
    delivery = get_delivery()
    assert (delivery.state, delivery.attempts, delivery.status) == ("delivered", 1, 204)
    assert delivery.next_at is None
    assert deliver().delivered == 0
    assert len(receiver.got) == 1


def test_what_was_changed_on_the_way_does_not_verify(receiver: Receiver, account: Account) -> None:
    endpoint = add_endpoint(receiver.url, account)
    raise_tokens(account, 7)
    deliver()
    [got] = receiver.got
    got.body = got.body.replace("7", "8")
    with pytest.raises(WebhookVerificationError):
        verify(endpoint, got)
    got.body = got.body.replace("8", "7")
    other = add_endpoint(receiver.url, account)
    with pytest.raises(WebhookVerificationError):
        verify(other, got)


def test_an_old_message_does_not_verify(receiver: Receiver, account: Account) -> None:
    endpoint = add_endpoint(receiver.url, account)
    raise_tokens(account)
    deliver()
    later = timezone.now() + timedelta(minutes=10)
    with freeze_time(later), pytest.raises(WebhookVerificationError):
        verify(endpoint, receiver.got[0])


def test_during_the_overlap_both_secrets_verify(receiver: Receiver, account: Account) -> None:
    endpoint = add_endpoint(receiver.url, account)
    secrets = [webhook_queries.derive_secret(endpoint)]
    now = timezone.now()
    for _ in range(2):
        endpoint = webhook_operations.rotate_secret(endpoint.pk, actor=None, now=now)
        secrets.append(webhook_queries.derive_secret(endpoint))
    assert len(set(secrets)) == 3
    raise_tokens(account)
    deliver(now)
    for secret in secrets[1:]:
        verify(endpoint, receiver.got[0], secret)
    with pytest.raises(WebhookVerificationError):
        verify(endpoint, receiver.got[0], secrets[0])

    raise_tokens(account)
    later = now + webhook_queries.OVERLAP
    with freeze_time(later):
        deliver(later)
        verify(endpoint, receiver.got[1], secrets[2])
        with pytest.raises(WebhookVerificationError):
            verify(endpoint, receiver.got[1], secrets[1])


def test_no_secret_is_in_the_database(receiver: Receiver, account: Account) -> None:
    from tests.privacy.world import iterate_values

    endpoint = add_endpoint(receiver.url, account)
    secret = webhook_queries.derive_secret(endpoint)
    receiver.refuse(500, f"got {secret}".encode())
    raise_tokens(account)
    deliver()
    found = [place for place, text in iterate_values() if secret[6:].casefold() in text]
    assert found == []
    assert get_delivery().response == "got …"


def test_each_endpoint_gets_what_it_wants(receiver: Receiver, account: Account) -> None:
    issued, low = (f"org.openedx.token_payments.{name}.v1" for name in ("tokens.issued", "x"))
    wanted = add_endpoint(receiver.url, account, event_types=[issued])
    site = add_endpoint(receiver.url)
    other_type = webhook_queries.list_event_types()[0]
    assert other_type not in (issued, low)
    add_endpoint(receiver.url, account, event_types=[other_type])
    add_endpoint(receiver.url, factories.make_account("Other"))
    raise_tokens(account)
    assert deliver().delivered == 2
    told = set(WebhookDelivery.objects.values_list("endpoint", flat=True))
    assert told == {wanted.pk, site.pk}
    ids = {got.headers["webhook-id"] for got in receiver.got}
    assert len(ids) == 1


def test_retries_go_on_for_three_days_under_one_id(receiver: Receiver, account: Account) -> None:
    """By the clock: each pause is longer, up to a limit, and after the last attempt it failed."""
    add_endpoint(receiver.url, account)
    receiver.refuse(503, b"later")
    begun = now = timezone.now()
    raise_tokens(account, now=now)
    pauses = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert deliver(now).failed == 1, attempt
        delivery = get_delivery()
        assert (delivery.attempts, delivery.status, delivery.problem) == (attempt, 503, "status")
        assert delivery.response == "later"
        if delivery.next_at is None:
            break
        pauses.append(delivery.next_at - now)
        assert deliver(delivery.next_at - timedelta(seconds=1)).failed == 0
        now = delivery.next_at
    assert delivery.state == DeliveryState.FAILED
    assert len(receiver.got) == MAX_ATTEMPTS
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == MAX_ATTEMPTS
    assert 2 * DAY < now - begun < 4 * DAY
    assert deliver(now + 30 * DAY).failed == 0


def test_pauses_grow_are_bounded_and_spread() -> None:
    middles = [compute_pause(attempts, chance=0.5) for attempts in range(1, MAX_ATTEMPTS)]
    assert middles[0] == FIRST_PAUSE
    assert middles == sorted(middles)
    assert middles[-1] == timedelta(hours=16)
    assert 2.5 * DAY < sum(middles, timedelta()) < 3.5 * DAY
    assert compute_pause(1, chance=0) == 0.8 * FIRST_PAUSE
    assert compute_pause(1, chance=1) == 1.2 * FIRST_PAUSE


def test_a_receiver_that_comes_back_gets_everything(receiver: Receiver, account: Account) -> None:
    endpoint = add_endpoint(receiver.url, account)
    receiver.refuse()
    now = timezone.now()
    for number in range(5):
        raise_tokens(account, number + 1, now=now)
    assert deliver(now).failed == 3  # then it is left alone
    assert _get(endpoint).failing_since == now
    receiver.accept()
    assert deliver(now).delivered == 2
    assert deliver(now + timedelta(hours=1)).delivered == 3
    assert _get(endpoint).failing_since is None
    amounts = [read(got.body)["data"]["amount"] for got in receiver.got]
    assert sorted(set(amounts)) == [1, 2, 3, 4, 5]


def test_after_days_of_failures_it_is_switched_off_once(
    receiver: Receiver, account: Account
) -> None:
    endpoint = add_endpoint(receiver.url, account)
    receiver.refuse()
    now, told = timezone.now(), list[int]()
    raise_tokens(account, now=now)
    deliver(now, told)
    for day in (2, 4):
        raise_tokens(account, now=now + day * DAY)
        deliver(now + day * DAY, told)
    assert _get(endpoint).is_active
    assert told == []
    for day in (6, 7):
        deliver(now + day * DAY, told)
    endpoint = _get(endpoint)
    assert (endpoint.is_active, endpoint.off_reason, told) == (False, "failing", [endpoint.pk])

    receiver.accept()
    assert deliver(now + 8 * DAY).delivered == 0
    raise_tokens(account, now=now + 8 * DAY)
    webhook_operations.change_endpoint(endpoint.pk, {"is_active": True}, actor=None)
    endpoint = _get(endpoint)
    assert (endpoint.off_reason, endpoint.failing_since) == ("", None)
    waiting = WebhookDelivery.objects.filter(state="waiting").count()
    assert waiting > 0
    assert deliver(now + 9 * DAY).delivered == waiting


def test_gone_switches_it_off_at_once(receiver: Receiver, account: Account) -> None:
    endpoint = add_endpoint(receiver.url, account)
    receiver.refuse(410)
    raise_tokens(account)
    told: list[int] = []
    deliver(None, told)
    endpoint = _get(endpoint)
    assert (endpoint.is_active, endpoint.off_reason, told) == (False, "gone", [endpoint.pk])


def test_a_test_event_is_sent_once_also_to_what_is_switched_off(receiver: Receiver) -> None:
    endpoint = add_endpoint(receiver.url, is_active=False)
    receiver.refuse()
    delivery = webhook_operations.send_test(endpoint.pk, now=timezone.now())
    assert deliver().failed == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("failed", 1)
    assert verify(endpoint, receiver.got[0])["type"] == webhook_queries.TEST_TYPE
    assert _get(endpoint).failing_since is None


def test_redelivering_one_and_all_that_failed(receiver: Receiver, account: Account) -> None:
    endpoint = add_endpoint(receiver.url, account)
    receiver.refuse()
    now = timezone.now()
    for age in (3, 1):
        raise_tokens(account, now=now - age * DAY)
    deliver(now)
    WebhookDelivery.objects.update(state="failed", next_at=None)
    receiver.accept()
    since = now - 2 * DAY
    assert webhook_operations.redeliver_failed(endpoint.pk, since=since, now=now) == 1
    assert deliver(now).delivered == 1
    oldest = WebhookDelivery.objects.get(state="failed")
    assert webhook_operations.redeliver(oldest.pk, now=now)
    assert deliver(now).delivered == 1
    done = WebhookDelivery.objects.first()
    assert done is not None
    assert webhook_operations.redeliver(done.pk, now=now)
    assert deliver(now).delivered == 1
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert len(ids) == 5
    assert len(set(ids)) == 2


def test_what_a_worker_is_at_is_not_sent_again(receiver: Receiver, account: Account) -> None:
    """A process was killed while it sent: its delivery is sent again once it is surely dead."""
    add_endpoint(receiver.url, account)
    raise_tokens(account)
    now = timezone.now()

    class Killed(BaseException):
        pass

    def die(_got: Any) -> Any:
        assert deliver(now).delivered == 0
        assert not webhook_operations.redeliver(get_delivery().pk, now=now)
        return 204, b""

    receiver.answer = die
    from unittest.mock import patch

    from token_payments.webhooks import delivery as module

    with patch.object(module, "_record", side_effect=Killed), pytest.raises(Killed):
        deliver(now)
    receiver.accept()
    assert len(receiver.got) == 1
    assert deliver(now + timedelta(minutes=4)).delivered == 0
    assert deliver(now + timedelta(minutes=7)).delivered == 1
    assert {got.headers["webhook-id"] for got in receiver.got} == {
        receiver.got[0].headers["webhook-id"]
    }


def test_an_endpoint_that_fails_is_left_to_the_schedule(
    receiver: Receiver, account: Account
) -> None:
    add_endpoint(receiver.url, account)
    receiver.refuse()
    raise_tokens(account)
    deliver()
    raise_tokens(account)

    def run(*, skips_failing: bool) -> int:
        found = webhook_operations.deliver_due(clock=timezone.now, skips_failing=skips_failing)
        return found.failed

    assert run(skips_failing=True) == 0
    assert run(skips_failing=False) == 1


def test_a_slow_receiver_does_not_keep_the_others(receiver: Receiver, account: Account) -> None:
    """A run ends after a minute; what is left is the next one's."""
    now = [timezone.now()]

    def take_long(_got: Any) -> Any:
        now[0] += timedelta(seconds=14)
        return 204, b""

    receiver.answer = take_long
    add_endpoint(receiver.url, account)
    for _ in range(9):
        raise_tokens(account, now=now[0])
    run = webhook_operations.deliver_due(clock=lambda: now[0])
    assert (run.delivered, run.left) == (5, True)


def test_others_dont_wait_for_a_slow_receiver_with_much_to_do(
    receiver: Receiver, account: Account
) -> None:
    """It has its turn, as they have; without turns the event came after an hour and 48 minutes."""
    now = [timezone.now()]
    slow = add_endpoint(f"{receiver.url}slow", account)
    for _ in range(500):
        webhook_operations.send_test(slow.pk, now=now[0])
    other = factories.make_account("Other")
    add_endpoint(f"{receiver.url}other", other)
    raise_tokens(other, now=now[0])
    begun = now[0]

    def take_long(got: Any) -> Any:
        now[0] += timedelta(seconds=13 if got.path.endswith("slow") else 0)
        return 204, b""

    receiver.answer = take_long
    webhook_operations.deliver_due(clock=lambda: now[0])
    arrived = [got for got in receiver.got if got.path.endswith("other")]
    assert len(arrived) == 1
    assert now[0] - begun < timedelta(seconds=80)
    # and what comes meanwhile isn't behind all that, either: who has waited longest is first
    raise_tokens(other, now=now[0])
    del receiver.got[:]
    webhook_operations.deliver_due(clock=lambda: now[0])
    assert [got.path.endswith("other") for got in receiver.got[:2]].count(True) == 1


def test_many_slow_ones_take_turns_over_the_runs(receiver: Receiver, account: Account) -> None:
    now = [timezone.now()]
    for number in range(8):
        owner = factories.make_account(f"Owner {number}")
        endpoint = add_endpoint(f"{receiver.url}{number}", owner)
        for _ in range(3):
            webhook_operations.send_test(endpoint.pk, now=now[0])

    def take_long(_got: Any) -> Any:
        now[0] += timedelta(seconds=13)
        return 204, b""

    receiver.answer = take_long
    order = []
    for _ in range(5):
        webhook_operations.deliver_due(clock=lambda: now[0])
        order += [got.path[-1] for got in receiver.got]
        del receiver.got[:]
    assert sorted(order[:8]) == list("01234567")
    assert sorted(order[8:16]) == list("01234567")


def test_a_key_that_is_missing_is_told(receiver: Receiver, account: Account, settings: Any) -> None:
    add_endpoint(receiver.url, account)
    raise_tokens(account)
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, "CODE_KEYS": {"new": "n" * 40}}
    assert deliver().failed == 1
    assert get_delivery().problem == "key"
    assert receiver.got == []


def test_an_address_that_is_no_longer_allowed_is_not_asked(
    receiver: Receiver, account: Account, settings: Any
) -> None:
    add_endpoint(receiver.url, account)
    raise_tokens(account)
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, "WEBHOOK_NETWORKS": []}
    assert deliver().failed == 1
    assert get_delivery().problem == "address"
    assert receiver.got == []


def test_old_events_are_forgotten(receiver: Receiver, account: Account) -> None:
    now = timezone.now()
    add_endpoint(receiver.url, account)
    for age in (31, 29):
        raise_tokens(account, now=now - age * DAY)
    deliver(now)
    assert webhook_operations.purge_log(now=now) == 1
    assert WebhookEvent.objects.count() == WebhookDelivery.objects.count() == 1
    assert webhook_operations.purge_log(now=now) == 0


def _get(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return WebhookEndpoint.objects.get(pk=endpoint.pk)


def test_what_breaks_at_one_endpoint_leaves_the_others_alone(
    receiver: Receiver, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from token_payments.webhooks import delivery as module

    broken = add_endpoint("https://hooks.example.com/a", account)
    add_endpoint(receiver.url, account)
    raise_tokens(account)
    real = module._try

    def break_off(row: WebhookDelivery, now: Any) -> Any:
        if row.endpoint_id == broken.pk:
            raise DataError
        return real(row, now)

    monkeypatch.setattr(module, "_try", break_off)
    assert deliver().delivered == 1
    assert len(receiver.got) == 1
    broken.refresh_from_db()
    assert broken.busy_until is None


def test_the_key_of_a_secret_before_can_be_removed_at_once(
    receiver: Receiver, account: Account
) -> None:
    endpoint = add_endpoint(receiver.url, account)
    WebhookEndpoint.objects.update(previous_until=timezone.now() + DAY, previous_key="leaked")
    raise_tokens(account)
    assert deliver().delivered == 1
    [got] = receiver.got
    assert verify(endpoint, got)
    assert len(got.headers["webhook-signature"].split()) == 1
