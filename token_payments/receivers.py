"""What the LMS tells us: its events, which are sent inside the transaction that they are about."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from token_payments import api, conf, tasks
from token_payments.hosts import get_host

log = logging.getLogger(__name__)


def see_learner_leave(*, enrollment: Any, **_kwargs: Any) -> None:
    """An enrolment has ended: what that gives back is decided once it is committed.

    Whatever fails here is logged and found by the daily sweep; it never keeps anybody enrolled.
    """
    if not conf.is_enabled():
        return
    try:
        # a savepoint: an error of the database mustn't break the host's transaction
        with transaction.atomic():
            item_key = get_host().write_key(enrollment.course.course_key)
            redemption = api.find_departure(learner_id=enrollment.user.id, item_key=item_key)
    except Exception:
        log.exception("what leaving a course gives back is left to the sweep")
        return
    if redemption is not None:
        requester = get_host().find_requester()
        actor_id = None if requester is None else int(requester.pk)
        tasks.queue_departure(redemption.pk, actor_id=actor_id, left_at=timezone.now())
