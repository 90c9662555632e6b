"""Signatures as Standard Webhooks 1.0 has them, with secrets that are derived and not stored.

A secret is HMAC-SHA256 of the endpoint and the secret's serial number, under a key derived from the
operator's (``CODE_KEYS``): who has only the database can't sign anything.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from token_payments.errors import ConfigurationError
from token_payments.orders.codes import derive_key
from token_payments.webhooks.models import WebhookEndpoint

PREFIX = "whsec_"
PURPOSE = b"webhook"


def derive_secret(endpoint: WebhookEndpoint) -> str:
    """The present secret, as receivers' libraries take it.

    Raises ConfigurationError when the operator doesn't have its key (any more).
    """
    return _write(_derive(endpoint, endpoint.secret_key, endpoint.secret_serial))


def sign(endpoint: WebhookEndpoint, message_id: str, body: str, *, now: datetime) -> dict[str, str]:
    """The headers for a body that is sent now: a signature by each secret that is valid.

    Raises ConfigurationError when the key of the present one is missing.
    """
    stamp = str(int(now.timestamp()))
    message = f"{message_id}.{stamp}.{body}".encode()
    signatures = [
        f"v1,{base64.b64encode(hmac.digest(secret, message, 'sha256')).decode()}"
        for secret in _list_valid(endpoint, now)
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }


def _list_valid(endpoint: WebhookEndpoint, now: datetime) -> Iterator[bytes]:
    yield _derive(endpoint, endpoint.secret_key, endpoint.secret_serial)
    if endpoint.previous_until is None or now >= endpoint.previous_until:
        return
    with suppress(ConfigurationError):  # its key was removed: nothing is signed by it any more
        yield _derive(endpoint, endpoint.previous_key, endpoint.secret_serial - 1)


def _derive(endpoint: WebhookEndpoint, key_name: str, serial: int) -> bytes:
    key = derive_key(key_name, PURPOSE)
    return hmac.digest(key, endpoint.uuid.bytes + serial.to_bytes(4, "big"), "sha256")


def _write(secret: bytes) -> str:
    return PREFIX + base64.b64encode(secret).decode()
