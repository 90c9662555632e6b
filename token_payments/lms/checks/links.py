"""System checks of the optional override of the LMS's links to a checkout (``overrides.py``).

=====================  =======================================================================
token_payments.E017    OVERRIDE_GET_CHECKOUT_PAGE_URL names no function of the plugin's
token_payments.W003    it leads to us, but no page of the LMS links to a checkout (database check)
token_payments.W004    courses that are sold have no SKU to be linked by (database check)
=====================  =======================================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError
from django.utils.module_loading import import_string

from token_payments import conf
from token_payments.catalogue import queries as catalogue_queries
from token_payments.hosts import host

TAG = "token_payments"
SETTING = "OVERRIDE_GET_CHECKOUT_PAGE_URL"
OURS = "token_payments.lms.overrides.get_checkout_page_url"
MAX_NAMED = 5


@register(TAG)
def check_override(**_: Any) -> list[CheckMessage]:
    """A misspelt name would break the pages that ask for it."""
    problems: list[CheckMessage] = []
    for path in _list_overrides():
        if not path.startswith("token_payments."):
            continue
        try:
            import_string(path)
        except ImportError as error:
            message = f'{SETTING}: "{path}" can\'t be imported: {error}'
            problems.append(Error(message, hint=f'Write "{OURS}".', id=f"{TAG}.E017"))
    return problems


@register(TAG, Tags.database)
def check_links(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    if not databases or not conf.is_enabled() or OURS not in _list_overrides():
        return []
    try:
        found = host.find_unlinked(item.item_key for item in catalogue_queries.list_sold_items())
    except DatabaseError:  # migrate asks before it has made the tables
        return []
    if found is None:
        return []
    if found.is_off:
        message = f"{SETTING} leads to token payments, but no page of the LMS links to a checkout."
        hint = (
            "Switch checkout_on_ecommerce_service on in the Django admin, Commerce configuration; "
            f"or leave {SETTING} out: the course pages' own buttons don't need it."
        )
        return [CheckWarning(message, hint=hint, id=f"{TAG}.W003")]
    named = ", ".join(found.item_keys[:MAX_NAMED])
    more = len(found.item_keys) - MAX_NAMED
    message = f"The LMS doesn't link to the checkout of {named}" + (
        f" and {more} more." if more > 0 else "."
    )
    hint = "Give the paid course modes a SKU (any text) in the Django admin, Course modes."
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W004")]


def _list_overrides() -> list[str]:
    value = getattr(settings, SETTING, None) or ()
    return [value] if isinstance(value, str) else list(value)
