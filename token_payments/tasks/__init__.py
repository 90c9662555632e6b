"""Work for Celery. Tasks take ids, may run twice or at once, and go on where another one died.

They take named arguments, and leave out those that they don't know: one may be of another release.
What they do follows from steps of the domain (``notifications/table.py``); the pending ones that no
broker took are dispatched later by ``resume_pending``.
"""

from token_payments.tasks.bulk import resume_jobs, run_bulk_job, work_on
from token_payments.tasks.mails import (
    mail_assignments,
    mail_cancellation,
    mail_codes,
    mail_delegate,
    mail_order,
    mail_redemption,
    mail_reversal,
)
from token_payments.tasks.scheduled import (
    expire_issues,
    forget_invoices,
    purge_answers,
    purge_notices,
    resume_pending,
    retry_groups,
    run_daily_doctor,
    run_doctor,
    run_groups,
    run_low_balances,
    run_purge,
    run_reminders,
    run_resuming,
    run_sweep,
    send_reminders,
    sweep_departures,
    sweep_low_balances,
)
from token_payments.tasks.webhooks import (
    deliver_webhooks,
    mail_webhook_off,
    purge_webhooks,
    run_webhooks,
    send_webhooks,
)
from token_payments.tasks.work import (
    check_low_balance,
    judge_unenrolment,
    process_order,
)

__all__ = [
    "check_low_balance",
    "deliver_webhooks",
    "expire_issues",
    "forget_invoices",
    "judge_unenrolment",
    "mail_assignments",
    "mail_cancellation",
    "mail_codes",
    "mail_delegate",
    "mail_order",
    "mail_redemption",
    "mail_reversal",
    "mail_webhook_off",
    "process_order",
    "purge_answers",
    "purge_notices",
    "purge_webhooks",
    "resume_jobs",
    "resume_pending",
    "retry_groups",
    "run_bulk_job",
    "run_daily_doctor",
    "run_doctor",
    "run_groups",
    "run_low_balances",
    "run_purge",
    "run_reminders",
    "run_resuming",
    "run_sweep",
    "run_webhooks",
    "send_reminders",
    "send_webhooks",
    "sweep_departures",
    "sweep_low_balances",
    "work_on",
]
