"""The writes about orders and their codes, each from the file of its feature."""

from token_payments.orders.cancellations import cancel_order
from token_payments.orders.generation import generate
from token_payments.orders.placing import change_order, request_order, start_processing
from token_payments.orders.requests import (
    decline_cancellation,
    decline_order,
    withdraw_cancellation,
    withdraw_order,
)
from token_payments.orders.reveals import hand_out_codes, mail_codes, reveal_codes
