"""Whether visitors can be told apart by their addresses, as far as they were needed.

token_payments.W010    the server gives no address that can be read: visitors share no limit
"""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as CheckWarning

from token_payments.lms.checks.configuration import TAG
from token_payments.throttling import NO_ADDRESS


@register(TAG)
def check_addresses(**_: Any) -> list[CheckMessage]:
    """What was noted when visitors were counted; nothing if the cache can't be asked."""
    try:
        given = cache.get(NO_ADDRESS)
    except Exception:  # noqa: BLE001 (each kind of cache has errors of its own)
        return []
    if given is None:
        return []
    message = (
        f"In the last week a visitor came whose address the server gave as {given!r}: refused "
        "Token Codes are counted by user alone, not by network address."
    )
    hint = (
        "Have the proxy send X-Forwarded-For, or name its header in "
        "CLOSEST_CLIENT_IP_FROM_HEADERS, so that an address without a port comes with requests."
    )
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W010")]
