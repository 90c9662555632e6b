"""Django's view of the domain packages' models, and the words for their states."""

from token_payments.catalogue.models import (
    CatalogueItem,
    CatalogueItemPaymentMethod,
    EnrolmentMethod,
    EnrolmentSettings,
    ItemEnrolmentMethod,
    TokenPrice,
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
from token_payments.wallets.models import (
    Account,
    AccountMember,
    AccountRole,
    EntryKind,
    IssueSource,
    LedgerEntry,
    TokenIssue,
    TokenSettings,
    TokenType,
    Wallet,
)

__all__ = [
    "MAX_QUANTITY",
    "Account",
    "AccountMember",
    "AccountRole",
    "CatalogueItem",
    "CatalogueItemPaymentMethod",
    "CodeStatus",
    "EnrolmentMethod",
    "EnrolmentSettings",
    "EntryKind",
    "GroupState",
    "IssueSource",
    "ItemEnrolmentMethod",
    "LedgerEntry",
    "OrderStatus",
    "Redemption",
    "RedemptionState",
    "TokenCode",
    "TokenIssue",
    "TokenOrder",
    "TokenOrderAction",
    "TokenOrderCancellation",
    "TokenOrderLogEntry",
    "TokenPrice",
    "TokenSettings",
    "TokenType",
    "Wallet",
]
