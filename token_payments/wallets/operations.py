"""The writes about accounts and their tokens, each from the file of its feature."""

from token_payments.wallets.accounts import (
    freeze_account,
    remove_member,
    set_member,
    unfreeze_account,
)
from token_payments.wallets.issuing import adjust_issue, extend_expiry, raise_issue
from token_payments.wallets.low_balance import set_low_balance
from token_payments.wallets.priority import set_use_last
from token_payments.wallets.returns import Return
from token_payments.wallets.setup import add_account, add_type, change_account, change_type
from token_payments.wallets.spending import Expired, expire_all_issues, expire_issues
from token_payments.wallets.token_types import archive_type, delete_type, restore_type
from token_payments.wallets.transfers import WantedTransfer, transfer_tokens
