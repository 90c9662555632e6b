"""The reads about accounts and their tokens, and the shapes that they give."""

from token_payments.wallets.accounts import find_role
from token_payments.wallets.balances import (
    Balance,
    Expiring,
    end_of_soon,
    get_balance,
    list_accounts,
    list_balances,
    list_expiring,
    list_usable_issues,
)
from token_payments.wallets.fifo import is_usable
from token_payments.wallets.forecast import Forecast, Unused, list_forecasts
from token_payments.wallets.issuing import compute_default_expiry
from token_payments.wallets.ledger import is_expired
from token_payments.wallets.low_balance import (
    MAX_ADDRESSES,
    check_addresses,
    iterate_watched,
    split_addresses,
)
from token_payments.wallets.statements import (
    ENTRY_RELATED,
    StatementFilter,
    StatementLine,
    add_balances,
    iterate_statement,
    list_statement,
)
from token_payments.wallets.states import IssueState, compute_state
from token_payments.wallets.token_types import TypeUses, count_uses
from token_payments.wallets.transfers import TransferPreview, preview_transfer
