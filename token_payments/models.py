"""Django's view of the domain packages' models."""

from token_payments.catalogue.models import (
    CatalogueItem,
    CatalogueItemPaymentMethod,
    EnrolmentSettings,
)
from token_payments.checkout.models import Redemption
from token_payments.orders.models import (
    TokenCode,
    TokenOrder,
    TokenOrderCancellation,
    TokenOrderLogEntry,
)

__all__ = [
    "CatalogueItem",
    "CatalogueItemPaymentMethod",
    "EnrolmentSettings",
    "Redemption",
    "TokenCode",
    "TokenOrder",
    "TokenOrderCancellation",
    "TokenOrderLogEntry",
]
