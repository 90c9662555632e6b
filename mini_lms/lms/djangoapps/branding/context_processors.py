"""What the base template needs on every page."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from openedx.core.djangoapps.site_configuration import helpers as configuration_helpers


def platform(request: HttpRequest) -> dict[str, str]:
    name = configuration_helpers.get_value("PLATFORM_NAME", settings.PLATFORM_NAME)
    return {
        "platform_name": name,
        "base_template": "main_django.html",
        "tokens_url": find_tokens_url(),
    }


def find_tokens_url() -> str:
    """What an operator's theme does for a page of the plugin: link to it where there is one."""
    if not getattr(settings, "TOKEN_PAYMENTS_ENABLED", False):
        return ""
    try:
        return reverse("token_payments:tokens")
    except NoReverseMatch:
        return ""
