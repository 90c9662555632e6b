"""How often something may be tried or asked for: one table of limits, counted in the cache.

A visitor who has to wait is told so before anything is done or looked up. Waits are in seconds.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from edx_django_utils.ip import get_safest_client_ip

from token_payments import conf, errors
from token_payments.checkout.queries import get_method
from token_payments.hosts.base import User
from token_payments.hosts.people import find_person

UNKNOWN_WAIT = 60  # seconds; what is told when the cache that counts doesn't answer
IPV6_PREFIX = 64  # one customer's network: its addresses are as good as one
#: In the cache, for a week: what the server last gave for a visitor's address, where it was none.
NO_ADDRESS = "token_payments.no_address"
WEEK = 7 * 24 * 60 * 60  # seconds


Refused = type[errors.DoneTooOften] | type[errors.TooManyAttempts] | type[errors.TooManyMisses]


@dataclass(frozen=True)
class Rule:
    """``name`` is that of the counts; ``rate`` is a user's, e.g. "20/h".

    Or it is what the names of two settings begin with: of a user's rate, and of an address's.
    """

    name: str
    rate: str
    error: Refused = errors.DoneTooOften


class Limit(Enum):
    """Every limit that the plugin has."""

    # Counted when it is refused: codes, which the check character tells typing errors from; names
    # of people who don't exist, as the site is no directory, and more of those who do; and numbers
    # that another order has.
    CODES = Rule("code", "ATTEMPTS", errors.TooManyAttempts)
    LOOK_UPS = Rule("members", "20/h", errors.TooManyMisses)
    NUMBERS = Rule("numbers", "20/h")
    NAMES = Rule("names", "60/h", errors.TooManyMisses)
    # Counted when it is done, repeats being free: what mails somebody, or tells about others.
    ORDERS = Rule("orders", "30/h")
    DELEGATES = Rule("delegates", "30/h")
    CANCELLATIONS = Rule("cancellations", "20/h")
    ALERTS = Rule("alerts", "20/h")
    LISTS = Rule("lists", "10/h")
    WEBHOOK_TESTS = Rule("webhooks.tests", "20/h")
    # Counted when it is asked for: what may be guessed through the API, or costs much.
    API_CHECKS = Rule("api.checks", "API_CHECKS")
    API_REDEMPTIONS = Rule("api.redemptions", "API_REDEMPTIONS")
    API_JOBS = Rule("api.jobs", "API_JOBS")

    @property
    def rates(self) -> Sequence[str]:
        """How many are allowed in which period: to a user, and to an address where that counts."""
        rate = self.value.rate
        keys = (f"{rate}_PER_USER", f"{rate}_PER_ADDRESS")
        return [rate] if "/" in rate else [str(conf.get(key)) for key in keys]


def check(request: HttpRequest, *limits: Limit) -> None:
    """Before it is done. Raises the first limit's error for a visitor who has to wait."""
    wait = max(_measure(request, limit, increment=False) for limit in limits)
    if wait:
        raise limits[0].value.error(wait=wait)


def count(request: HttpRequest, limit: Limit) -> int:
    """It was asked for, done or refused once more; seconds to wait when that was too often."""
    return _measure(request, limit, increment=True)


@contextmanager
def guard_attempt(request: HttpRequest, method_slug: str) -> Iterator[None]:
    """Around the look-up of a code: raises TooManyAttempts before it, counts a refusal after it.

    Nothing is counted, and nobody waits, for payment methods that look no secrets up.
    """
    try:
        is_guarded = get_method(method_slug).looks_up_secrets
    except errors.NotOffered:
        is_guarded = False  # it is refused without a look-up
    if not is_guarded:
        yield
        return
    check(request, Limit.CODES)
    try:
        yield
    except errors.CodeNotRedeemable:
        count(request, Limit.CODES)
        raise


def look_up_person(request: HttpRequest, text: str) -> User | None:
    """``find_person``; a miss is counted, and who is found by user name, whose name is told then.

    Raises TooManyMisses before anybody is looked for.
    """
    check(request, Limit.LOOK_UPS, Limit.NAMES)
    person = find_person(text)
    if person is None:
        count(request, Limit.LOOK_UPS)
    elif "@" not in text:
        count(request, Limit.NAMES)
    return person


def _measure(request: HttpRequest, limit: Limit, *, increment: bool) -> int:
    """Seconds to wait: after what is counted now, or before what would be the next one.

    Where the server can't tell the visitor's address, only the user's own count is there: one
    counter for all addresses would keep everybody out as soon as one of them is refused often.
    """
    group = f"token_payments.{limit.value.name}"
    waits = [0]
    for key, rate in zip(_list_keys(request), limit.rates, strict=False):
        usage = get_usage(request, group=group, key=key, rate=rate, increment=increment)
        if usage is None:  # the operator switched it off
            continue
        if usage["should_limit"] if increment else usage["count"] >= usage["limit"]:
            waits.append(max(usage["time_left"], 1) if usage["limit"] else UNKNOWN_WAIT)
    return max(waits)


def _list_keys(request: HttpRequest) -> list[Any]:
    """django-ratelimit's keys: the user, and the address, of IPv6 the network, if it is known.

    Some servers write the port behind it; behind a Unix socket there is none.
    """
    given = get_safest_client_ip(request) if request.META.get("REMOTE_ADDR") else ""
    for text in (given, given.rpartition(":")[0].strip("[]")):
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            continue
        if isinstance(address, ipaddress.IPv6Address):
            # A server that listens for both kinds writes IPv4 addresses as IPv6 ones.
            network = ipaddress.ip_network((address, IPV6_PREFIX), strict=False)
            address = address.ipv4_mapped or network.network_address
        key = f"address:{address}"
        return ["user", lambda *_, key=key: key]
    cache.set(NO_ADDRESS, given[:100], WEEK)
    return ["user"]
