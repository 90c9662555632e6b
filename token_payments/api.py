"""The public Python surface: what other plugins, the demo and scripts may call.

Operations change something, take keyword arguments and the time as ``now``, and raise the errors of
``token_payments.errors``; queries only read. Everything not named in ``__all__`` may change.
"""

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
from token_payments.assignments.cancelling import (
    Cancellable,
    cancel_own,
    cancel_unused,
    count_cancellable,
    grant_cancellation,
    may_cancel_own,
    request_cancellation,
)
from token_payments.assignments.giving import (
    Recipient,
    add_delegate,
    assign_codes,
    check_givable,
    list_unassigned,
    reassign,
    remove_delegate,
    revoke,
)
from token_payments.assignments.mails import (
    claim_mail,
    confirm_mail,
    fail_mail,
    find_remindable,
    is_stale,
    remind,
    send_again,
    send_batch_again,
)
from token_payments.assignments.models import MAX_RECIPIENTS
from token_payments.assignments.own_codes import (
    OwnCodes,
    find_own_code,
    list_codes_for,
    list_own_codes,
    reveal_own_code,
)
from token_payments.assignments.previews import (
    assign_list,
    count_unassigned,
    preview_list,
    reassign_to,
)
from token_payments.assignments.rows import MAX_EMAIL, MAX_NAME, Row, Verdict, read_one
from token_payments.bulk.jobs import (
    cancel_job,
    purge_jobs,
    retry_failed,
    start_assigning,
    start_redeeming,
)
from token_payments.bulk.models import MAX_ENTERED, MAX_ROWS
from token_payments.bulk.previews import RedeemPreview, RowVerdict, preview_redeeming
from token_payments.bulk.progress import (
    Progress,
    count_reasons,
    iterate_rows,
    list_jobs_of,
    may_steer,
    measure_job,
    measure_jobs,
)
from token_payments.bulk.progress import list_stalled as list_stalled_jobs
from token_payments.bulk.running import RUN_FOR, Tells, run_job
from token_payments.catalogue.operations import (
    add_item,
    change_item,
    check_item,
    find_item_version,
    save_item,
)
from token_payments.catalogue.queries import (
    Offer,
    Price,
    get_offer,
    is_paid,
    list_offered_items,
    list_orderable_items,
    list_priced_items,
    list_sold_items,
    list_token_prices,
    takes_codes,
)
from token_payments.checkout.code_returns import CodeOutcome
from token_payments.checkout.code_search import CodePage, filter_codes, get_code_page, read_search
from token_payments.checkout.course_payments import (
    CoursePayments,
    find_course_payments,
    iterate_payments,
    list_course_orders,
    list_payments,
)
from token_payments.checkout.departures import Swept, find_departure, sweep_departures
from token_payments.checkout.entrances import Entrance, EntranceState, find_entrance
from token_payments.checkout.feed import Feed, Place, read_feed
from token_payments.checkout.groups import MAX_TRIES, Retried, place_in_group, retry_groups
from token_payments.checkout.members import (
    MAX_PEOPLE,
    MemberResult,
    MembersPreview,
    Person,
    find_people,
    pay_for_members,
    preview_members,
)
from token_payments.checkout.payment_methods import get_method, list_methods
from token_payments.checkout.payment_methods.base import PaymentMethod
from token_payments.checkout.payment_methods.token_code import refer_to_code, refer_to_text
from token_payments.checkout.payment_methods.wallet_form import WalletOption, list_wallet_options
from token_payments.checkout.places import Places, count_promised, find_places
from token_payments.checkout.redeeming import enrol_again, redeem
from token_payments.checkout.repairs import (
    RepairPreview,
    Standing,
    find_standing,
    preview_repair,
    repair_enrolment,
)
from token_payments.checkout.reversals import (
    ReversalPreview,
    handle_unenrolment,
    preview_reversal,
    reverse,
)
from token_payments.checkout.rules import (
    Review,
    check_learner,
    count_seats_left,
    may_know_reason,
    must_pay_first,
    review,
)
from token_payments.imports.members_file import read_names
from token_payments.imports.recipients import MAX_LIST_BYTES, read_file, read_text
from token_payments.orders.cancellations import cancel_order
from token_payments.orders.codes import looks_like_code
from token_payments.orders.generation import count_generated, generate
from token_payments.orders.outstanding import (
    Outstanding,
    count_outstanding,
    filter_wishes,
    find_open_requests,
)
from token_payments.orders.placing import (
    Quote,
    change_order,
    quote_order,
    request_order,
    start_processing,
)
from token_payments.orders.records import (
    OrderCounts,
    check_key,
    count_codes,
    count_order,
    count_orders,
    filter_orders,
    find_code,
    find_last_order,
    find_refund_limit,
    find_requested,
    iterate_codes,
    search_orders,
    suggest_refund,
    sum_refunds,
)
from token_payments.orders.requests import (
    decline_cancellation,
    decline_order,
    find_open_request,
    was_withdrawn,
    withdraw_cancellation,
    withdraw_order,
)
from token_payments.orders.reveals import hand_out_codes, reveal_codes
from token_payments.orders.serials import MAX_SERIALS, Serials
from token_payments.orders.wallet_tokens import check_processable
from token_payments.outbox.idempotency import (
    Answer,
    Claim,
    claim_key,
    purge_answers,
    release_key,
    store_answer,
)
from token_payments.outbox.notices import claim_notice, purge_notices
from token_payments.outbox.pending import cross_out as cross_out_task
from token_payments.outbox.pending import give_up as give_tasks_up
from token_payments.outbox.pending import hand_over as hand_task_over
from token_payments.outbox.pending import list_due as list_due_tasks
from token_payments.outbox.pending import read_arguments as read_task_arguments
from token_payments.outbox.pending import write_down as write_task_down
from token_payments.presenters.bulk_results import write_results
from token_payments.presenters.code_csv import write_code_list
from token_payments.presenters.code_lines import CodeLine, describe_codes, find_checkout_url
from token_payments.presenters.forecasts import describe_forecast
from token_payments.presenters.ledger_lines import describe_what
from token_payments.presenters.order_log import describe_detail
from token_payments.presenters.refusals import VERDICTS, describe_reason
from token_payments.privacy.export import export_person
from token_payments.privacy.operations import Retired, forget_invoices, retire_person
from token_payments.wallets.accounts import (
    find_role,
    freeze_account,
    remove_member,
    set_member,
    unfreeze_account,
)
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
from token_payments.wallets.issuing import (
    adjust_issue,
    extend_expiry,
    find_default_expiry,
    raise_issue,
)
from token_payments.wallets.ledger import is_expired
from token_payments.wallets.low_balance import (
    MAX_ADDRESSES,
    check_addresses,
    iterate_watched,
    set_low_balance,
    split_addresses,
)
from token_payments.wallets.priority import set_use_last
from token_payments.wallets.returns import Return
from token_payments.wallets.setup import add_account, add_type, change_account, change_type
from token_payments.wallets.spending import Expired, expire_all_issues, expire_issues
from token_payments.wallets.statements import (
    ENTRY_WORDS,
    StatementFilter,
    StatementLine,
    add_balances,
    iterate_statement,
    list_statement,
)
from token_payments.wallets.states import IssueState
from token_payments.wallets.states import find_state as find_issue_state
from token_payments.wallets.token_types import (
    TypeUses,
    archive_type,
    delete_type,
    find_uses,
    restore_type,
)
from token_payments.wallets.transfers import (
    TransferPreview,
    TransferWish,
    preview_transfer,
    transfer_tokens,
)
from token_payments.webhooks.delivery import WebhookRun
from token_payments.webhooks.delivery import deliver_due as deliver_webhooks
from token_payments.webhooks.delivery import purge_log as purge_webhooks
from token_payments.webhooks.endpoints import (
    MAX_ENDPOINTS,
    add_endpoint,
    change_endpoint,
    find_endpoint_version,
    list_event_types,
    remove_endpoint,
)
from token_payments.webhooks.endpoints import OVERLAP as SECRET_OVERLAP
from token_payments.webhooks.endpoints import check_url as check_webhook_url
from token_payments.webhooks.endpoints import redeliver as redeliver_webhook
from token_payments.webhooks.endpoints import redeliver_failed as redeliver_failed_webhooks
from token_payments.webhooks.endpoints import rotate_secret as rotate_webhook_secret
from token_payments.webhooks.endpoints import send_test as send_test_webhook
from token_payments.webhooks.outbox import TEST_TYPE as WEBHOOK_TEST_TYPE
from token_payments.webhooks.outbox import is_wanted as is_webhook_wanted
from token_payments.webhooks.outbox import write_events as write_webhook_events
from token_payments.webhooks.owners import list_endpoints_of
from token_payments.webhooks.owners import list_owners as list_endpoint_owners
from token_payments.webhooks.signing import find_secret as find_webhook_secret

