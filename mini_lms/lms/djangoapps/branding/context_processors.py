"""What the base template needs on every page."""

from django.conf import settings
from django.http import HttpRequest

from openedx.core.djangoapps.site_configuration import helpers as configuration_helpers


def platform(request: HttpRequest) -> dict[str, str]:
    name = configuration_helpers.get_value("PLATFORM_NAME", settings.PLATFORM_NAME)
    return {"platform_name": name, "base_template": "main_django.html"}
