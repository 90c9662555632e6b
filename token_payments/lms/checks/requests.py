"""The way of requests to the plugin: addresses of visitors, and the middleware.

token_payments.W010    it gives no address that can be read: refused codes aren't counted by address
token_payments.W011    our middleware is missing: reports of errors may hold Token Codes
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as CheckWarning

from token_payments.lms.checks.configuration import TAG
from token_payments.settings.common import MIDDLEWARE
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


@register(TAG)
def check_middleware(**_: Any) -> list[CheckMessage]:
    """It may be missing where the operator's own MIDDLEWARE comes after the plugin's settings."""
    if MIDDLEWARE in settings.MIDDLEWARE:
        return []
    message = (
        "Reports of errors on the plugin's pages and in its API may hold Token Codes, and while "
        "the database is away programs get a page instead of a problem."
    )
    hint = f'Put "{MIDDLEWARE}" first into MIDDLEWARE.'
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W011")]
