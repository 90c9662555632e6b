"""An order with learners, and a look at what was mailed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core import mail
from django.test import override_settings

from tests import factories
from tests.enqueued import unheard
from token_payments.assignments import operations as assignment_operations
from token_payments.hosts import host
from token_payments.models import CodeAssignment, TokenOrder

COURSE = "course-v1:Acme+FIRE+2026"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REDEEM_BY = datetime(2026, 12, 2, tzinfo=UTC)  # the end of 1 December in London
DOWN = ConnectionRefusedError("refused")


def with_settings(**changes: Any) -> Any:
    return override_settings(TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, **changes})


def make_code_order(quantity: int = 5, **fields: Any) -> TokenOrder:
    """A processed order of Bea Buyer's for a course whose title is markup."""
    factories.allow_paid()
    factories.make_course(COURSE, display_name="Fire & <b>Safety</b>")
    buyer = factories.make_user("buyer", name="Bea Buyer")
    fields = {"redeem_by": REDEEM_BY, **fields}
    item = factories.make_item(COURSE)
    return factories.make_processed_order(item, buyer=buyer, quantity=quantity, **fields)


@unheard
def assign(order: TokenOrder, *addresses: str, name: str = "", **arguments: Any) -> None:
    recipients = [assignment_operations.Recipient(address, name) for address in addresses]
    arguments = {"actor": order.buyer, "idempotency_key": uuid.uuid4().hex, "now": NOW} | arguments
    assignment_operations.assign_codes(order.pk, recipients, **arguments)


def list_states(order: TokenOrder) -> dict[str, str]:
    """What became of each address's mail."""
    rows = CodeAssignment.objects.filter(code__order=order, live=True)
    return dict(rows.values_list("email", "mail_state"))


def list_addresses() -> list[str]:
    return [address for message in mail.outbox for address in message.to]


def read(message: Any) -> tuple[str, str]:
    """Text and HTML."""
    (html,) = (content for content, kind in message.alternatives if kind == "text/html")
    return message.body, html


@contextmanager
def transport(behave: Callable[[str], Exception | None]) -> Any:
    """A mail server that raises what ``behave`` returns for an address."""
    really_send = host.send_to

    def send_to(address: str, message: Any) -> None:
        error = behave(address)
        if error is not None:
            raise error
        really_send(address, message)

    with patch.object(host, "send_to", send_to):
        yield


def run(task: Any, *arguments: Any) -> None:
    """The task and its retries, as workers would do them, but at once."""
    with override_settings(CELERY_TASK_EAGER_PROPAGATES=False):
        task.delay(*arguments)
