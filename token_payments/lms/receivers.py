"""Receivers of the LMS's events, which are sent inside the transaction that they are about."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from token_payments import conf
from token_payments.checkout import operations as checkout_operations
from token_payments.hosts import host
from token_payments.privacy import operations as privacy_operations

log = logging.getLogger(__name__)


def on_unenrolment(*, enrollment: Any, **_kwargs: Any) -> None:
    """An enrolment has ended: what that gives back is decided once it is committed.

    Whatever fails here is logged and found by the daily sweep; it never keeps anybody enrolled.
    """
    if not conf.is_enabled():
        return
    try:
        # a savepoint: an error of the database mustn't break the host's transaction
        with transaction.atomic():
            item_key = host.write_key(enrollment.course.course_key)
            requester = host.find_requester()
            checkout_operations.note_unenrolment(
                learner_id=enrollment.user.id,
                item_key=item_key,
                actor_id=None if requester is None else int(requester.pk),
                left_at=timezone.now(),
            )
    except Exception:
        log.exception("what leaving a course gives back is left to the sweep")


def connect_retirement() -> None:
    """Listen to what the LMS sends while it retires an account; nothing outside of an LMS.

    Whatever fails is raised: the LMS then puts the retirement into the state of an error, in which
    an operator sees it, and tries again.
    """
    try:
        from openedx.core.djangoapps.user_api.accounts.signals import (  # noqa: PLC0415
            USER_RETIRE_LMS_CRITICAL,
            USER_RETIRE_LMS_MISC,
            USER_RETIRE_MAILINGS,
        )
    except ImportError:
        log.debug("no LMS is here whose accounts could be retired")
        return
    USER_RETIRE_LMS_MISC.connect(retire_person, dispatch_uid="token_payments.misc")
    USER_RETIRE_MAILINGS.connect(retire_address, dispatch_uid="token_payments.mailings")
    USER_RETIRE_LMS_CRITICAL.connect(retire_person, dispatch_uid="token_payments.critical")


def retire_person(*, user: Any, **_kwargs: Any) -> None:
    """Remove what we hold of the person, also while payments are switched off.

    First while the account still has its names, and once more before it loses them: for what came
    between.
    """
    privacy_operations.retire_person(user=user, now=timezone.now())


def retire_address(*, email: str, user: Any = None, **_kwargs: Any) -> None:
    """The address of before, should the LMS not remember it with the user."""
    known = host.list_names(user).addresses if user is not None else ()
    if email and email not in known:
        privacy_operations.retire_person(user=user, addresses=[email], now=timezone.now())
