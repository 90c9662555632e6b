"""The enrolment API's access to the tables."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.student.models import (
    AlreadyEnrolledError,
    CourseEnrollment,
    CourseEnrollmentAttribute,
    CourseFullError,
    EnrollmentClosedError,
    NonExistentCourseError,
)
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.enrollments.errors import (
    CourseEnrollmentClosedError,
    CourseEnrollmentExistsError,
    CourseEnrollmentFullError,
    InvalidEnrollmentAttribute,
    UserNotFoundError,
)
from openedx.core.djangoapps.enrollments.serializers import (
    CourseEnrollmentSerializer,
    CourseSerializer,
)
from openedx.core.lib.exceptions import CourseNotFoundError

log = logging.getLogger(__name__)


def get_course_enrollments(username: str, include_inactive: bool = False) -> list[dict[str, Any]]:
    found = CourseEnrollment.objects.filter(user__username=username).order_by("created")
    if not include_inactive:
        found = found.filter(is_active=True)
    data = CourseEnrollmentSerializer(found, many=True).data
    return [enrollment for enrollment in data if enrollment["course_details"] is not None]


def get_course_enrollment(username: str, course_id: str) -> dict[str, Any] | None:
    enrollment = _find(username, course_id)
    return CourseEnrollmentSerializer(enrollment).data if enrollment else None


def create_course_enrollment(
    username: str,
    course_id: str,
    mode: str,
    is_active: bool,
    enterprise_uuid: str | None = None,
    force_enrollment: bool = False,
) -> dict[str, Any]:
    """Enrols WITHOUT the mode, so that filters see None, and sets the mode afterwards."""
    user = _get_user(username)
    try:
        enrollment = CourseEnrollment.enroll(
            user,
            CourseKey.from_string(course_id),
            check_access=True,
            can_upgrade=force_enrollment,
            enterprise_uuid=enterprise_uuid,
        )
        return _update_enrollment(enrollment, is_active=is_active, mode=mode)
    except NonExistentCourseError as err:
        raise CourseNotFoundError(str(err)) from err
    except EnrollmentClosedError as err:
        raise CourseEnrollmentClosedError(str(err)) from err
    except CourseFullError as err:
        raise CourseEnrollmentFullError(str(err)) from err
    except AlreadyEnrolledError as err:
        existing = get_course_enrollment(username, course_id)
        raise CourseEnrollmentExistsError(str(err), existing) from err


def update_course_enrollment(
    username: str, course_id: str, mode: str | None = None, is_active: bool | None = None
) -> dict[str, Any] | None:
    """None when there is no row. No filter runs."""
    _get_user(username)
    enrollment = _find(username, course_id)
    if enrollment is None:
        return None
    return _update_enrollment(enrollment, is_active=is_active, mode=mode)


def add_or_update_enrollment_attr(
    username: str, course_id: str, attributes: list[dict[str, str]]
) -> None:
    """Replaces all attributes of the enrolment."""
    user = _get_user(username)
    enrollment = CourseEnrollment.get_enrollment(user, CourseKey.from_string(course_id))
    _check_attributes(attributes)
    if enrollment is not None:
        CourseEnrollmentAttribute.add_enrollment_attr(enrollment, attributes)


def get_enrollment_attributes(username: str, course_id: str) -> list[dict[str, str]]:
    user = _get_user(username)
    enrollment = CourseEnrollment.get_enrollment(user, CourseKey.from_string(course_id))
    return CourseEnrollmentAttribute.get_enrollment_attributes(enrollment)


def unenroll_user_from_all_courses(username: str) -> set[str]:
    """No filter runs. Answers with the organisations of the courses."""
    enrollments = CourseEnrollment.objects.filter(user=_get_user(username))
    with transaction.atomic():
        for enrollment in enrollments:
            _update_enrollment(enrollment, is_active=False)
    return {enrollment.course_id.org for enrollment in enrollments}


def get_course_enrollment_info(course_id: str, include_expired: bool = False) -> dict[str, Any]:
    try:
        course = CourseOverview.get_from_id(CourseKey.from_string(course_id))
    except CourseOverview.DoesNotExist as err:
        msg = f"There is no course {course_id}"
        log.warning(msg)
        raise CourseNotFoundError(msg) from err
    return CourseSerializer(course, include_expired=include_expired).data


def _find(username: str, course_id: str) -> CourseEnrollment | None:
    return CourseEnrollment.objects.filter(
        user__username=username, course_id=CourseKey.from_string(course_id)
    ).first()


def _get_user(username: str) -> User:
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist as err:
        msg = f"There is no user with the username '{username}'."
        log.warning(msg)
        raise UserNotFoundError(msg) from err


def _update_enrollment(
    enrollment: CourseEnrollment, is_active: bool | None = None, mode: str | None = None
) -> dict[str, Any]:
    enrollment.update_enrollment(is_active=is_active, mode=mode)
    enrollment.save()
    return CourseEnrollmentSerializer(enrollment).data


def _check_attributes(attributes: list[dict[str, str]]) -> None:
    for attribute in attributes:
        for key in ("namespace", "name", "value"):
            if key not in attribute:
                raise InvalidEnrollmentAttribute(f"'{key}' not in enrollment attribute")
