"""Whether there is an ecommerce service, and what it used to agree on."""

from datetime import timedelta

from django.conf import settings

ECOMMERCE_DATE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
REFUND_WINDOW = timedelta(days=14)


def is_commerce_service_configured() -> bool:
    return bool(settings.ECOMMERCE_API_URL)
