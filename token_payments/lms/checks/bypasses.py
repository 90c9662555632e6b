"""System checks of bypasses into paid courses that the host opens (docs/course-modes.md).

=====================  =======================================================================
token_payments.W005    the API key of the LMS is a sample, or empty: learners can be servers
token_payments.W006    a switch for tests is on, with which anybody can be staff or change modes
token_payments.W007    custom courses are on: copies of paid courses, outside the catalogue
token_payments.W008    the enterprise pages are on, which enrol past the gate
token_payments.W009    courses on sale have no mode: the LMS takes them for free (database check)
=====================  =======================================================================

All of them count only while the plugin is switched on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError

from token_payments import conf
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import ConfigurationError
from token_payments.hosts import host
from token_payments.hosts.base import BypassKind

TAG = "token_payments"
MAX_NAMED = 5
#: The number of the check, what is so, and what to do.
BYPASSES = {
    BypassKind.KNOWN_KEY: (
        "W005",
        "{0} is a sample, or empty: whoever sends it enrols anybody in any mode, unpaid.",
        "Set {0} to None, or to a long secret if other servers need it.",
    ),
    BypassKind.TESTING: (
        "W006",
        "{0} is on: without a password anybody gets into paid courses.",
        "Switch {0} off; it is for automatic tests of the LMS.",
    ),
    BypassKind.COPIES: (
        "W007",
        "{0} is on: custom courses (CCX) of paid courses aren't in the catalogue, and are free.",
        "Make custom courses of paid courses by invitation only, or switch {0} off.",
    ),
    BypassKind.ENTERPRISE: (
        "W008",
        "{0} is on: the enterprise pages enrol learners of linked organisations, unpaid.",
        "Leave paid courses out of the enterprise catalogues, or switch {0} off.",
    ),
}


@register(TAG)
def check_bypasses(**_: Any) -> list[CheckMessage]:
    if not conf.is_enabled() or not isinstance(getattr(settings, "TOKEN_PAYMENTS", {}), Mapping):
        return []
    try:
        bypasses = host.list_bypasses()
    except (ConfigurationError, TypeError):  # E004 tells
        return []
    problems: list[CheckMessage] = []
    for bypass in bypasses:
        number, message, hint = BYPASSES[bypass.kind]
        problems.append(
            CheckWarning(
                message.format(bypass.setting),
                hint=hint.format(bypass.setting),
                id=f"{TAG}.{number}",
            )
        )
    return problems


@register(TAG, Tags.database)
def check_modes(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    if not databases or not conf.is_enabled():
        return []
    try:
        keys = host.list_items_without_modes(
            item.item_key for item in catalogue_queries.list_sold_items()
        )
    except DatabaseError:  # migrate asks before it has made the tables
        return []
    if not keys:
        return []
    more = f" and {len(keys) - MAX_NAMED} more" if len(keys) > MAX_NAMED else ""
    named = f"{', '.join(keys[:MAX_NAMED])}{more}"
    message = f"Learners join {named} free of charge: there is no course mode."
    hint = "Add a paid course mode in the Django admin, Course modes; or make the item free."
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W009")]
