"""Learners' accounts, roles and enrolments."""

from .access import CourseAccessRole
from .course_enrollment import CourseEnrollment, EnrollStatusChange
from .enrollment_records import (
    ALLOWEDTOENROLL_TO_ENROLLED,
    DEFAULT_TRANSITION_STATE,
    ENROLLED_TO_ENROLLED,
    ENROLLED_TO_UNENROLLED,
    TRANSITION_STATES,
    UNENROLLED_TO_ALLOWEDTOENROLL,
    UNENROLLED_TO_ENROLLED,
    CourseEnrollmentAllowed,
    CourseEnrollmentAttribute,
    ManualEnrollmentAudit,
)
from .exceptions import (
    AlreadyEnrolledError,
    CourseEnrollmentException,
    CourseFullError,
    EnrollmentClosedError,
    EnrollmentNotAllowed,
    NonExistentCourseError,
    UnenrollmentNotAllowed,
)
from .user import UserAttribute, UserProfile, get_user_by_username_or_email

__all__ = [
    "ALLOWEDTOENROLL_TO_ENROLLED",
    "DEFAULT_TRANSITION_STATE",
    "ENROLLED_TO_ENROLLED",
    "ENROLLED_TO_UNENROLLED",
    "TRANSITION_STATES",
    "UNENROLLED_TO_ALLOWEDTOENROLL",
    "UNENROLLED_TO_ENROLLED",
    "AlreadyEnrolledError",
    "CourseAccessRole",
    "CourseEnrollment",
    "CourseEnrollmentAllowed",
    "CourseEnrollmentAttribute",
    "CourseEnrollmentException",
    "CourseFullError",
    "EnrollStatusChange",
    "EnrollmentClosedError",
    "EnrollmentNotAllowed",
    "ManualEnrollmentAudit",
    "NonExistentCourseError",
    "UnenrollmentNotAllowed",
    "UserAttribute",
    "UserProfile",
    "get_user_by_username_or_email",
]
