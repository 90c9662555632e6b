"""The one way in which a worker takes a row for itself alone, until it is done or taken for dead.

The process whose UPDATE finds the row free holds it: no lock is held during the work, which may
take long or send something. A row with a state of its own (a job, a mail) advances it there, too.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class Lease:
    """The columns that say who has a row, and for how long.

    ``mark`` is the column with the time from which somebody has it, or until which where
    ``holds_end``; NULL while it is free. After ``length`` the holder is taken for dead; None
    means never. ``holder`` is the column with the UUID of who has it, where more than the mark is
    needed to tell.
    """

    mark: str
    length: timedelta | None = None
    holder: str = ""
    holds_end: bool = False

    def is_free(self, now: datetime) -> Q:
        """Rows that are free, or whose holder is taken for dead."""
        free = Q(**{f"{self.mark}__isnull": True})
        return free if self.length is None else free | self.is_over(now)

    def is_over(self, now: datetime) -> Q:
        """Rows whose holder is taken for dead."""
        assert self.length is not None
        return Q(**{f"{self.mark}__lte": now if self.holds_end else now - self.length})

    def marks(self, now: datetime, *, holder: uuid.UUID | None = None) -> dict[str, Any]:
        """The values that the columns get when somebody takes a row, or keeps it, at ``now``."""
        marks: dict[str, Any] = {self.mark: now}
        if self.holds_end:
            assert self.length is not None
            marks[self.mark] = now + self.length
        if self.holder:
            marks[self.holder] = holder
        return marks

    def take(
        self,
        rows: QuerySet[Any],
        *,
        now: datetime,
        holder: uuid.UUID | None = None,
        **changes: Any,
    ) -> int:
        """Take those of the rows that are free, in one statement; returns how many that were."""
        free = rows.filter(self.is_free(now))
        return free.update(**self.marks(now, holder=holder), **changes)

    def release(self, rows: QuerySet[Any]) -> int:
        """Free the rows for the next one; returns how many there were."""
        cleared = {self.mark: None} | ({self.holder: None} if self.holder else {})
        return rows.update(**cleared)
