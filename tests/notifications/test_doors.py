"""The same step has the same consequences, through whichever door it is made.

What follows is written out here: whoever changes the table (``notifications/table.py``) says so
here as well. Tasks are named with their arguments, and "soon:" where nothing is kept of them;
events by their constants in ``events.py``, and all doors agree on what is in them.
"""

from __future__ import annotations

import ddt

from tests.notifications import (
    doors_assignments,
    doors_cancelling,
    doors_jobs,
    doors_orders,
    doors_payments,
    doors_tokens,
)
from tests.notifications.doors import Doors, Heard, Site
from token_payments.outbox.steps import Step

MODULES = (
    doors_orders,
    doors_cancelling,
    doors_assignments,
    doors_payments,
    doors_tokens,
    doors_jobs,
)
DOORS: Doors = {done: doors for module in MODULES for done, doors in module.DOORS.items()}

CHECK_BALANCE = "soon: check_low_balance(wallet_id=wallet)"
RECEIPT = "mail_redemption(redemption_id=redemption)"
REVERSAL = "mail_reversal(redemption_id=redemption)"
MAIL_LEARNERS = "mail_assignments(order_id=order)"
ANSWER = "mail_cancellation(request_id=request, kind=answered)"
RUN = "run_bulk_job(job_id=job)"
DELIVER = "soon: deliver_webhooks()"

