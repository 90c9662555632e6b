"""Endpoints, and workers that send."""

from __future__ import annotations

import json
import socket
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.utils import timezone

from tests import factories
from token_payments.models import Account, WebhookDelivery, WebhookEndpoint
from token_payments.notifications.table import FOLLOWS
from token_payments.outbox.steps import Step, quietly
from token_payments.webhooks import operations as webhook_operations

#: What a receiver on the loopback needs.
LOCAL = {
    "WEBHOOK_NETWORKS": ["127.0.0.0/8", "::1/128"],
    "WEBHOOK_PLAIN_HTTP": True,
    "WEBHOOK_PORTS": [],
}


def add_endpoint(url: str, account: Account | None = None, **fields: Any) -> WebhookEndpoint:
    fields = {"actor": None, "now": timezone.now() - timedelta(minutes=1), **fields}
    return webhook_operations.add_endpoint(
        url=url, account_id=None if account is None else account.pk, **fields
    )


def raise_tokens(account: Account, quantity: int = 5, **fields: Any) -> Any:
    """An event of the account."""
    gold = factories.find_wallet(account, _find_gold()).token_type
    return factories.issue_tokens(account, gold, quantity, **fields)


def deliver(
    now: datetime | None = None, told: list[int] | None = None
) -> webhook_operations.WebhookRun:
    """What a run of the schedule does then; ``told`` gets the ids of endpoints switched off.

    Without it nothing follows, in this thread alone: races call this in threads.
    """

    def tell(switched_off: Any) -> None:
        assert told is not None
        told.append(switched_off.endpoint_id)

    follows: AbstractContextManager[Any] = quietly()
    if told is not None:
        follows = mock.patch.dict(FOLLOWS, {Step.ENDPOINT_SWITCHED_OFF: (tell,)})
    with follows:
        return webhook_operations.deliver_due(clock=lambda: now or timezone.now())


def read(body: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)
    return found


def get_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def _find_gold() -> Any:
    from token_payments.models import TokenType

    return TokenType.objects.filter(name="Gold").first() or factories.make_type()


def leading_to(*addresses: str) -> Any:
    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    return resolve
