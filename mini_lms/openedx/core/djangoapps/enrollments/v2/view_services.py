"""What REST v2 does with a POST; refusals are DRF's exceptions."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from opaque_keys.edx.keys import CourseKey
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import EnrollmentNotAllowed
from common.djangoapps.student.roles import GlobalStaff
from openedx.core.djangoapps.course_groups.models import CourseUserGroup
from openedx.core.djangoapps.embargo import api as embargo_api
from openedx.core.djangoapps.enrollments.errors import (
    CourseEnrollmentError,
    CourseEnrollmentExistsError,
    CourseModeNotFoundError,
    InvalidEnrollmentAttribute,
)
from openedx.core.djangoapps.enrollments.submission import BadRequest, Submission
from openedx.core.lib.exceptions import CourseNotFoundError


def create_or_update_enrollment(request: Request, has_key: bool, course_key: CourseKey) -> Any:
    """The enrolment; an existing one as well."""
    is_staff = GlobalStaff().has_user(request.user)
    mode = request.data.get("mode")
    user = _find_user(request, is_privileged=is_staff or has_key)
    embargoed = embargo_api.get_embargo_response(request, course_key, user)
    if embargoed:
        raise PermissionDenied(embargoed.data)
    submission = Submission(user, course_key, request.data, has_key, is_staff)
    try:
        return submission.run()
    except (BadRequest, InvalidEnrollmentAttribute) as error:
        raise ValidationError(str(error)) from error
    except EnrollmentNotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except CourseModeNotFoundError as error:
        raise ValidationError(
            f"The [{mode}] course mode is expired or otherwise unavailable "
            f"for course run [{course_key}]."
        ) from error
    except CourseNotFoundError as error:
        raise ValidationError(f"No course '{course_key}' found for enrollment") from error
    except CourseEnrollmentExistsError as error:
        return error.enrollment
    except CourseEnrollmentError as error:
        raise ValidationError(
            "An error occurred while creating the new course enrollment for user "
            f"'{user.username}' in course '{course_key}'"
        ) from error
    except CourseUserGroup.DoesNotExist as error:
        cohort = request.data.get("cohort")
        raise ValidationError(f"An error occured while adding to cohort [{cohort}]") from error


def _find_user(request: Request, *, is_privileged: bool) -> User:
    """By name, else by address, else oneself; for others one has to be staff or a server."""
    username, email = request.data.get("user"), request.data.get("email")
    asks_for_another = bool(username and username != request.user.username)
    if (asks_for_another or (email and not username)) and not is_privileged:
        raise NotFound
    mode = request.data.get("mode")
    if mode not in (CourseMode.AUDIT, CourseMode.HONOR, None) and not is_privileged:
        raise PermissionDenied(
            f"User does not have permission to create enrollment with mode [{mode}]."
        )
    if email and not username:
        found, who = User.objects.filter(email=email), f"with the email address {email}"
    else:
        username = username or request.user.username
        found, who = User.objects.filter(username=username), username
    user = found.first()
    if user is None:
        raise NotFound(f"The user {who} does not exist.")
    return user
