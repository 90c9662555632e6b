"""What an enrolment tells the rest of the platform: openedx events and the older signals.

All of it goes out at once, inside the transaction that changed the row, never on commit.
"""

from __future__ import annotations

from typing import Any

from openedx_events.learning.data import (
    CourseData,
    CourseEnrollmentData,
    UserData,
    UserPersonalData,
)
from openedx_events.learning.signals import (
    COURSE_ENROLLMENT_CHANGED,
    COURSE_ENROLLMENT_CREATED,
    COURSE_UNENROLLMENT_COMPLETED,
)

from common.djangoapps.student.signals import (
    ENROLL_STATUS_CHANGE,
    ENROLLMENT_TRACK_UPDATED,
    UNENROLL_DONE,
)
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

SCORE_RECALCULATION_DELAY = 30


def created(enrollment: Any) -> None:
    COURSE_ENROLLMENT_CREATED.send_event(enrollment=_event_data(enrollment))


def changed(enrollment: Any) -> None:
    COURSE_ENROLLMENT_CHANGED.send_event(enrollment=_event_data(enrollment))


def deactivated(enrollment: Any, event: str, skip_refund: bool) -> None:
    UNENROLL_DONE.send(sender=None, course_enrollment=enrollment, skip_refund=skip_refund)
    status_change(enrollment, event)
    COURSE_UNENROLLMENT_COMPLETED.send_event(enrollment=_event_data(enrollment))


def track_updated(enrollment: Any) -> None:
    ENROLLMENT_TRACK_UPDATED.send(
        sender=None,
        user=enrollment.user,
        course_key=enrollment.course_id,
        mode=enrollment.mode,
        countdown=SCORE_RECALCULATION_DELAY,
    )


def status_change(
    enrollment: Any, event: str, cost: int | None = None, currency: str | None = None
) -> None:
    ENROLL_STATUS_CHANGE.send(
        sender=None,
        event=event,
        user=enrollment.user,
        mode=enrollment.mode,
        course_id=enrollment.course_id,
        cost=cost,
        currency=currency,
    )


def _event_data(enrollment: Any) -> CourseEnrollmentData:
    user = enrollment.user
    person = UserPersonalData(username=user.username, email=user.email, name=user.profile.name)
    return CourseEnrollmentData(
        user=UserData(pii=person, id=user.id, is_active=user.is_active),
        course=_course_data(enrollment),
        mode=enrollment.mode,
        is_active=enrollment.is_active,
        creation_date=enrollment.created,
    )


def _course_data(enrollment: Any) -> CourseData:
    try:
        name = enrollment.course.display_name
    except CourseOverview.DoesNotExist:
        return CourseData(course_key=enrollment.course_id)
    return CourseData(course_key=enrollment.course_id, display_name=name)
