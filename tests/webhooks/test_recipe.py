"""The receiver of docs/webhooks.md, as it stands there."""

from __future__ import annotations

import re
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.webhooks.base import LOCAL, add_endpoint, deliver, raise_tokens
from token_payments.models import WebhookDelivery
from token_payments.webhooks import operations as webhook_operations
from token_payments.webhooks import queries as webhook_queries

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def test_the_receiver_of_the_page(settings: Any) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, **LOCAL}
    found = re.search(r"a test of ours runs this -->\n```python\n(.+?)```", PAGE.read_text(), re.S)
    assert found is not None
    handled: list[Any] = []
    names: dict[str, Any] = {"handle": lambda kind, data: handled.append((kind, data["amount"]))}
    exec(found[1], names)
    names["Receiver"].log_message = lambda *_: None
    server = ThreadingHTTPServer(("127.0.0.1", 0), names["Receiver"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        account = factories.make_account()
        endpoint = add_endpoint(f"http://127.0.0.1:{server.server_address[1]}/", account)
        raise_tokens(account, 7)
        names["SECRET"] = "whsec_c29tZWJvZHkgZWxzZSdz"
        assert deliver().failed == 1
        assert WebhookDelivery.objects.get().status == 401
        names["SECRET"] = webhook_queries.derive_secret(endpoint)
        WebhookDelivery.objects.update(state="failed")
        for _ in range(2):
            now = timezone.now()
            assert webhook_operations.redeliver(WebhookDelivery.objects.get().pk, now=now)
            assert deliver(now).delivered == 1
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert handled == [("org.openedx.token_payments.tokens.issued.v1", 7)]
