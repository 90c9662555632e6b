"""The payments of a course as its staff read them: on a page, in the dashboard, in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext

from token_payments import conf
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import NotOffered
from token_payments.hosts import host
from token_payments.l10n.dates import write_minute
from token_payments.l10n.formats import format_number
from token_payments.models import GroupState, Redemption, RedemptionState


def describe_course(found: checkout_queries.CoursePayments) -> dict[str, Any]:
    """The figures for templates; ``home_url`` is empty for a course that is gone."""
    return {
        "item": found.item,
        "title": found.host_item.title if found.host_item else found.item.title,
        "home_url": found.host_item.home_url if found.host_item else "",
        "payments": found,
        "by_method": [
            {"slug": slug, "name": write_method(slug), "number": number}
            for slug, number in sorted(found.counts.items())
        ],
    }


def describe(payments: Iterable[Redemption]) -> list[dict[str, Any]]:
    return [
        {
            "payment": payment,
            "name": host.get_full_name(payment.learner),
            "user_name": payment.learner.get_username(),
            "paid_with": write_paid_with(payment),
            "source": write_source(payment),
            "group": write_group(payment),
            "is_reversed": payment.state == RedemptionState.REVERSED,
        }
        for payment in payments
    ]


def write_rows(payments: Iterable[Redemption]) -> Iterator[list[str]]:
    """The cells of the file, with a heading; times in the site's zone."""
    zone = conf.time_zone().key
    yield [
        gettext("Time (%(zone)s)") % {"zone": zone},
        gettext("User name"),
        gettext("Name"),
        gettext("E-mail"),
        gettext("Paid with"),
        gettext("Order or account"),
        gettext("Course mode"),
        gettext("Group"),
        gettext("State"),
        gettext("Reversed (%(zone)s)") % {"zone": zone},
    ]
    for payment in payments:
        yield [
            write_minute(payment.created_at),
            payment.learner.get_username(),
            host.get_full_name(payment.learner),
            payment.learner.email,
            write_paid_with(payment),
            write_source(payment),
            payment.mode,
            write_group(payment),
            str(RedemptionState(payment.state).label),
            write_minute(payment.reversed_at),
        ]


def write_paid_with(payment: Redemption) -> str:
    """E.g. Token Code ending in 3VBN, or 7 Gold."""
    if payment.code is not None:
        return gettext("Token Code ending in %(last_four)s") % {"last_four": payment.code.last_four}
    if payment.wallet is not None:
        return f"{format_number(payment.tokens or 0)} {payment.wallet.token_type}"
    return write_method(payment.method)


def write_source(payment: Redemption) -> str:
    """The order of the code, or the account whose tokens they were."""
    if payment.code is not None:
        return payment.code.order.number
    return str(payment.wallet.account) if payment.wallet is not None else ""


def write_group(payment: Redemption) -> str:
    if payment.group_state in (GroupState.NONE, GroupState.PLACED):
        return payment.group_name
    label = GroupState(payment.group_state).label
    return f"{payment.group_name} ({label})"


def write_method(slug: str) -> str:
    """The method's name; one that is no longer registered has its slug."""
    try:
        return str(checkout_queries.get_method(slug).label)
    except NotOffered:
        return slug
