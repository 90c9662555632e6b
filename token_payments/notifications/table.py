"""The one table of what follows from each step of the domain."""

from __future__ import annotations

from collections.abc import Mapping

from token_payments import events
from token_payments.notifications.consequences import (
    check_low_balance,
    decide_about_unenrolment,
    deliver_webhooks,
    mail_assignments,
    mail_cancelled_order,
    mail_codes,
    mail_delegate,
    mail_of_order,
    mail_of_request,
    mail_payment,
    mail_requested_order,
    mail_reversal,
    mail_switched_off,
    make_codes,
    run_job,
)
from token_payments.notifications.public_events import (
    describe_entry,
    describe_expiries,
    describe_low_balance,
    describe_order,
    publish,
    publish_payment,
    publish_reversal,
)
from token_payments.outbox.steps import Consequence, Step

FOLLOWS: Mapping[Step, tuple[Consequence, ...]] = {
    Step.ORDER_REQUESTED: (
        publish(events.TOKEN_ORDER_REQUESTED, describe_order),
        mail_requested_order,
    ),
    Step.CODES_WANTED: (make_codes,),
    Step.ORDER_PROCESSED: (
        publish(events.TOKEN_ORDER_PROCESSED, describe_order),
        mail_of_order("processed"),
    ),
    Step.ORDER_DECLINED: (
        publish(events.TOKEN_ORDER_CANCELLED, describe_order),
        mail_of_order("declined"),
    ),
    Step.ORDER_WITHDRAWN: (
        publish(events.TOKEN_ORDER_CANCELLED, describe_order),
        mail_of_order("withdrawn"),
    ),
    Step.ORDER_CANCELLED: (
        publish(events.TOKEN_ORDER_CANCELLED, describe_order),
        mail_cancelled_order,
    ),
    Step.CODES_CANCELLED: (publish(events.TOKEN_ORDER_PARTLY_CANCELLED, describe_order),),
    Step.CODES_ASSIGNED: (publish(events.TOKEN_CODES_ASSIGNED, describe_order),),
    Step.CODES_MAIL_WANTED: (mail_codes,),
    Step.CANCELLATION_REQUESTED: (mail_of_request("requested"),),
    Step.CANCELLATION_ANSWERED: (mail_of_request("answered"),),
    Step.DELEGATE_ADDED: (mail_delegate,),
    Step.MAILS_WAIT: (mail_assignments,),
    Step.REDEEMED: (publish_payment, mail_payment, check_low_balance),
    Step.REVERSED: (publish_reversal, mail_reversal),
    Step.LEARNER_LEFT: (decide_about_unenrolment,),
    Step.TOKENS_ISSUED: (publish(events.TOKENS_ISSUED, describe_entry),),
    Step.TOKENS_REVERSED: (publish(events.TOKENS_REVERSED, describe_entry),),
    Step.TOKENS_EXPIRED: (publish(events.TOKENS_EXPIRED, describe_entry),),
    Step.TOKENS_EXTENDED: (publish(events.TOKENS_EXTENDED, describe_entry),),
    Step.TOKENS_ADJUSTED: (publish(events.TOKENS_ADJUSTED, describe_entry),),
    Step.TOKENS_CANCELLED: (publish(events.TOKENS_CANCELLED, describe_entry),),
    Step.TOKENS_TRANSFERRED: (publish(events.TOKENS_TRANSFERRED, describe_entry),),
    Step.EXPIRIES_RECORDED: (publish(events.TOKENS_EXPIRED, describe_expiries),),
    Step.BALANCE_LOWERED: (check_low_balance,),
    Step.ALERT_CHANGED: (check_low_balance,),
    Step.LOW_EPISODE_BEGUN: (publish(events.TOKEN_BALANCE_LOW, describe_low_balance),),
    Step.JOB_BEGUN: (run_job,),
    Step.WEBHOOKS_DUE: (deliver_webhooks,),
    Step.ENDPOINT_SWITCHED_OFF: (mail_switched_off,),
}
