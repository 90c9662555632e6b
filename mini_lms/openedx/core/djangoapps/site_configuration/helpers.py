"""Reading the values of the current request's site, or of an organisation's site."""

from __future__ import annotations

from typing import Any

from crum import get_current_request

from openedx.core.lib.cache_utils import request_cached

from .models import SiteConfiguration


@request_cached("site_config")
def get_current_site_configuration() -> SiteConfiguration | None:
    """Of the request's site, once a request: without a request, as in a task, there is none."""
    site = getattr(get_current_request(), "site", None)
    try:
        return getattr(site, "configuration", None)
    except SiteConfiguration.DoesNotExist:
        return None


def get_value(val_name: str, default: Any = None, **kwargs: Any) -> Any:
    """The site's value, else the default; a dict is merged into a default that is one.

    A site that is not enabled has none.
    """
    configuration = get_current_site_configuration()
    value = default
    if configuration is not None and configuration.enabled:
        value = configuration.site_values.get(val_name, default)
    if default == "":
        return value
    try:
        merged = dict(default)
        merged.update(value)
    except (TypeError, ValueError, AttributeError):
        return value
    return merged


def get_value_for_org(org: str, val_name: str, default: Any = None) -> Any:
    """The value of the first enabled site whose `course_org_filter` names the organisation."""
    for found in SiteConfiguration.objects.filter(enabled=True).order_by("id"):
        orgs = found.site_values.get("course_org_filter", [])
        if org in ([orgs] if isinstance(orgs, str) else orgs):
            return found.site_values.get(val_name, default)
    return default
