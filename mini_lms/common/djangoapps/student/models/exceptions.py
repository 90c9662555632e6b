"""Why an enrolment or unenrolment did not happen."""


class CourseEnrollmentException(Exception):
    """Parent of everything that `CourseEnrollment.enroll` and `unenroll` raise."""


class NonExistentCourseError(CourseEnrollmentException):
    pass


class EnrollmentClosedError(CourseEnrollmentException):
    pass


class CourseFullError(CourseEnrollmentException):
    pass


class AlreadyEnrolledError(CourseEnrollmentException):
    pass


class EnrollmentNotAllowed(CourseEnrollmentException):
    """A step of the CourseEnrollmentStarted filter refused; its text is the exception's."""


class UnenrollmentNotAllowed(CourseEnrollmentException):
    """A step of the CourseUnenrollmentStarted filter refused; its text is the exception's."""
