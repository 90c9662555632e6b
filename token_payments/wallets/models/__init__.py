"""What accounts hold, as tables."""

from token_payments.wallets.models.accounts import (
    Account,
    AccountMember,
    AccountRole,
    TokenType,
    Wallet,
)
from token_payments.wallets.models.entries import (
    NEGATIVE,
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
)
from token_payments.wallets.models.settings import TokenSettings

__all__ = [
    "MAX_ISSUE",
    "MAX_REMAINING",
    "NEGATIVE",
    "POSITIVE",
    "Account",
    "AccountMember",
    "AccountRole",
    "EntryKind",
    "IssueSource",
    "LedgerEntry",
    "LedgerQuerySet",
    "TokenIssue",
    "TokenSettings",
    "TokenType",
    "Wallet",
]
