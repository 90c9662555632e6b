"""Django's view of the domain packages' models, and the words for their states.

It is loaded before any app is ready: so are the events, which openedx-events wants to know then.
"""

from token_payments import events
from token_payments.assignments.models import (
    MAX_RECIPIENTS,
    AssignmentBatch,
    CodeAssignment,
    MailState,
    OrderDelegate,
)
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
from token_payments.outbox.models import Notice, PendingTask, StoredAnswer
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
from token_payments.webhooks.models import (
    MAX_URL,
    DeliveryProblem,
    DeliveryState,
    OffReason,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
