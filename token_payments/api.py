"""The public Python surface: what other plugins, the demo and scripts may call.

Operations change something, take keyword arguments and the time as ``now``, and raise the errors of
``token_payments.errors``; queries only read. Everything not named in ``__all__`` may change.
"""

from token_payments.catalogue.operations import check_item, save_item
from token_payments.catalogue.queries import (
    Offer,
    Price,
    get_offer,
    is_paid,
    list_priced_items,
    list_token_prices,
    takes_codes,
)
from token_payments.checkout.members import (
    MAX_PEOPLE,
    MemberResult,
    MembersPreview,
    Person,
    find_people,
    pay_for_members,
    preview_members,
)
from token_payments.checkout.operations import enrol_again, place_in_group, redeem
from token_payments.checkout.payment_methods import get_method, list_methods
from token_payments.checkout.payment_methods.base import PaymentMethod
from token_payments.checkout.queries import (
    Review,
    check_learner,
    count_seats_left,
    may_know_reason,
    must_pay_first,
    review,
)
from token_payments.orders.cancellations import cancel_order, cancel_unused
from token_payments.orders.generation import count_generated, generate
from token_payments.orders.operations import (
    change_order,
    request_order,
    start_processing,
)
from token_payments.orders.queries import (
    OrderCounts,
    check_key,
    count_codes,
    count_order,
    count_orders,
    find_code,
    find_refund_limit,
    iterate_codes,
    search_orders,
    suggest_refund,
    sum_refunds,
)
from token_payments.orders.reveals import hand_out_codes, reveal_codes
from token_payments.orders.wallet_tokens import check_processable
from token_payments.wallets.accounts import (
    find_role,
    freeze_account,
    remove_member,
    set_member,
    unfreeze_account,
)
from token_payments.wallets.fifo import is_usable
from token_payments.wallets.ledger import is_expired
from token_payments.wallets.operations import (
    adjust_issue,
    extend_expiry,
    find_default_expiry,
    raise_issue,
)
from token_payments.wallets.queries import (
    EXPIRING_SOON,
    Balance,
    Expiring,
    get_balance,
    list_accounts,
    list_balances,
    list_expiring,
    list_usable_issues,
)
from token_payments.wallets.spending import Expired, expire_all_issues, expire_issues
from token_payments.wallets.statements import (
    StatementFilter,
    StatementLine,
    add_balances,
    describe_what,
    iterate_statement,
    list_statement,
)
from token_payments.wallets.token_types import (
    TypeUses,
    archive_type,
    delete_type,
    find_uses,
    restore_type,
)

__all__ = [
    "EXPIRING_SOON",
    "MAX_PEOPLE",
    "Balance",
    "Expired",
    "Expiring",
    "MemberResult",
    "MembersPreview",
    "Offer",
    "OrderCounts",
    "PaymentMethod",
    "Person",
    "Price",
    "Review",
    "StatementFilter",
    "StatementLine",
    "TypeUses",
    "add_balances",
    "adjust_issue",
    "archive_type",
    "cancel_order",
    "cancel_unused",
    "change_order",
    "check_item",
    "check_key",
    "check_learner",
    "check_processable",
    "count_codes",
    "count_generated",
    "count_order",
    "count_orders",
    "count_seats_left",
    "delete_type",
    "describe_what",
    "enrol_again",
    "expire_all_issues",
    "expire_issues",
    "extend_expiry",
    "find_code",
    "find_default_expiry",
    "find_people",
    "find_refund_limit",
    "find_role",
    "find_uses",
    "freeze_account",
    "generate",
    "get_balance",
    "get_method",
    "get_offer",
    "hand_out_codes",
    "is_expired",
    "is_paid",
    "is_usable",
    "iterate_codes",
    "iterate_statement",
    "list_accounts",
    "list_balances",
    "list_expiring",
    "list_methods",
    "list_priced_items",
    "list_statement",
    "list_token_prices",
    "list_usable_issues",
    "may_know_reason",
    "must_pay_first",
    "pay_for_members",
    "place_in_group",
    "preview_members",
    "raise_issue",
    "redeem",
    "remove_member",
    "request_order",
    "restore_type",
    "reveal_codes",
    "review",
    "save_item",
    "search_orders",
    "set_member",
    "start_processing",
    "suggest_refund",
    "sum_refunds",
    "takes_codes",
    "unfreeze_account",
]
