"""The reads about assignments and delegates, and the shapes that they give."""

from token_payments.assignments.access import (
    AssignmentShow,
    MailProgress,
    OrderAccess,
    find_access,
    iterate_assignments,
    list_assignments,
    list_orders_of,
    may_distribute,
    measure_progress,
)
from token_payments.assignments.cancelling import Cancellable, count_cancellable, may_cancel_own
from token_payments.assignments.giving import check_givable, list_unassigned
from token_payments.assignments.mails import is_stale, list_remindable
from token_payments.assignments.models import MAX_RECIPIENTS
from token_payments.assignments.own_codes import (
    OwnCodes,
    find_own_code,
    list_codes_for,
    list_own_codes,
)
from token_payments.assignments.previews import count_unassigned, preview_list
from token_payments.assignments.rows import MAX_EMAIL, MAX_NAME, Row, Verdict, read_one
