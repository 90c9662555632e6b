"""Finding the person whom a manager wants to add, without becoming a directory of the site."""

from __future__ import annotations

import math

from django.http import HttpRequest
from django_ratelimit.core import get_usage

from token_payments.errors import TokenPaymentsError
from token_payments.hosts.base import User
from token_payments.hosts.people import find_by_address, find_by_user_name

GROUP = "token_payments.members"
MISSES = "20/h"  # names that a manager may try without finding anybody
UNKNOWN_WAIT = 60  # seconds; what is told when the cache that counts doesn't answer


class TooManyMisses(TokenPaymentsError):
    """Too many names weren't found; ``minutes`` is how long to wait."""

    reason = "too_many_misses"

    def __init__(self, *, minutes: int) -> None:
        super().__init__(f"wait {minutes} min")
        self.minutes = minutes


def find_person(request: HttpRequest, who: str) -> User | None:
    """The active user with this e-mail address, or this user name; None when there isn't one.

    What has an @ is an address. Only users with a confirmed one count: anybody can sign up with
    somebody else's.
    Raises TooManyMisses, before it looks, for a visitor who has tried too many names.
    """
    _check_misses(request)
    # a user name may have an @ on some sites: it mustn't stand for somebody else's address
    users = find_by_address(who) if "@" in who else find_by_user_name(who)
    found = [user for user in users if user.is_active]
    if len(found) == 1:
        return found[0]
    get_usage(request, group=GROUP, key=_key, rate=MISSES, increment=True)
    return None


def _check_misses(request: HttpRequest) -> None:
    usage = get_usage(request, group=GROUP, key=_key, rate=MISSES)
    if usage is not None and usage["count"] >= usage["limit"]:
        wait = usage["time_left"] if usage["limit"] else UNKNOWN_WAIT
        raise TooManyMisses(minutes=max(1, math.ceil(wait / 60)))


def _key(_group: str, request: HttpRequest) -> str:
    return f"user:{request.user.pk}"
