"""Django's view of the domain packages' models, and the words for their states."""

from token_payments.catalogue.models import (
    CatalogueItem,
    CatalogueItemPaymentMethod,
    EnrolmentMethod,
    EnrolmentSettings,
    ItemEnrolmentMethod,
)
from token_payments.checkout.models import GroupState, Redemption, RedemptionState
from token_payments.orders.models import (
    MAX_QUANTITY,
    CodeStatus,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
    TokenOrderCancellation,
    TokenOrderLogEntry,
)

__all__ = [
    "MAX_QUANTITY",
    "CatalogueItem",
    "CatalogueItemPaymentMethod",
    "CodeStatus",
    "EnrolmentMethod",
    "EnrolmentSettings",
    "GroupState",
    "ItemEnrolmentMethod",
    "OrderStatus",
    "Redemption",
    "RedemptionState",
    "TokenCode",
    "TokenOrder",
    "TokenOrderAction",
    "TokenOrderCancellation",
    "TokenOrderLogEntry",
]
