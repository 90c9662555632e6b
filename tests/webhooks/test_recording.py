"""What happens is written down with it, for whom it concerns, and costs nothing otherwise."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock, patch

import attr
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.events import stories
from tests.events.base import listening
from tests.webhooks.base import add_endpoint, raise_tokens, read
from token_payments import events
from token_payments.models import WebhookEvent
from token_payments.notifications import public_events
from token_payments.wallets import operations as wallet_operations
from token_payments.webhooks import operations as webhook_operations
from token_payments.webhooks import queries as webhook_queries
from token_payments.webhooks import recording

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.com/"


class SamePayloads:
    """Mixed into the stories of the events: what is written down is what is sent on commit."""

    def hear(self: Any, act: Any) -> Any:
        add_endpoint(URL)
        last = WebhookEvent.objects.count()
        with listening() as heard, self.captureOnCommitCallbacks(execute=True):
            act()
        written = list(WebhookEvent.objects.order_by("id"))[last:]
        found = [(row.type, read(row.body)["data"], row.account_id) for row in written]
        signals = vars(events)
        wanted = [(signals[name].event_type, _write(data), data.account_id) for name, data in heard]
        self.assertCountEqual(map(str, found), map(str, wanted))
        return heard


def _write(data: Any) -> dict[str, Any]:
    return {
        name: value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value
        for name, value in attr.asdict(data).items()
    }


class OrderPayloadsTest(SamePayloads, stories.OrderEvents):
    pass


class PaymentPayloadsTest(SamePayloads, stories.PaymentEvents):
    pass


class LedgerPayloadsTest(SamePayloads, stories.LedgerEvents):
    pass


def test_the_form_of_a_body() -> None:
    account = factories.make_account()
    add_endpoint(URL, account)
    issue = raise_tokens(account, 7)
    event = WebhookEvent.objects.get()
    body = read(event.body)
    assert body["type"] == event.type == "org.openedx.token_payments.tokens.issued.v1"
    assert body["timestamp"] == body["data"]["time"]
    assert body["timestamp"].endswith("Z")
    assert (body["data"]["amount"], body["data"]["issue_id"]) == (7, issue.pk)
    assert set(body) == {"type", "timestamp", "data"}


def test_an_account_is_told_of_itself_alone() -> None:
    ours, theirs = factories.make_account("Ours"), factories.make_account("Theirs")
    add_endpoint(URL, ours)
    raise_tokens(theirs)
    assert not WebhookEvent.objects.exists()
    raise_tokens(ours)
    assert WebhookEvent.objects.get().account_id == ours.pk


def test_the_site_is_told_of_everybody() -> None:
    add_endpoint(URL)
    for name in ("Ours", "Theirs"):
        raise_tokens(factories.make_account(name))
    assert WebhookEvent.objects.count() == 2


def test_what_is_rolled_back_is_never_told() -> None:
    account = factories.make_account()
    add_endpoint(URL, account)
    with transaction.atomic():
        raise_tokens(account)
        assert WebhookEvent.objects.exists()
        transaction.set_rollback(True)
    assert not WebhookEvent.objects.exists()


def test_without_an_endpoint_nothing_is_made_and_nothing_asked() -> None:
    account = factories.make_account()
    raise_tokens(account)  # the cache is filled
    with (
        patch.object(public_events, "write_events", side_effect=AssertionError),
        CaptureQueriesContext(connection) as queries,
    ):
        raise_tokens(account)
    assert not [one["sql"] for one in queries if "webhook" in one["sql"]]


def test_what_is_switched_off_wants_nothing() -> None:
    account = factories.make_account()
    endpoint = add_endpoint(URL, account)
    assert webhook_queries.is_wanted()
    webhook_operations.change_endpoint(endpoint.pk, {"is_active": False}, actor=None)
    assert not webhook_queries.is_wanted()
    raise_tokens(account)
    assert not WebhookEvent.objects.exists()
    webhook_operations.change_endpoint(endpoint.pk, {"is_active": True}, actor=None)
    assert webhook_queries.is_wanted()
    webhook_operations.remove_endpoint(endpoint.pk, actor=None)
    assert not webhook_queries.is_wanted()


def test_a_cache_that_is_down_loses_nothing() -> None:
    account = factories.make_account()
    add_endpoint(URL, account)
    down = Mock(get=_fail, set=_fail)
    with patch.object(recording, "cache", down):
        raise_tokens(account)
    assert WebhookEvent.objects.count() == 1


def _fail(*_: Any, **__: Any) -> Any:
    raise ConnectionError


def test_expiries_of_many_issues_are_written_at_once() -> None:
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    account = factories.make_account()
    for _ in range(3):
        raise_tokens(account, expires_at=now + timedelta(hours=1))
    add_endpoint(URL, account)
    wallet_operations.expire_all_issues(
        now=now + timedelta(days=2), clock=lambda: now + timedelta(days=2)
    )
    types = list(WebhookEvent.objects.values_list("type", flat=True))
    assert types == [events.TOKENS_EXPIRED.event_type] * 3
