"""Django's view of the domain packages' models, and the words for their states.

It is loaded before any app is ready: so are the events, which openedx-events wants to know then.
"""

from token_payments import events  # noqa: F401
from token_payments.answers.models import StoredAnswer
from token_payments.bulk.models import BulkJob, BulkRow, JobKind, JobState, RowState
from token_payments.catalogue.models import (
    TOKEN_CODE_METHOD,
    WALLET_METHOD,
    CatalogueItem,
    CatalogueItemPaymentMethod,
    EnrolmentMethod,
    EnrolmentSettings,
    ItemEnrolmentMethod,
    ItemUnenrolmentPolicy,
    TokenPrice,
    UnenrolmentPolicy,
)
from token_payments.checkout.models import (
    GroupProblem,
    GroupState,
    Redemption,
    RedemptionAction,
    RedemptionLogEntry,
    RedemptionState,
)
from token_payments.distribution.models import (
    MAX_RECIPIENTS,
    AssignmentBatch,
    CodeAssignment,
    MailState,
    OrderDelegate,
)
from token_payments.notices.models import Notice, PendingTask
from token_payments.orders.models import (
    MAX_QUANTITY,
    CancellationRequest,
    CodeStatus,
    OrderKind,
    OrderStatus,
    TokenCode,
    TokenOrder,
    TokenOrderAction,
    TokenOrderCancellation,
    TokenOrderLogEntry,
)
from token_payments.privacy.models import Retirement
from token_payments.wallets.models import (
    MAX_ISSUE,
    Account,
    AccountMember,
    AccountRole,
    EntryKind,
    IssueSource,
    LedgerEntry,
    TokenIssue,
    TokenSettings,
    TokenTransfer,
    TokenType,
    Wallet,
)

__all__ = [
    "MAX_ISSUE",
    "MAX_QUANTITY",
    "MAX_RECIPIENTS",
    "TOKEN_CODE_METHOD",
    "WALLET_METHOD",
    "Account",
    "AccountMember",
    "AccountRole",
    "AssignmentBatch",
    "BulkJob",
    "BulkRow",
    "CancellationRequest",
    "CatalogueItem",
    "CatalogueItemPaymentMethod",
    "CodeAssignment",
    "CodeStatus",
    "EnrolmentMethod",
    "EnrolmentSettings",
    "EntryKind",
    "GroupProblem",
    "GroupState",
    "IssueSource",
    "ItemEnrolmentMethod",
    "ItemUnenrolmentPolicy",
    "JobKind",
    "JobState",
    "LedgerEntry",
    "MailState",
    "Notice",
    "OrderDelegate",
    "OrderKind",
    "OrderStatus",
    "PendingTask",
    "Redemption",
    "RedemptionAction",
    "RedemptionLogEntry",
    "RedemptionState",
    "Retirement",
    "RowState",
    "StoredAnswer",
    "TokenCode",
    "TokenIssue",
    "TokenOrder",
    "TokenOrderAction",
    "TokenOrderCancellation",
    "TokenOrderLogEntry",
    "TokenPrice",
    "TokenSettings",
    "TokenTransfer",
    "TokenType",
    "UnenrolmentPolicy",
    "Wallet",
]
