"""The switch of the (retired) ecommerce service."""

from config_models.models import ConfigurationModel
from django.db import models


class CommerceConfiguration(ConfigurationModel):
    """.. no_pii:"""

    class Meta:
        app_label = "commerce"

    DEFAULT_RECEIPT_PAGE_URL = "/checkout/receipt/?order_number="

    checkout_on_ecommerce_service = models.BooleanField(
        default=False, help_text="Use the checkout page of an external ecommerce service."
    )
    basket_checkout_page = models.CharField(
        max_length=255,
        default="/basket/add/",
        help_text="Path of the basket page of the ecommerce service.",
    )
    cache_ttl = models.PositiveIntegerField(default=0, verbose_name="Cache time to live")
    receipt_page = models.CharField(max_length=255, default=DEFAULT_RECEIPT_PAGE_URL)
    enable_automatic_refund_approval = models.BooleanField(default=True)

    def __str__(self) -> str:
        return "Commerce configuration"
