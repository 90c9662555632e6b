"""Telling learners of the codes that are theirs, and reminding them.

Each mail is claimed, sent and confirmed by itself. Where a worker dies in between, the claim stays:
nobody knows whether that one mail left, and a person decides (``send_again``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from token_payments.assignments import mails as assignment_mails
from token_payments.assignments.models import CodeAssignment
from token_payments.errors import ConfigurationError, MailOutcomeUnknown
from token_payments.hosts import host
from token_payments.hosts.base import Mail
from token_payments.l10n.dates import count_days_left
from token_payments.notifications.mails import base
from token_payments.notifications.mails.transport import MAX_IN_A_ROW, describe, is_final
from token_payments.orders.models import CodeStatus
from token_payments.orders.records import write_codes

Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


@dataclass
class Delivery:
    """The result of a run; ``postponed`` mails wait for another try, ``left`` were not tried.

    ``is_down``: the run ended early, as nothing could be sent any more.
    """

    sent: int = 0
    failed: int = 0
    postponed: int = 0
    left: int = 0
    is_down: bool = False


@base.in_site_language
def send_assignments(
    order_id: int, *, clock: Clock, limit: int, may_postpone: bool = True
) -> Delivery:
    """Send up to ``limit`` of the mails that wait, first mails and reminders, each at most once.

    One that can't be sent now waits for another run, unless ``may_postpone`` is False: then it has
    failed, and so have those that were not tried as the server is down. ``clock`` gives the time of
    each step. Any number of workers may do this at once.
    """
    waiting = assignment_mails.list_waiting_mails(order_id)
    delivery, in_a_row = Delivery(), 0
    for assignment_id in waiting[:limit]:
        error = _send(assignment_id, delivery, clock, may_postpone=may_postpone)
        in_a_row = in_a_row + 1 if error is not None else 0
        if error is not None and in_a_row == MAX_IN_A_ROW:
            delivery.is_down = True
            if not may_postpone:
                delivery.failed += assignment_mails.give_up_mails(waiting, error=describe(error))
            break
    unwanted = gettext(
        "Not sent: the token was used or cancelled, or the last day to redeem it is over."
    )
    delivery.failed += assignment_mails.drop_unwanted_mails(order_id, error=unwanted, now=clock())
    delivery.left = max(0, len(waiting) - limit)
    return delivery


@sensitive_variables()
def _send(
    assignment_id: int, delivery: Delivery, clock: Clock, *, may_postpone: bool
) -> Exception | None:
    """Send one, if it is still to be sent; returns what went wrong if it may go well later."""
    assignment = assignment_mails.claim_mail(assignment_id, now=clock())
    if assignment is None:
        return None
    if not assignment.live or assignment.code.status != CodeStatus.AVAILABLE:
        assignment_mails.release_mail(assignment_id)  # taken away at this moment
        return None
    try:
        host.send_to(assignment.email, _write(assignment, clock()))
    except Exception as error:  # noqa: BLE001 (whatever it is, the others are sent)
        return _settle(assignment, error, delivery, may_postpone=may_postpone)
    assignment_mails.confirm_mail(assignment_id, now=clock())
    delivery.sent += 1
    return None


def _settle(
    assignment: CodeAssignment, error: Exception, delivery: Delivery, *, may_postpone: bool
) -> Exception | None:
    """Record what a mail that wasn't sent comes to; returns the error if it may go well later."""
    order = assignment.code.order.number
    log.warning("order %s, assignment %s: %s", order, assignment.pk, type(error).__name__)
    if isinstance(error, ConfigurationError):
        reason = gettext(
            "The token can't be written: the site's key for it is missing. Tell the site's support."
        )
        is_settled = True
    else:
        reason = describe(error)
        is_settled = is_final(error) or isinstance(error, MailOutcomeUnknown)
    if is_settled or not may_postpone:
        assignment_mails.fail_mail(assignment.pk, error=reason)
        delivery.failed += 1
    else:
        assignment_mails.release_mail(assignment.pk)
        delivery.postponed += 1
    return None if is_settled else error


@sensitive_variables()
def _write(assignment: CodeAssignment, now: datetime) -> Mail:
    """The first mail, or a reminder. Raises ConfigurationError when the code's key is gone."""
    is_reminder = assignment.mailed_at is not None and assignment.reminders > 0
    return base.write_mail(
        "reminder" if is_reminder else "assigned", describe_assignment(assignment, now)
    )


@sensitive_variables()
def describe_assignment(assignment: CodeAssignment, now: datetime) -> dict[str, Any]:
    """The facts of a learner's mail."""
    row = assignment.code
    order = row.order
    code = write_codes(order, [row])[row.serial]
    checkout_url = base.absolute("checkout", item_key=order.course.item_key)
    return {
        "name": base.tidy(assignment.name),
        "email": assignment.email,
        "course": base.tidy(order.subject),
        "code": code,
        "link": f"{checkout_url}#code={code}",
        "checkout_url": checkout_url,
        "giver": base.tidy(host.get_full_name(assignment.batch.actor)),
        "organisation": base.tidy(order.account or order.billing_name),
        "is_open": assignment.is_open,
        "redeem_by": order.redeem_by,
        "days_left": count_days_left(order.redeem_by, now) if order.redeem_by else None,
        "own_codes_url": base.absolute("own_codes"),
    }
