"""The reads about orders and their codes, and the shapes that they give."""

from token_payments.orders.codes import MIN_KEY_LENGTH, looks_like_code
from token_payments.orders.generation import count_generated
from token_payments.orders.placing import Quote, quote_order
from token_payments.orders.records import (
    OrderCounts,
    check_key,
    compute_refund_limit,
    count_codes,
    count_order,
    count_orders,
    filter_orders,
    find_code,
    find_last_order,
    find_requested,
    iterate_codes,
    search_orders,
    suggest_refund,
    sum_refunds,
)
from token_payments.orders.requests import (
    Outstanding,
    count_outstanding,
    filter_cancellation_requested,
    find_open_request,
    get_open_requests,
    was_withdrawn,
)
from token_payments.orders.serials import MAX_SERIALS, Serials
from token_payments.orders.wallet_tokens import check_processable
