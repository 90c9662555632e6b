"""The Python API of enrolments. Courses are named by strings, users by usernames."""

from __future__ import annotations

import importlib
import logging
from typing import Any

from django.conf import settings
from django.core.cache import cache
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.course_modes.models import CourseMode
from openedx.core.djangoapps.enrollments import errors

log = logging.getLogger(__name__)

DEFAULT_DATA_API = "openedx.core.djangoapps.enrollments.data"


def get_enrollments(username: str, include_inactive: bool = False) -> list[dict[str, Any]]:
    return _data_api().get_course_enrollments(username, include_inactive)


def get_enrollment(username: str, course_id: str) -> dict[str, Any] | None:
    """The row, active or not; None without one."""
    return _data_api().get_course_enrollment(username, course_id)


def add_enrollment(
    username: str,
    course_id: str,
    mode: str | None = None,
    is_active: bool = True,
    enrollment_attributes: list[dict[str, str]] | None = None,
    enterprise_uuid: str | None = None,
    force_enrollment: bool = False,
    include_expired: bool = False,
) -> dict[str, Any]:
    """Enrols, or activates the row again. `EnrollmentNotAllowed` of a filter passes through."""
    if mode is None:
        mode = _default_course_mode(course_id)
    validate_course_mode(course_id, mode, is_active=is_active, include_expired=include_expired)
    enrollment = _data_api().create_course_enrollment(
        username, course_id, mode, is_active, enterprise_uuid, force_enrollment=force_enrollment
    )
    if enrollment_attributes is not None:
        set_enrollment_attributes(username, course_id, enrollment_attributes)
    return enrollment


def update_enrollment(
    username: str,
    course_id: str,
    mode: str | None = None,
    is_active: bool | None = None,
    enrollment_attributes: list[dict[str, str]] | None = None,
    include_expired: bool = False,
) -> dict[str, Any]:
    """Changes a row that exists, with no filter asked and no capacity checked."""
    if mode is not None:
        validate_course_mode(course_id, mode, is_active=is_active, include_expired=include_expired)
    enrollment = _data_api().update_course_enrollment(
        username, course_id, mode=mode, is_active=is_active
    )
    if enrollment is None:
        msg = f"There is no enrollment of user {username} in course {course_id}"
        log.warning(msg)
        raise errors.EnrollmentNotFoundError(msg)
    if enrollment_attributes is not None:
        set_enrollment_attributes(username, course_id, enrollment_attributes)
    return enrollment


def get_course_enrollment_details(course_id: str, include_expired: bool = False) -> dict[str, Any]:
    """The course, its enrolment window and its modes; cached for a minute."""
    key = f"enrollment.course.details.{course_id}.{include_expired}"
    details = cache.get(key)
    if details is None:
        details = _data_api().get_course_enrollment_info(course_id, include_expired)
        cache.set(key, details, getattr(settings, "ENROLLMENT_COURSE_DETAILS_CACHE_TIMEOUT", 60))
    return details


def set_enrollment_attributes(
    username: str, course_id: str, attributes: list[dict[str, str]]
) -> None:
    """REPLACES all attributes: read them first and append."""
    _data_api().add_or_update_enrollment_attr(username, course_id, attributes)


def get_enrollment_attributes(username: str, course_id: str) -> list[dict[str, str]]:
    return _data_api().get_enrollment_attributes(username, course_id)


def unenroll_user_from_all_courses(username: str) -> set[str]:
    return _data_api().unenroll_user_from_all_courses(username)


def validate_course_mode(
    course_id: str, mode: str, is_active: bool | None = None, include_expired: bool = False
) -> None:
    """Raises CourseModeNotFoundError unless the course has this mode.

    To deactivate, a mode that has expired is good enough.
    """
    include_expired = include_expired or is_active is False
    details = _data_api().get_course_enrollment_info(course_id, include_expired=include_expired)
    available = [found["slug"] for found in details["course_modes"]]
    if mode not in available:
        msg = f"Course {course_id} has no mode '{mode}'; it has: {', '.join(available)}"
        log.warning(msg)
        raise errors.CourseModeNotFoundError(msg, details)


def _default_course_mode(course_id: str) -> str:
    """The default mode, else audit or honor, else the default although the course lacks it."""
    available = [
        mode.slug for mode in CourseMode.modes_for_course(CourseKey.from_string(course_id))
    ]
    for slug in (CourseMode.DEFAULT_MODE_SLUG, CourseMode.AUDIT, CourseMode.HONOR):
        if slug in available:
            return slug
    return CourseMode.DEFAULT_MODE_SLUG


def _data_api() -> Any:
    path = getattr(settings, "ENROLLMENT_DATA_API", DEFAULT_DATA_API)
    try:
        return importlib.import_module(path)
    except (ImportError, ValueError) as err:
        raise errors.EnrollmentApiLoadError(path) from err
