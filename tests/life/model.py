"""What the model knows of lots, codes, orders and payments, and how it reckons days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def find_midnight(now: datetime, days: int) -> datetime:
    """The end of the local day that lies so many days after today."""
    day: date = now.astimezone(ZONE).date() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, tzinfo=ZONE).astimezone(UTC)


@dataclass(eq=False)
class Lot:
    """An issue. ``spent`` and ``swept`` are what payments hold of it and what expired."""

    pk: int
    wallet: int
    remaining: int
    issued: datetime
    ends: datetime | None
    spent: int = 0
    swept: int = 0
    use_last: bool = False

    def is_over(self, now: datetime) -> bool:
        return self.ends is not None and now >= self.ends

    def unspent(self, now: datetime) -> int:
        return 0 if self.is_over(now) else self.remaining

    def sweep(self) -> None:
        self.swept, self.remaining = self.swept + self.remaining, 0


def burn_order(lot: Lot) -> tuple[bool, datetime, datetime, int]:
    return lot.use_last, lot.ends or NEVER, lot.issued, lot.pk


def plan(lots: Iterable[Lot], wallet: int, tokens: int, now: datetime) -> dict[Lot, int] | None:
    """What a payment takes of which lots; None when there aren't so many tokens."""
    usable = [lot for lot in lots if lot.wallet == wallet and lot.unspent(now)]
    drawn: dict[Lot, int] = {}
    for lot in sorted(usable, key=burn_order):
        drawn[lot] = min(lot.remaining, tokens - sum(drawn.values()))
    return {lot: n for lot, n in drawn.items() if n} if sum(drawn.values()) == tokens else None


@dataclass(eq=False)
class Code:
    """``holder`` is the address that it was given to, if it was; others may use an open one."""

    pk: int
    status: str = "available"
    holder: str = ""
    is_open: bool = False

    @property
    def is_free(self) -> bool:
        return self.status == "available" and not self.holder


@dataclass(eq=False)
class Order:
    """``course`` is None for an order of wallet tokens, which has a ``lot`` instead of codes."""

    pk: int
    course: int | None
    redeem_by: datetime | None
    codes: list[Code] = field(default_factory=list)
    lot: Lot | None = None
    is_cancelled: bool = False
    wish: tuple[int, int] | None = None  # the open one: its id and how many

    def is_late(self, now: datetime) -> bool:
        return self.redeem_by is not None and now >= self.redeem_by

    def count_free(self, now: datetime) -> int:
        """How many could be cancelled."""
        if self.lot is not None:
            return self.lot.unspent(now)
        return sum(code.is_free for code in self.codes)


@dataclass(eq=False)
class Payment:
    """Paid with a code of an order, or with what was drawn from lots."""

    pk: int
    learner: int
    course: int
    paid: datetime
    order: Order | None = None
    code: Code | None = None
    drawn: dict[Lot, int] = field(default_factory=dict)
    left: datetime | None = None
    is_reversed: bool = False


@dataclass
class Rule:
    """What leaving a course gives back."""

    policy: str = "within_days"
    days: int = 14

    def gives_back(
        self, left: datetime, paid: datetime, starts: datetime, *, by_staff: bool
    ) -> bool:
        answers: dict[str, Any] = {
            "never": False,
            "staff_only": by_staff,
            "until_start": left < starts,
            "within_days": left < find_midnight(max(paid, starts), self.days),
        }
        return bool(answers[self.policy])
