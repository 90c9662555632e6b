"""``{% load token_payments %}``: numbers, money, days and people as people read them.

In the active language and the site's time zone. What is None is written as a dash, or as nothing
where that says more; the filters say which.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from token_payments import conf
from token_payments.hosts import host
from token_payments.hosts.base import User
from token_payments.l10n import dates
from token_payments.l10n import formats as l10n

register = template.Library()


@register.filter
def number(value: int | None) -> str:
    """A whole number with its thousands apart; nothing for None."""
    return "" if value is None else l10n.format_number(value)


@register.filter
def signed(value: int) -> str:
    """A change with its sign, e.g. +1,200 or −7."""
    return l10n.format_signed(value)


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """``{{ order.total|money:order.currency }}``, e.g. £149.00; a dash for None."""
    return l10n.format_money(amount, currency)


@register.filter
def exact_money(amount: Decimal, currency: str) -> str:
    """The same with nothing rounded away, e.g. £0.125: for prices that are multiplied."""
    return l10n.format_exact_money(amount, currency)


@register.filter
def rate(percent: Decimal) -> str:
    """A rate of tax, e.g. 20% or 7.7%."""
    return l10n.format_rate(percent)


@register.filter
def day(instant: datetime | None) -> str:
    """The local day of an instant, e.g. 21 November 2026; nothing for None."""
    if instant is None:
        return ""
    return l10n.format_day(timezone.localtime(instant, conf.time_zone()).date())


@register.filter
def last_day(instant: datetime | None) -> str:
    """The last local day before an expiry, e.g. 29 November 2026; nothing for None (never)."""
    return "" if instant is None else l10n.format_day(dates.last_day(instant))


@register.filter
def last_day_in_zone(instant: datetime | None) -> str:
    """The same with the zone in which that day ends: 29 November 2026 (Europe/London)."""
    return "" if instant is None else f"{last_day(instant)} ({time_zone()})"


@register.filter
def full_name(user: User | None) -> str:
    """The name that the host shows for somebody; nothing for None."""
    return "" if user is None else host.get_full_name(user)


@register.simple_tag
def time_zone() -> str:
    """``{% time_zone %}``: the zone in which days end, e.g. Europe/London."""
    return conf.time_zone().key


@register.simple_tag
def is_over(instant: datetime) -> bool:
    """``{% is_over end as over %}``: whether that instant has passed."""
    return instant <= timezone.now()
