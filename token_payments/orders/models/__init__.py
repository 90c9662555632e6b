"""The tables of orders, their codes, and what is asked and logged of them."""

from token_payments.orders.models.codes import (
    CancellationRequest,
    CodeStatus,
    TokenCode,
    TokenOrderCancellation,
)
from token_payments.orders.models.log import TokenOrderAction, TokenOrderLogEntry
from token_payments.orders.models.orders import MAX_QUANTITY, OrderKind, OrderStatus, TokenOrder
