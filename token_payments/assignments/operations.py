"""The writes about assignments and delegates, each from the file of its feature."""

from token_payments.assignments.cancelling import (
    cancel_own,
    cancel_unused,
    grant_cancellation,
    request_cancellation,
)
from token_payments.assignments.giving import (
    Recipient,
    add_delegate,
    assign_codes,
    reassign,
    remove_delegate,
    revoke,
)
from token_payments.assignments.mails import (
    claim_mail,
    confirm_mail,
    fail_mail,
    remind,
    send_again,
    send_batch_again,
)
from token_payments.assignments.own_codes import reveal_own_code
from token_payments.assignments.previews import assign_list, reassign_to
