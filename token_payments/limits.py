"""How often a visitor may do, within an hour, what mails other people or tells about them.

Asked before it is done, and counted once it was: what is sent twice, or refused, is free.
"""

from __future__ import annotations

import math
from enum import Enum

from django.http import HttpRequest
from django.utils.translation import ngettext
from django_ratelimit.core import get_usage

from token_payments.l10n.formats import format_number

UNKNOWN_WAIT = 60  # seconds; what is told when the cache that counts doesn't answer


class Limit(Enum):
    """What is counted, each by itself, and how much of it is allowed."""

    ORDERS = ("orders", "30/h")  # requests, each of which is mailed to those who process them
    NUMBERS = ("numbers", "20/h")  # purchase order numbers that turned out to be another order's
    HELPERS = ("helpers", "30/h")
    WISHES = ("wishes", "20/h")  # to cancel
    ALERTS = ("alerts", "20/h")  # settings of them, each of which may mail somebody
    LISTS = ("lists", "10/h")  # of codes: files as large as the order

    @property
    def group(self) -> str:
        return f"token_payments.{self.value[0]}"

    @property
    def rate(self) -> str:
        return self.value[1]


def explain_wait(request: HttpRequest, limit: Limit) -> str:
    """What to tell a visitor who has to wait; empty for one who may go on."""
    wait = find_wait(request, limit)
    if not wait:
        return ""
    minutes = max(1, math.ceil(wait / 60))
    text = ngettext(
        "You have done this very often. Nothing was sent: try again in %(number)s minute.",
        "You have done this very often. Nothing was sent: try again in %(number)s minutes.",
        minutes,
    )
    return text % {"number": format_number(minutes)}


def find_wait(request: HttpRequest, limit: Limit) -> int:
    """Seconds that a visitor has to wait; 0 for one who may go on."""
    usage = get_usage(request, group=limit.group, key=_key, rate=limit.rate)
    if usage is None or usage["count"] < usage["limit"]:
        return 0
    return max(1, usage["time_left"]) if usage["limit"] else UNKNOWN_WAIT


def count(request: HttpRequest, limit: Limit) -> None:
    """It was done once more."""
    get_usage(request, group=limit.group, key=_key, rate=limit.rate, increment=True)


def _key(_group: str, request: HttpRequest) -> str:
    return f"user:{request.user.pk}"
