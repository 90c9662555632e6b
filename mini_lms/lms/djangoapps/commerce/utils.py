"""The seams that the ecommerce service left: plugins may override each of them by a setting."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.urls import reverse
from edx_django_utils.plugins import pluggable_override
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.course_modes.models import CourseMode
from openedx.core.djangoapps.site_configuration import helpers as configuration_helpers

from .models import CommerceConfiguration


class EcommerceService:
    """Addresses of the ecommerce service's pages."""

    def __init__(self) -> None:
        self.config = CommerceConfiguration.current()

    @property
    def ecommerce_url_root(self) -> str:
        return configuration_helpers.get_value(
            "ECOMMERCE_PUBLIC_URL_ROOT", settings.ECOMMERCE_PUBLIC_URL_ROOT
        )

    @pluggable_override("OVERRIDE_GET_ABSOLUTE_ECOMMERCE_URL")
    def get_absolute_ecommerce_url(self, ecommerce_page_url: str) -> str:
        return urljoin(self.ecommerce_url_root, ecommerce_page_url)

    def is_enabled(self, user: Any) -> bool:
        """The switch is on, and the user is active or anonymous. Not overridable."""
        return (user.is_active or user.is_anonymous) and self.config.checkout_on_ecommerce_service

    @pluggable_override("OVERRIDE_GET_CHECKOUT_PAGE_URL")
    def get_checkout_page_url(self, *skus: str, **kwargs: Any) -> str:
        """A basket with these goods. `course_run_keys` (a list) is for overrides to read."""
        query: dict[str, Any] = {"sku": skus}
        if kwargs.get("catalog"):
            query["catalog"] = kwargs["catalog"]
        if kwargs.get("program_uuid"):
            query["bundle"] = kwargs["program_uuid"]
        page = self.get_absolute_ecommerce_url(self.config.basket_checkout_page)
        return f"{page}?{urlencode(query, doseq=True)}"

    def upgrade_url(self, user: Any, course_key: CourseKey) -> str | None:
        """None when the course has no verified mode; the dashboard when the service is off."""
        verified_mode = CourseMode.verified_mode_for_course(course_key)
        if verified_mode is None:
            return None
        if not self.is_enabled(user):
            return reverse("dashboard")
        return self.get_checkout_page_url(verified_mode.sku, course_run_keys=[str(course_key)])


@pluggable_override("OVERRIDE_REFUND_SEAT")
def refund_seat(course_enrollment: Any, change_mode: bool = False) -> list[Any] | None:
    """The real platform asks the ecommerce service; here there is none to ask."""
    raise ConnectionError("The mini LMS has no ecommerce service")
