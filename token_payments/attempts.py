"""Attempts at Token Codes: how many refused ones a learner, and an address, may enter in a period.

Asked before every look-up: while somebody has to wait, no code is tried, and nothing is told about
any. Typing errors, which the check character tells without a look-up, are never counted.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django_ratelimit.core import get_usage
from edx_django_utils.ip import get_safest_client_ip

from token_payments import conf
from token_payments.checkout.queries import get_method
from token_payments.errors import CodeNotRedeemable, NotOffered, TokenPaymentsError

GROUP = "token_payments.code"
UNKNOWN_WAIT = 60  # seconds; what is told when the cache that counts doesn't answer
IPV6_PREFIX = 64  # one customer's network: its addresses are as good as one


class TooManyAttempts(TokenPaymentsError):
    """Too many codes were refused; ``wait`` is in seconds."""

    reason = "too_many_attempts"

    def __init__(self, *, wait: int) -> None:
        super().__init__(f"wait {wait} s")
        self.wait = wait


@contextmanager
def guard_attempt(request: HttpRequest, method_slug: str) -> Iterator[None]:
    """Around a look-up: raises TooManyAttempts before it, counts a refused code after it.

    Nothing is counted, and nobody waits, for methods that look no secrets up.
    """
    if not _is_guarded(method_slug):
        yield
        return
    waits = [_measure_wait(request, *counter) for counter in _list_counters()]
    if any(waits):
        raise TooManyAttempts(wait=max(waits))
    try:
        yield
    except CodeNotRedeemable:
        for key, rate in _list_counters():
            get_usage(request, group=GROUP, key=key, rate=rate, increment=True)
        raise


def _is_guarded(method_slug: str) -> bool:
    try:
        return get_method(method_slug).looks_up_secrets
    except NotOffered:
        return False  # it is refused without a look-up


def _list_counters() -> list[tuple[Callable[[str, HttpRequest], str], str]]:
    return [(_key_user, conf.attempts_per_user()), (_key_address, conf.attempts_per_address())]


def measure_wait(request: HttpRequest, group: str, rates: tuple[str, str]) -> int:
    """Count a request in a group; seconds to wait when the user or the address made too many."""
    waits = []
    for key, rate in zip((_key_user, _key_address), rates, strict=True):
        usage = get_usage(request, group=group, key=key, rate=rate, increment=True)
        if usage is not None and usage["should_limit"]:
            waits.append(max(usage["time_left"], 1) if usage["limit"] else UNKNOWN_WAIT)
    return max(waits, default=0)


def _measure_wait(request: HttpRequest, key: Callable[[str, HttpRequest], str], rate: str) -> int:
    """Seconds until this counter allows another attempt; 0 when it does now."""
    usage = get_usage(request, group=GROUP, key=key, rate=rate)
    if usage is None or usage["count"] < usage["limit"]:
        return 0
    return max(usage["time_left"], 1) if usage["limit"] else UNKNOWN_WAIT


def _key_user(_group: str, request: HttpRequest) -> str:
    return f"user:{request.user.pk}"


def _key_address(_group: str, request: HttpRequest) -> str:
    address = get_safest_client_ip(request)
    if ":" not in address:
        return f"address:{address}"
    # A server that listens for both kinds writes IPv4 addresses as IPv6 ones, all in one network.
    v4 = ipaddress.IPv6Address(address).ipv4_mapped
    network = ipaddress.ip_network(f"{address}/{IPV6_PREFIX}", strict=False)
    return f"address:{v4 or network.network_address}"
