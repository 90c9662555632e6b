"""Putting learners into the group of what they paid with: after the commit, and again later.

Whatever fails here never undoes the enrolment: it is recorded, and tried again less and less often.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from token_payments.checkout.models import GroupProblem, GroupState, Redemption
from token_payments.hosts import host
from token_payments.hosts.base import Placement

MAX_TRIES = 12  # then it is left to people: about a week after the payment
FIRST_WAIT, LONGEST_WAIT = timedelta(hours=1), timedelta(days=1)
PAGE = 500
WAITING = (GroupState.PENDING, GroupState.FAILED)
DONE = (Placement.PLACED, Placement.ALREADY, Placement.MOVED)
PROBLEMS = {Placement.MISSING: GroupProblem.MISSING, Placement.REFUSED: GroupProblem.REFUSED}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Retried:
    """The result of a run: learners placed, and not; ``given_up`` are those not placed for good.

    ``is_cut`` says that more were due than one run does.
    """

    placed: int = 0
    failed: int = 0
    given_up: int = 0
    is_cut: bool = False


def place_in_group(redemption: Redemption, *, now: datetime) -> GroupState:
    """Put the learner into the group that the redemption names; safe to do again.

    Runs after the enrolment is committed: whatever fails here can't undo it, and is recorded.
    """
    row = Redemption.objects.filter(pk=redemption.pk)
    row.update(group_tries=F("group_tries") + 1, group_tried_at=now)
    return _place(redemption)


def retry_groups(*, now: datetime, limit: int = 500) -> Retried:
    """Place up to ``limit`` learners whose turn it is: who weren't placed, and haven't left.

    The wait doubles with each try, from an hour to a day; after MAX_TRIES it is left to people.
    Two at once do each once: the one that counts the try makes it. What dies is due again later.
    """
    placed = failed = given_up = 0
    for redemption in _list_due(now):
        if placed + failed == limit:
            return Retried(placed, failed, given_up, is_cut=True)
        if not _claim(redemption, now):
            continue
        if _place(redemption) == GroupState.PLACED:
            placed += 1
        else:
            failed += 1
            given_up += redemption.group_tries + 1 >= MAX_TRIES
    return Retried(placed, failed, given_up)


def _list_due(now: datetime) -> Iterator[Redemption]:
    last = 0
    waiting = Redemption.objects.filter(
        live=True, left_at=None, group_state__in=WAITING, group_tries__lt=MAX_TRIES
    )
    rows = waiting.select_related("learner", "item").order_by("id")
    while page := list(rows.filter(pk__gt=last)[:PAGE]):
        yield from (row for row in page if _is_due(row, now))
        last = page[-1].pk


def _is_due(redemption: Redemption, now: datetime) -> bool:
    """The first try is made right after the commit: until it is late, no sweep takes it over."""
    tries, before = redemption.group_tries, redemption.group_tried_at or redemption.completed_at
    wait = min(FIRST_WAIT * 2 ** max(0, tries - 1), LONGEST_WAIT)
    return before is not None and now >= before + wait


def _claim(redemption: Redemption, now: datetime) -> bool:
    """Whether the caller is the one who makes this try."""
    seen = Redemption.objects.filter(
        pk=redemption.pk,
        live=True,
        group_state__in=WAITING,
        group_tries=redemption.group_tries,
    )
    return bool(seen.update(group_tries=F("group_tries") + 1, group_tried_at=now))


def _place(redemption: Redemption) -> GroupState:
    problem: str = ""
    try:
        with transaction.atomic():
            placement = host.place_in_group(
                redemption.learner, redemption.item.item_key, redemption.group_name
            )
    except Exception:
        log.exception("redemption %s: group placement failed", redemption.uuid)
        problem = GroupProblem.BROKEN
    else:
        problem = "" if placement in DONE else PROBLEMS[placement]
    redemption.group_problem = problem
    redemption.group_state = GroupState.FAILED if problem else GroupState.PLACED
    Redemption.objects.filter(pk=redemption.pk).update(
        group_state=redemption.group_state, group_problem=problem
    )
    return redemption.group_state
