"""What every e-mail template may rely on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sites.models import Site

from openedx.core.djangoapps.site_configuration import helpers as configuration_helpers


def get_base_template_context(site: Site | None) -> dict[str, Any]:
    root = configuration_helpers.get_value("LMS_ROOT_URL", settings.LMS_ROOT_URL)
    name = configuration_helpers.get_value("PLATFORM_NAME", settings.PLATFORM_NAME)
    return {
        "homepage_url": root,
        "dashboard_url": f"{root}/dashboard",
        "template_revision": getattr(settings, "EDX_PLATFORM_REVISION", None),
        "platform_name": name,
        "contact_email": configuration_helpers.get_value("CONTACT_EMAIL", settings.CONTACT_EMAIL),
        "contact_mailing_address": "",
        "social_media_urls": {},
        "mobile_store_urls": {},
        "logo_url": f"{root}{settings.STATIC_URL}mini_lms/logo.svg",
        "site_configuration_values": {},
    }
