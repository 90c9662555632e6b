"""Reminders of what ends: to each recipient one mail a day, with everything that is due to them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.views.decorators.debug import sensitive_variables

from token_payments.errors import MailOutcomeUnknown
from token_payments.hosts import host, on_site_of
from token_payments.l10n.dates import end_of_day, local_day
from token_payments.notifications.mails.base import in_site_language, write_mail
from token_payments.notifications.mails.reminder_texts import ReminderLines, describe, load_lines
from token_payments.notifications.mails.transport import MAX_IN_A_ROW, is_final
from token_payments.outbox.notices import (
    claim_together,
    confirm_together,
    digest_address,
    list_claimed,
    release_together,
)
from token_payments.reminders.due import Due
from token_payments.reminders.queries import iterate_due, list_still_due

T = TypeVar("T")
Clock = Callable[[], datetime]

BATCH = 100  # recipients whose texts are loaded at once
KEYS = 1000  # that are looked for in one query

log = logging.getLogger(__name__)


@dataclass
class Reminded:
    """The result of a run. ``failed``: refused for good, or it may have left or not.

    ``postponed`` couldn't be sent now, ``left`` weren't tried: both are due still.
    """

    sent: int = 0
    failed: int = 0
    postponed: int = 0
    left: int = 0
    is_down: bool = False


@in_site_language
def send_reminders(*, clock: Clock, limit: int | None = None) -> Reminded:
    """Mail up to ``limit`` recipients what is due to them, each once a day; None: all of them.

    Any number of workers may do this at once, late, or again; ``clock`` gives each step's time.
    """
    waiting: dict[str, list[Due]] = defaultdict(list)
    for due in iterate_due(now=clock()):
        waiting[due.recipient].append(due)
    told_today = _list_told_today(list(waiting), clock())
    recipients = [dues for address, dues in waiting.items() if address not in told_today]
    run, in_a_row, tried = Reminded(), 0, 0
    for batch in _split(recipients[:limit], BATCH):
        now = clock()
        still = list_still_due((due for dues in batch for due in dues), now=now)
        lines = load_lines(still, now=now)
        for dues in batch:
            tried += 1
            with on_site_of(user_id=dues[0].user_id):
                error = _send([due for due in dues if due in still], lines, run, clock)
            in_a_row = in_a_row + 1 if error is not None else 0
            if in_a_row == MAX_IN_A_ROW:
                run.is_down, run.left = True, len(recipients) - tried
                return run
    run.left = len(recipients) - tried
    return run


@sensitive_variables()
def _send(
    dues: Sequence[Due], lines: ReminderLines, run: Reminded, clock: Clock
) -> Exception | None:
    """Send one recipient's mail, if somebody is still to be told of something.

    Returns what went wrong if it may go well later.
    """
    if not dues:
        return None
    now = clock()
    mail = write_mail("expiring", describe(dues, lines, now=now))
    keys = [_make_day_key(dues[0].recipient, now), *sorted(due.key for due in dues)]
    # each is due until it ends, and the mail of the day until the day is over
    wanted_until = max(end_of_day(local_day(now)), *(due.ends for due in dues))
    if not claim_together(keys, now=now, wanted_until=wanted_until):
        return None
    try:
        host.send_to(dues[0].address, mail)
    except Exception as error:  # noqa: BLE001 (whatever it is, the others are sent)
        return _settle(keys, error, run)
    confirm_together(keys, now=clock())
    run.sent += 1
    return None


def _settle(keys: Sequence[str], error: Exception, run: Reminded) -> Exception | None:
    """Count a mail that wasn't sent; returns the error if a later try may succeed."""
    log.warning("reminder %s: %s", keys[0], type(error).__name__)
    if is_final(error) or isinstance(error, MailOutcomeUnknown):
        run.failed += 1
        return None
    release_together(keys)
    run.postponed += 1
    return error


def _list_told_today(recipients: Sequence[str], now: datetime) -> set[str]:
    """Those who had a mail today; what is due to them since waits for tomorrow."""
    keys = {_make_day_key(recipient, now): recipient for recipient in recipients}
    claimed = (list_claimed(part) for part in _split(list(keys), KEYS))
    return {keys[key] for part in claimed for key in part}


def _make_day_key(recipient: str, now: datetime) -> str:
    return f"reminders:{digest_address(recipient)}:{local_day(now):%Y%m%d}"


def _split(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
