"""Webhook endpoints through the API: the secret once, versions, tests, and sending again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.rest_api.base import ApiClient
from tests.webhooks.base import LOCAL, raise_tokens
from tests.webhooks.receiver import receiving
from token_payments.models import Account, StoredAnswer, WebhookDelivery, WebhookEndpoint
from token_payments.webhooks import operations as webhook_operations
from token_payments.webhooks import queries as webhook_queries

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.com/"


@pytest.fixture
def client() -> ApiClient:
    mia = factories.make_user("mia")
    factories.make_account(managers=[mia])
    return ApiClient(mia)


def find_account() -> int:
    return Account.objects.get(name="Acme").pk


def test_the_secret_is_shown_once(client: ApiClient) -> None:
    key = uuid.uuid4().hex
    body = {"account": find_account(), "url": URL}
    first = client.post("/webhook-endpoints/", body, key=key)
    assert first.status_code == 201, first.content
    endpoint = WebhookEndpoint.objects.get()
    secret = first.json()["secret"]
    assert secret == webhook_queries.derive_secret(endpoint)
    again = client.post("/webhook-endpoints/", body, key=key)
    assert again.json() == {**first.json(), "secret": None}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    for path in ("/webhook-endpoints/", first.headers["Location"]):
        shown = client.get(path.removeprefix("/token-payments/api/v1"))
        assert secret not in shown.content.decode()
    assert not StoredAnswer.objects.filter(body__contains=secret[6:20]).exists()
    assert WebhookEndpoint.objects.count() == 1


def test_rotating_shows_another_one_once(client: ApiClient) -> None:
    first = client.post("/webhook-endpoints/", {"account": find_account(), "url": URL}).json()
    path = f"/webhook-endpoints/{first['id']}/rotate-secret/"
    key = uuid.uuid4().hex
    second = client.post(path, key=key).json()
    assert second["secret"] not in (None, first["secret"])
    assert second["previous_secret_until"] is not None
    assert client.post(path, key=key).json()["secret"] is None


def test_a_change_names_what_was_read(client: ApiClient) -> None:
    made = client.post("/webhook-endpoints/", {"account": find_account(), "url": URL})
    path = f"/webhook-endpoints/{made.json()['id']}/"
    assert client.patch(path, {"description": "x"}).status_code == 428
    read = client.get(path)
    assert read.headers["ETag"] == made.headers["ETag"]
    etag = read.headers["ETag"]
    assert client.patch(path, {"description": "x"}, version=etag).status_code == 200
    assert client.patch(path, {"description": "y"}, version=etag).status_code == 412
    assert client.patch(path, {"account": 1}, version="*").status_code == 400


@pytest.mark.parametrize(
    ("url", "reason"),
    [("http://hooks.example.com/", "scheme"), ("https://169.254.169.254/", "address")],
)
def test_addresses_that_are_refused(client: ApiClient, url: str, reason: str) -> None:
    answer = client.post("/webhook-endpoints/", {"account": find_account(), "url": url})
    assert (answer.status_code, answer.json()["code"]) == (400, "endpoint_refused")
    assert (answer.json()["reason"], answer.json()["errors"]) == (reason, {"url": [reason]})


def test_events_that_there_are_none_of(client: ApiClient) -> None:
    body = {"account": find_account(), "url": URL, "event_types": ["nothing"]}
    answer = client.post("/webhook-endpoints/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"event_types": ["There is no such event."]}


def test_testing_looking_and_sending_again(client: ApiClient, settings: Any) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    with receiving() as receiver:
        body = {"account": find_account(), "url": receiver.url}
        path = f"/webhook-endpoints/{client.post('/webhook-endpoints/', body).json()['id']}"
        tested = client.post(f"{path}/test/")
        assert (tested.status_code, tested.json()["state"]) == (201, "waiting")
        receiver.refuse(500, b"down")
        raise_tokens(Account.objects.get())
        webhook_operations.deliver_due(clock=timezone.now)
        WebhookDelivery.objects.update(state="failed", next_at=None)

        [failed, test] = client.get(f"{path}/deliveries/", state="failed").json()["results"]
        assert test["event_type"] == webhook_queries.TEST_TYPE
        assert (failed["status"], failed["problem"], failed["response"]) == (500, "status", "down")
        assert failed["event_id"] == receiver.got[-1].headers["webhook-id"]
        assert failed["body"] == receiver.got[-1].body

        receiver.accept()
        again = client.post(f"{path}/deliveries/{failed['id']}/redeliver/").json()
        assert (again["state"], again["attempts"]) == ("waiting", 0)
        since = {"since": "2026-01-01T00:00:00Z"}
        assert client.post(f"{path}/redeliver-failed/", since).json() == {"count": 0}
        webhook_operations.deliver_due(clock=timezone.now)
        assert client.get(f"{path}/deliveries/{failed['id']}/").json()["state"] == "delivered"


def test_managers_see_no_others(client: ApiClient) -> None:
    other = factories.make_account("Other")
    theirs = webhook_operations.add_endpoint(
        url=URL, account_id=other.pk, actor=None, now=timezone.now()
    )
    site = webhook_operations.add_endpoint(url=URL, account_id=None, actor=None, now=timezone.now())
    assert client.get("/webhook-endpoints/").json()["results"] == []
    for pk in (theirs.pk, site.pk):
        assert client.get(f"/webhook-endpoints/{pk}/").status_code == 404
        assert client.get(f"/webhook-endpoints/{pk}/deliveries/").status_code == 404
    mine = client.post("/webhook-endpoints/", {"account": find_account(), "url": URL}).json()
    delivery = webhook_operations.send_test(theirs.pk, now=timezone.now())
    path = f"/webhook-endpoints/{mine['id']}/deliveries/{delivery.pk}/"
    assert client.get(path).status_code == 404
    assert client.post(f"{path}redeliver/").status_code == 404


def test_test_events_are_limited(client: ApiClient) -> None:
    """Each keeps a worker for as long as the receiver likes, up to a bound."""
    made = client.post("/webhook-endpoints/", {"account": find_account(), "url": URL}).json()
    path = f"/webhook-endpoints/{made['id']}/test/"
    assert [client.post(path).status_code for _ in range(20)] == [201] * 20
    answer = client.post(path)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert WebhookDelivery.objects.count() == 20