__all__ = [
    "ENTRY_WORDS",
    "MAX_ADDRESSES",
    "MAX_EMAIL",
    "MAX_ENDPOINTS",
    "MAX_ENTERED",
    "MAX_LIST_BYTES",
    "MAX_NAME",
    "MAX_PEOPLE",
    "MAX_RECIPIENTS",
    "MAX_ROWS",
    "MAX_SERIALS",
    "MAX_TRIES",
    "RUN_FOR",
    "SECRET_OVERLAP",
    "VERDICTS",
    "WEBHOOK_TEST_TYPE",
    "Answer",
    "AssignmentShow",
    "Balance",
    "Cancellable",
    "Claim",
    "CodeLine",
    "CodeOutcome",
    "CodePage",
    "CoursePayments",
    "Entrance",
    "EntranceState",
    "Expired",
    "Expiring",
    "Feed",
    "Forecast",
    "IssueState",
    "MailProgress",
    "MemberResult",
    "MembersPreview",
    "Offer",
    "OrderAccess",
    "OrderCounts",
    "Outstanding",
    "OwnCodes",
    "PaymentMethod",
    "Person",
    "Place",
    "Places",
    "Price",
    "Progress",
    "Quote",
    "Recipient",
    "RedeemPreview",
    "RepairPreview",
    "Retired",
    "Retried",
    "Return",
    "ReversalPreview",
    "Review",
    "Row",
    "RowVerdict",
    "Serials",
    "Standing",
    "StatementFilter",
    "StatementLine",
    "Swept",
    "Tells",
    "TransferPreview",
    "TransferWish",
    "TypeUses",
    "Unused",
    "Verdict",
    "WalletOption",
    "WebhookRun",
    "add_account",
    "add_balances",
    "add_delegate",
    "add_endpoint",
    "add_item",
    "add_type",
    "adjust_issue",
    "archive_type",
    "assign_codes",
    "assign_list",
    "cancel_job",
    "cancel_order",
    "cancel_own",
    "cancel_unused",
    "change_account",
    "change_endpoint",
    "change_item",
    "change_order",
    "change_type",
    "check_addresses",
    "check_givable",
    "check_item",
    "check_key",
    "check_learner",
    "check_processable",
    "check_webhook_url",
    "claim_key",
    "claim_mail",
    "claim_notice",
    "confirm_mail",
    "count_cancellable",
    "count_codes",
    "count_generated",
    "count_order",
    "count_orders",
    "count_outstanding",
    "count_promised",
    "count_reasons",
    "count_seats_left",
    "count_unassigned",
    "cross_out_task",
    "decline_cancellation",
    "decline_order",
    "delete_type",
    "deliver_webhooks",
    "describe_codes",
    "describe_detail",
    "describe_forecast",
    "describe_reason",
    "describe_what",
    "end_of_soon",
    "enrol_again",
    "expire_all_issues",
    "expire_issues",
    "export_person",
    "extend_expiry",
    "fail_mail",
    "filter_codes",
    "filter_orders",
    "filter_wishes",
    "find_access",
    "find_checkout_url",
    "find_code",
    "find_course_payments",
    "find_default_expiry",
    "find_departure",
    "find_endpoint_version",
    "find_entrance",
    "find_issue_state",
    "find_item_version",
    "find_last_order",
    "find_open_request",
    "find_open_requests",
    "find_own_code",
    "find_people",
    "find_places",
    "find_refund_limit",
    "find_remindable",
    "find_requested",
    "find_role",
    "find_standing",
    "find_uses",
    "find_webhook_secret",
    "forget_invoices",
    "freeze_account",
    "generate",
    "get_balance",
    "get_code_page",
    "get_method",
    "get_offer",
    "give_tasks_up",
    "grant_cancellation",
    "hand_out_codes",
    "hand_task_over",
    "handle_unenrolment",
    "is_expired",
    "is_paid",
    "is_stale",
    "is_usable",
    "is_webhook_wanted",
    "iterate_assignments",
    "iterate_codes",
    "iterate_payments",
    "iterate_rows",
    "iterate_statement",
    "iterate_watched",
    "list_accounts",
    "list_assignments",
    "list_balances",
    "list_codes_for",
    "list_course_orders",
    "list_due_tasks",
    "list_endpoint_owners",
    "list_endpoints_of",
    "list_event_types",
    "list_expiring",
    "list_forecasts",
    "list_jobs_of",
    "list_methods",
    "list_offered_items",
    "list_orderable_items",
    "list_orders_of",
    "list_own_codes",
    "list_payments",
    "list_priced_items",
    "list_sold_items",
    "list_stalled_jobs",
    "list_statement",
    "list_token_prices",
    "list_unassigned",
    "list_usable_issues",
    "list_wallet_options",
    "looks_like_code",
    "may_cancel_own",
    "may_distribute",
    "may_know_reason",
    "may_steer",
    "measure_job",
    "measure_jobs",
    "measure_progress",
    "must_pay_first",
    "pay_for_members",
    "place_in_group",
    "preview_list",
    "preview_members",
    "preview_redeeming",
    "preview_repair",
    "preview_reversal",
    "preview_transfer",
    "purge_answers",
    "purge_jobs",
    "purge_notices",
    "purge_webhooks",
    "quote_order",
    "raise_issue",
    "read_feed",
    "read_file",
    "read_names",
    "read_one",
    "read_search",
    "read_task_arguments",
    "read_text",
    "reassign",
    "reassign_to",
    "redeem",
    "redeliver_failed_webhooks",
    "redeliver_webhook",
    "refer_to_code",
    "refer_to_text",
    "release_key",
    "remind",
    "remove_delegate",
    "remove_endpoint",
    "remove_member",
    "repair_enrolment",
    "request_cancellation",
    "request_order",
    "restore_type",
    "retire_person",
    "retry_failed",
    "retry_groups",
    "reveal_codes",
    "reveal_own_code",
    "reverse",
    "review",
    "revoke",
    "rotate_webhook_secret",
    "run_job",
    "save_item",
    "search_orders",
    "send_again",
    "send_batch_again",
    "send_test_webhook",
    "set_low_balance",
    "set_member",
    "set_use_last",
    "split_addresses",
    "start_assigning",
    "start_processing",
    "start_redeeming",
    "store_answer",
    "suggest_refund",
    "sum_refunds",
    "sweep_departures",
    "takes_codes",
    "transfer_tokens",
    "unfreeze_account",
    "was_withdrawn",
    "withdraw_cancellation",
    "withdraw_order",
    "write_code_list",
    "write_results",
    "write_task_down",
    "write_webhook_events",
]
