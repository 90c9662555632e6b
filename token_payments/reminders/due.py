"""One thing that one recipient is to be told of, and which of the days ahead has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from token_payments.l10n.dates import last_day
from token_payments.outbox.notices import digest_address


class ReminderSubject(StrEnum):
    """The thing that ends: tokens of an issue, an order's codes, or a code given to a learner."""

    ISSUE = "issue"
    ORDER = "order"
    CODE = "code"


@dataclass(frozen=True)
class Due:
    """``pk`` is of the issue, the order or the assignment; ``ahead`` the day ahead that has come.

    ``user_id`` is None for a learner, who is known by the address alone.
    """

    subject: ReminderSubject
    pk: int
    ends: datetime
    ahead: int
    address: str
    user_id: int | None = None

    @property
    def recipient(self) -> str:
        """The address as addresses are compared: only A to Z have two cases."""
        return self.address.encode().lower().decode()

    @property
    def key(self) -> str:
        """The notice that says that the recipient was told."""
        day = f"{last_day(self.ends):%Y%m%d}"
        return f"due:{digest_address(self.address)}:{self.subject}:{self.pk}:{day}:{self.ahead}"


def pick(dues: Iterable[Due], subject: ReminderSubject) -> list[int]:
    """The numbers of what ends, of one kind, each once."""
    return list(dict.fromkeys(due.pk for due in dues if due.subject == subject))


def compute_stage(last: date, *, today: date, since: date, days: Iterable[int]) -> int | None:
    """The nearest of ``days`` ahead of ``last`` that has come by ``today``; None when none has.

    Those before ``since`` don't count: there was nothing yet to be reminded of.
    """
    come = (ahead for ahead in days if since <= last - timedelta(days=ahead) <= today)
    return min(come, default=None)
