"""Functions that an operator may put in the place of the LMS's own (pluggable overrides)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse

from token_payments import conf
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import TokenPaymentsError
from token_payments.hosts import host

log = logging.getLogger(__name__)


def get_checkout_page_url(
    prev_fn: Callable[..., str], service: Any, *skus: str, **kwargs: Any
) -> str:
    """Lead to our checkout for a course that is sold for tokens; else where ``prev_fn`` leads.

    For ``OVERRIDE_GET_CHECKOUT_PAGE_URL``. The LMS names the course by its key
    (``course_run_keys``), on some pages by its SKU alone. Several courses at once are never ours.
    Whatever goes wrong leaves the page as it was.
    """
    try:
        # a savepoint: an error of the database mustn't break the page's transaction
        with transaction.atomic():
            ours = _find_url(skus, kwargs.get("course_run_keys") or ()) if conf.is_enabled() else ""
    except Exception:
        log.exception("a page could not be led to checkout")
        ours = ""
    return ours or prev_fn(service, *skus, **kwargs)


def _find_url(skus: Sequence[str], course_keys: Sequence[Any]) -> str:
    """Empty for a course that isn't sold, and for several."""
    keys = {str(key) for key in course_keys} or set(host.list_items_by_sku(skus))
    if len(keys) != 1 or len(skus) > 1:
        return ""
    (item_key,) = keys
    try:
        catalogue_queries.get_offer(item_key)
    except TokenPaymentsError:
        return ""
    return host.absolute_url(reverse("token_payments:checkout", kwargs={"item_key": item_key}))
