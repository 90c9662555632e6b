"""Which of the days ahead has come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta


def compute_stage(last: date, *, today: date, since: date, days: Iterable[int]) -> int | None:
    """The nearest of ``days`` ahead of ``last`` that has come by ``today``; None when none has.

    Those before ``since`` don't count: there was nothing yet to be reminded of.
    """
    come = (ahead for ahead in days if since <= last - timedelta(days=ahead) <= today)
    return min(come, default=None)
