"""The public Python surface: what other plugins, the demo and scripts may call.

Operations change something, take keyword arguments and the time as ``now``, and raise the errors of
``token_payments.errors``; queries only read. Everything not named in ``__all__`` may change.
"""

from token_payments.catalogue.operations import check_item, save_item
from token_payments.catalogue.queries import Offer, Price, get_offer, is_paid, takes_payment
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
from token_payments.orders.generation import count_generated, generate
from token_payments.orders.operations import (
    cancel_codes,
    cancel_order,
    change_order,
    request_order,
    start_processing,
)
from token_payments.orders.queries import (
    CodeCounts,
    check_key,
    count_codes,
    count_codes_of,
    find_code,
    find_refund_limit,
    iterate_codes,
    search_orders,
    suggest_refund,
    sum_refunds,
)
from token_payments.orders.reveals import hand_out_codes, reveal_codes

__all__ = [
    "CodeCounts",
    "Offer",
    "PaymentMethod",
    "Price",
    "Review",
    "cancel_codes",
    "cancel_order",
    "change_order",
    "check_item",
    "check_key",
    "check_learner",
    "count_codes",
    "count_codes_of",
    "count_generated",
    "count_seats_left",
    "enrol_again",
    "find_code",
    "find_refund_limit",
    "generate",
    "get_method",
    "get_offer",
    "hand_out_codes",
    "is_paid",
    "iterate_codes",
    "list_methods",
    "may_know_reason",
    "must_pay_first",
    "place_in_group",
    "redeem",
    "request_order",
    "reveal_codes",
    "review",
    "save_item",
    "search_orders",
    "start_processing",
    "suggest_refund",
    "sum_refunds",
    "takes_payment",
]