#: By what is done: the steps that are announced, in order, and what follows.
EXPECTED: dict[str, tuple[list[Step], list[str]]] = {
    "codes are requested": (
        [Step.ORDER_REQUESTED],
        ["TOKEN_ORDER_REQUESTED", "mail_order(order_id=order, kind=requested)"],
    ),
    "wallet tokens are requested": (
        [Step.ORDER_REQUESTED],
        ["TOKEN_ORDER_REQUESTED", "mail_order(order_id=order, kind=requested)"],
    ),
    "codes are ordered for a buyer": ([Step.ORDER_REQUESTED], ["TOKEN_ORDER_REQUESTED"]),
    "wallet tokens are ordered for a buyer": ([Step.ORDER_REQUESTED], ["TOKEN_ORDER_REQUESTED"]),
    "codes are wanted": ([Step.CODES_WANTED], ["process_order(order_id=order)"]),
    "codes are made": (
        [Step.ORDER_PROCESSED],
        ["TOKEN_ORDER_PROCESSED", "mail_order(order_id=order, kind=processed)"],
    ),
    "ordered tokens are issued": (
        [Step.TOKENS_ISSUED, Step.ORDER_PROCESSED],
        ["TOKENS_ISSUED", "TOKEN_ORDER_PROCESSED", "mail_order(order_id=order, kind=processed)"],
    ),
    "an order is declined": (
        [Step.ORDER_DECLINED],
        ["TOKEN_ORDER_CANCELLED", "mail_order(order_id=order, kind=declined)"],
    ),
    "an order is withdrawn": (
        [Step.ORDER_WITHDRAWN],
        ["TOKEN_ORDER_CANCELLED", "mail_order(order_id=order, kind=withdrawn)"],
    ),
    "an order of codes is cancelled": (
        [Step.ORDER_CANCELLED],
        ["TOKEN_ORDER_CANCELLED", "mail_order(order_id=order, kind=cancelled)"],
    ),
    "an order of tokens is cancelled": (
        [Step.TOKENS_CANCELLED, Step.BALANCE_LOWERED, Step.ORDER_CANCELLED],
        [
            "TOKENS_CANCELLED",
            CHECK_BALANCE,
            "TOKEN_ORDER_CANCELLED",
            "mail_order(order_id=order, kind=cancelled)",
        ],
    ),
    # the mail would go to whom it is about, whose address is being forgotten
    "the buyer of an order is retired": ([Step.ORDER_CANCELLED], ["TOKEN_ORDER_CANCELLED"]),
    "a code is cancelled": ([Step.CODES_CANCELLED], ["TOKEN_ORDER_PARTLY_CANCELLED"]),
    "an ordered token is cancelled": (
        [Step.TOKENS_CANCELLED, Step.BALANCE_LOWERED, Step.CODES_CANCELLED],
        ["TOKENS_CANCELLED", CHECK_BALANCE, "TOKEN_ORDER_PARTLY_CANCELLED"],
    ),
    "a cancellation is requested": (
        [Step.CANCELLATION_REQUESTED],
        ["mail_cancellation(request_id=request, kind=requested)"],
    ),
    "a cancellation is granted": (
        [Step.CODES_CANCELLED, Step.CANCELLATION_ANSWERED],
        ["TOKEN_ORDER_PARTLY_CANCELLED", ANSWER],
    ),
    "a cancellation is refused": ([Step.CANCELLATION_ANSWERED], [ANSWER]),
    "a cancellation is no longer wanted": ([], []),
    "a helper is named": ([Step.DELEGATE_ADDED], ["mail_delegate(delegate_id=delegate)"]),
    "codes are mailed to the buyer": (
        [Step.CODES_MAIL_WANTED],
        ["mail_codes(order_id=order, actor_id=actor, recipient_id=None)"],
    ),
    "a buyer is mailed the codes": (
        [Step.CODES_MAIL_WANTED],
        ["mail_codes(order_id=order, actor_id=actor, recipient_id=buyer)"],
    ),
    "a helper is mailed the codes": (
        [Step.CODES_MAIL_WANTED],
        ["mail_codes(order_id=order, actor_id=actor, recipient_id=helper)"],
    ),
    "codes are assigned": (
        [Step.CODES_ASSIGNED, Step.MAILS_WAIT],
        ["TOKEN_CODES_ASSIGNED", MAIL_LEARNERS],
    ),
    "a code is reassigned": (
        [Step.CODES_ASSIGNED, Step.MAILS_WAIT],
        ["TOKEN_CODES_ASSIGNED", MAIL_LEARNERS],
    ),
    "learners are reminded": ([Step.MAILS_WAIT], [MAIL_LEARNERS]),
    "mails are sent again": ([Step.MAILS_WAIT], [MAIL_LEARNERS]),
    "a code is taken back": ([], []),
    "a code pays": ([Step.REDEEMED], ["TOKEN_CODE_REDEEMED", RECEIPT]),
    "a wallet pays": ([Step.REDEEMED], ["TOKENS_DEBITED", RECEIPT, CHECK_BALANCE]),
    "a wallet without an alert pays": ([Step.REDEEMED], ["TOKENS_DEBITED", RECEIPT]),
    "a payment by code is reversed": ([Step.REVERSED], ["TOKEN_CODE_REVERSED", REVERSAL]),
    "a payment by wallet is reversed": (
        [Step.TOKENS_REVERSED, Step.REVERSED],
        ["TOKENS_REVERSED", REVERSAL],
    ),
    "expired tokens are given back": (
        [Step.TOKENS_REVERSED, Step.TOKENS_EXPIRED, Step.REVERSED],
        ["TOKENS_REVERSED", "TOKENS_EXPIRED", REVERSAL],
    ),
    "a learner leaves": (
        [Step.LEARNER_LEFT],
        ["judge_unenrolment(redemption_id=redemption, actor_id=actor, left_at=time)"],
    ),
    "who has paid is enrolled again": ([], []),
    "the gate refuses": ([], []),
    "tokens are issued": ([Step.TOKENS_ISSUED], ["TOKENS_ISSUED"]),
    "tokens are added": ([Step.TOKENS_ADJUSTED], ["TOKENS_ADJUSTED"]),
    "tokens are taken away": (
        [Step.TOKENS_ADJUSTED, Step.BALANCE_LOWERED],
        ["TOKENS_ADJUSTED", CHECK_BALANCE],
    ),
    "tokens are transferred": (
        [Step.TOKENS_TRANSFERRED, Step.TOKENS_ISSUED, Step.BALANCE_LOWERED],
        ["TOKENS_TRANSFERRED", "TOKENS_ISSUED", CHECK_BALANCE],
    ),
    "tokens expire later": ([Step.TOKENS_EXTENDED], ["TOKENS_EXTENDED"]),
    "tokens have expired": ([Step.EXPIRIES_RECORDED], ["TOKENS_EXPIRED"]),
    "an alert is set": ([Step.ALERT_CHANGED], [CHECK_BALANCE]),
    "an alert is set above the balance": (
        [Step.LOW_EPISODE_BEGUN, Step.ALERT_CHANGED],
        ["TOKEN_BALANCE_LOW", CHECK_BALANCE],
    ),
    "few tokens are found": ([Step.LOW_EPISODE_BEGUN], ["TOKEN_BALANCE_LOW"]),
    "a webhook is told": (
        [Step.TOKENS_ISSUED, Step.WEBHOOKS_DUE],
        ["TOKENS_ISSUED", DELIVER],
    ),
    "a job is begun": ([Step.JOB_BEGUN], [RUN]),
    "a job is tried again": ([Step.JOB_BEGUN], [RUN]),
    "a webhook is tested": ([Step.WEBHOOKS_DUE], [DELIVER]),
    "webhooks are sent again": ([Step.WEBHOOKS_DUE], [DELIVER]),
    "an endpoint is given up": (
        [Step.ENDPOINT_SWITCHED_OFF],
        ["mail_webhook_off(endpoint_id=endpoint, when=time)"],
    ),
}


@ddt.ddt
class DoorsTest(Site):
    @ddt.data(*EXPECTED)
    def test_the_same_follows_through_every_door(self, done: str) -> None:
        steps, follows = EXPECTED[done]
        first: Heard | None = None
        for door in DOORS[done]:
            with self.subTest(door=door.__name__):
                heard = self.hear(door)
                self.assertEqual(heard.steps, steps)
                self.assertEqual(heard.names, sorted(follows))
                first = first or heard
                self.assertEqual(heard.events, first.events)

    def test_every_step_is_made(self) -> None:
        self.assertEqual(set(DOORS), set(EXPECTED))
        self.assertEqual({step for steps, _ in EXPECTED.values() for step in steps}, set(Step))
