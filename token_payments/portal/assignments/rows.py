"""Assignments as the order's people read them, on the pages and in the CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from token_payments import conf
from token_payments.assignments import queries as assignment_queries
from token_payments.hosts import host, list_name_relations
from token_payments.l10n.formats import format_day
from token_payments.models import CodeAssignment, CodeStatus, MailState, Redemption, TokenOrder

#: What is said of a state, and of a mail that was a reminder.
TITLES: dict[str, Any] = {
    "ended": _("Taken back"),
    "redeemed": _("Redeemed"),
    "cancelled": _("Cancelled"),
    "waiting": _("Waiting to be sent"),
    "sending": _("Being sent"),
    "stale": _("Not known whether it was sent"),
    "sent": _("Sent"),
    "reminded": _("Reminded"),
    "failed": _("Could not be sent"),
}


@dataclass(frozen=True)
class AssignmentLine:
    """An assignment with what became of it; ``redemption`` is the payment with its code."""

    assignment: CodeAssignment
    redemption: Redemption | None
    now: datetime

    @property
    def is_live(self) -> bool:
        return bool(self.assignment.live)

    @property
    def is_unused(self) -> bool:
        return self.is_live and self.assignment.code.status == CodeStatus.AVAILABLE

    @property
    def is_failed(self) -> bool:
        return self.is_unused and self.assignment.mail_state == MailState.FAILED

    @property
    def is_stale(self) -> bool:
        return self.is_unused and assignment_queries.is_stale(self.assignment, now=self.now)

    @property
    def can_be_sent(self) -> bool:
        return self.is_failed or self.is_stale

    @property
    def state(self) -> str:
        """A word for style sheets and scripts; ``title`` says it to people."""
        if not self.is_live:
            return "ended"
        status = self.assignment.code.status
        if status != CodeStatus.AVAILABLE:
            return str(status)
        return "stale" if self.is_stale else str(self.assignment.mail_state)

    @property
    def title(self) -> str:
        state = self.state
        return str(TITLES["reminded" if state == "sent" and self.assignment.reminders else state])

    @property
    def time(self) -> datetime | None:
        """When the mail left, or the last try began."""
        assignment = self.assignment
        if not self.is_live:
            return assignment.ended_at
        if self.can_be_sent or assignment.mailed_at is None:
            return assignment.mail_claimed_at
        return assignment.mailed_at

    @property
    def written_time(self) -> str:
        return write_time(self.time)

    @property
    def redeemed_by(self) -> str:
        return host.get_full_name(self.redemption.learner) if self.redemption else ""

    @property
    def redeemed_with(self) -> str:
        """The address of the learner who redeemed the code; it may be another one."""
        return self.redemption.learner.email if self.redemption else ""

    @property
    def is_by_another(self) -> bool:
        return bool(self.redemption) and self.redeemed_with.lower() != self.assignment.email

    @property
    def enrolled_at(self) -> datetime | None:
        if self.redemption is None:
            return None
        return self.redemption.completed_at or self.redemption.created_at


def describe(assignments: Sequence[CodeAssignment], now: datetime) -> list[AssignmentLine]:
    """In one query more, however many there are; their codes are loaded."""
    codes = [assignment.code_id for assignment in assignments]
    live = Redemption.objects.filter(code__in=codes, live=True)
    found = {row.code_id: row for row in live.select_related(*list_name_relations("learner"))}
    return [AssignmentLine(each, found.get(each.code_id), now) for each in assignments]


def write_time(instant: datetime | None) -> str:
    """A local day and time, e.g. 21 November 2026, 14:05; empty for None."""
    if instant is None:
        return ""
    local = timezone.localtime(instant, conf.time_zone())
    return f"{format_day(local.date())}, {formats.time_format(local, 'H:i')}"


def write_lines(
    order: TokenOrder, pages: Iterable[Sequence[CodeAssignment]], now: datetime
) -> Iterator[list[str]]:
    """The CSV file's cells, the headings first."""
    yield [
        gettext("Order"),
        gettext("Name"),
        gettext("E-mail"),
        gettext("Token ends in"),
        gettext("Who can use it"),
        gettext("State"),
        gettext("Mailed"),
        gettext("Reminders"),
        gettext("Mail error"),
        gettext("Redeemed by"),
        gettext("Redeemed with"),
        gettext("Enrolled"),
        gettext("Given"),
        gettext("Taken back"),
    ]
    for page in pages:
        for line in describe(page, now):
            yield _write_cells(order, line)


def _write_cells(order: TokenOrder, line: AssignmentLine) -> list[str]:
    row = line.assignment
    return [
        order.number,
        row.name,
        row.email,
        row.code.last_four,
        gettext("Whoever has the code") if row.is_open else gettext("Only this address"),
        line.title,
        _write_instant(row.mailed_at),
        str(row.reminders),
        row.mail_error,
        line.redeemed_by,
        line.redeemed_with,
        _write_instant(line.enrolled_at),
        _write_instant(row.created_at),
        _write_instant(row.ended_at),
    ]


def _write_instant(instant: datetime | None) -> str:
    if instant is None:
        return ""
    return timezone.localtime(instant, conf.time_zone()).isoformat(sep=" ", timespec="seconds")
