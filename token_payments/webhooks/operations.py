"""The writes about webhooks, each from the file of its feature."""

from token_payments.webhooks.delivery import WebhookRun, deliver_due, purge_log
from token_payments.webhooks.endpoints import (
    add_endpoint,
    change_endpoint,
    redeliver,
    redeliver_all,
    redeliver_failed,
    remove_endpoint,
    rotate_secret,
    send_test,
)
from token_payments.webhooks.recording import write_events
