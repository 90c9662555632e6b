"""What the enrolment API raises."""

from typing import Any


class CourseEnrollmentError(Exception):
    """Parent of the errors below. `data` describes the course or the enrolment, where known."""

    def __init__(self, msg: str, data: Any = None) -> None:
        super().__init__(msg)
        self.data = data


class UserNotFoundError(CourseEnrollmentError):
    pass


class CourseEnrollmentClosedError(CourseEnrollmentError):
    pass


class CourseEnrollmentFullError(CourseEnrollmentError):
    pass


class CourseEnrollmentExistsError(CourseEnrollmentError):
    """Carries the existing enrolment."""

    def __init__(self, message: str, enrollment: Any) -> None:
        super().__init__(message)
        self.enrollment = enrollment


class CourseModeNotFoundError(CourseEnrollmentError):
    pass


class EnrollmentNotFoundError(CourseEnrollmentError):
    pass


class EnrollmentApiLoadError(CourseEnrollmentError):
    pass


class InvalidEnrollmentAttribute(CourseEnrollmentError):
    pass
