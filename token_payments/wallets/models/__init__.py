"""The tables of accounts and tokens."""

from token_payments.wallets.models.accounts import (
    Account,
    AccountMember,
    AccountRole,
    TokenType,
    Wallet,
)
from token_payments.wallets.models.entries import (
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    EntryKind,
    LedgerEntry,
    LedgerQuerySet,
)
from token_payments.wallets.models.issues import (
    MAX_ISSUE,
    MAX_REMAINING,
    IssueSource,
    TokenIssue,
    TokenSettings,
    TokenTransfer,
)
