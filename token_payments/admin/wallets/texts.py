"""Tokens, days and periods, as the pages about wallets write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from token_payments import conf
from token_payments.l10n.dates import last_day
from token_payments.l10n.formats import format_day, format_number
from token_payments.models import Wallet


def write_amount(quantity: int, token_type: object) -> str:
    """E.g. 1,200 Gold."""
    return gettext("%(count)s %(type)s") % {"count": format_number(quantity), "type": token_type}


def count_tokens(quantity: int) -> str:
    text = ngettext("%(count)s token", "%(count)s tokens", quantity)
    return text % {"count": format_number(quantity)}


def write_list(parts: Iterable[str]) -> str:
    """E.g. 12 issues, 3 prices and 1 order."""
    return str(get_text_list(list(parts), gettext("and")))


def write_period(days: int | None) -> str:
    if days is None:
        return gettext("Never expires")
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": format_number(days)}


def write_expiry(expires_at: datetime | None) -> str:
    """The last day on which the tokens can be spent."""
    return gettext("Never") if expires_at is None else format_day(last_day(expires_at))


def write_expiry_in_full(expires_at: datetime | None) -> str:
    """The same with the zone in which the day ends."""
    if expires_at is None:
        return gettext("Never")
    return gettext("%(day)s, end of day %(zone)s") % {
        "day": format_day(last_day(expires_at)),
        "zone": conf.time_zone().key,
    }


def explain_expiry(expires_at: datetime | None) -> str:
    """The same as a sentence."""
    if expires_at is None:
        return gettext("Never expires")
    return gettext("Expires %(day)s, end of day %(zone)s") % {
        "day": format_day(last_day(expires_at)),
        "zone": conf.time_zone().key,
    }


def write_time_left(expires_at: datetime | None, now: datetime) -> str:
    """E.g. in 5 days, today or expired; empty for what never expires."""
    if expires_at is None:
        return ""
    if expires_at <= now:
        return gettext("expired")
    days = (last_day(expires_at) - localtime(now, conf.time_zone()).date()).days
    if days <= 0:
        return gettext("today")
    return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": format_number(days)}


def write_time(instant: datetime | None) -> SafeString:
    """The local time in the site's zone, as a <time> element; a dash for None."""
    if instant is None:
        return SafeString("–")
    local = localtime(instant, conf.time_zone())
    text = date_format(local, "DATETIME_FORMAT")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), text)


def write_lines(lines: Iterable[object]) -> SafeString:
    """One below the other; texts are escaped."""
    return format_html_join("", "<div>{}</div>", ((line,) for line in lines))


def write_link(url: str, text: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)


def statement_url(wallet: Wallet) -> str:
    return reverse("admin:token_payments_ledgerentry_statement", args=[wallet.pk])
