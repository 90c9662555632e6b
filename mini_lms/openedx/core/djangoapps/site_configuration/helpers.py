"""Reading the values of the current site, or of an organisation's site."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from .models import SiteConfiguration


def get_value(val_name: str, default: Any = None, **kwargs: Any) -> Any:
    """The current site's value, else the default. A site that is not enabled has none."""
    found = SiteConfiguration.objects.filter(site_id=settings.SITE_ID, enabled=True).first()
    return found.site_values.get(val_name, default) if found else default


def get_value_for_org(org: str, val_name: str, default: Any = None) -> Any:
    """The value of the first enabled site whose `course_org_filter` names the organisation."""
    for found in SiteConfiguration.objects.filter(enabled=True).order_by("id"):
        orgs = found.site_values.get("course_org_filter", [])
        if org in ([orgs] if isinstance(orgs, str) else orgs):
            return found.site_values.get(val_name, default)
    return default
