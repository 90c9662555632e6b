"""Whether a user may enrol themselves: `user.has_perm(ENROLL_IN_COURSE, course)`.

Not a question of capacity, nor of having paid.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

ENROLL_IN_COURSE = "enrollment.enroll_in_course"


class EnrollmentPermissionBackend(BaseBackend):
    """Answers ENROLL_IN_COURSE for a course; knows no other permission and signs nobody in."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm == ENROLL_IN_COURSE and obj is not None and can_enroll(user_obj, obj)


def can_enroll(user: Any, course: Any) -> bool:
    """An invitation decides; then staff may; then not by invitation only, and inside the window."""
    from common.djangoapps.student.models import CourseEnrollmentAllowed
    from common.djangoapps.student.roles import has_course_staff_access

    is_staff = has_course_staff_access(user, course.id)
    if user.is_authenticated:
        invitation = CourseEnrollmentAllowed.objects.filter(
            email=user.email, course_id=course.id
        ).first()
        if invitation is not None:
            ends_with_the_window = settings.FEATURES.get(
                "DISABLE_ALLOWED_ENROLLMENT_IF_ENROLLMENT_CLOSED"
            )
            if ends_with_the_window and not is_staff and not course.is_enrollment_open():
                return False
            return invitation.valid_for_user(user)
    if is_staff:
        return True
    return not _is_invitation_only(course) and course.is_enrollment_open()


def _is_invitation_only(course: Any) -> bool:
    return bool(getattr(settings, "COURSES_INVITE_ONLY", False) or course.invitation_only)
