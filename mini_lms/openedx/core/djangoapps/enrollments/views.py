"""REST v1: listing and making enrolments.

The real views have throttles of their own (40 a minute for users, 120 for staff); these have none.
"""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.crypto import constant_time_compare
from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from edx_rest_framework_extensions.auth.session.authentication import (
    SessionAuthenticationAllowInactiveUser,
)
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from rest_framework import permissions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import EnrollmentNotAllowed
from common.djangoapps.student.roles import CourseStaffRole, GlobalStaff
from openedx.core.djangoapps.course_groups.models import CourseUserGroup
from openedx.core.djangoapps.embargo import api as embargo_api
from openedx.core.djangoapps.enrollments import api
from openedx.core.djangoapps.enrollments.errors import (
    CourseEnrollmentError,
    CourseEnrollmentExistsError,
    CourseModeNotFoundError,
    InvalidEnrollmentAttribute,
)
from openedx.core.djangoapps.enrollments.submission import BadRequest, Submission
from openedx.core.lib.exceptions import CourseNotFoundError

log = logging.getLogger(__name__)


def has_api_key(request: Any) -> bool:
    """The request carries the site's API key: a server, not a learner."""
    expected = settings.EDX_API_KEY
    given = request.META.get("HTTP_X_EDX_API_KEY", "")
    return bool(expected) and constant_time_compare(given, expected)


class ApiKeyHeaderPermissionIsAuthenticated(permissions.IsAuthenticated):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return has_api_key(request) or super().has_permission(request, view)


class EnrollmentListView(APIView):
    authentication_classes = (JwtAuthentication, SessionAuthenticationAllowInactiveUser)
    permission_classes = (ApiKeyHeaderPermissionIsAuthenticated,)

    def get(self, request: Request) -> Response:
        """One's own enrolments; those of `?user=` for staff, or in courses where one is staff."""
        username = request.GET.get("user", request.user.username)
        try:
            data = api.get_enrollments(username)
        except CourseEnrollmentError:
            message = f"An error occurred while retrieving enrollments for user '{username}'"
            return _bad_request(message)
        if username == request.user.username or self._is_privileged(request):
            return Response(data)
        return Response([row for row in data if _is_staff_of(request.user, row)])

    def post(self, request: Request) -> Response:
        """Learners enrol themselves, free of charge; staff and servers enrol and change anybody."""
        given_id = request.data.get("course_details", {}).get("course_id")
        if not given_id:
            return _bad_request("Course ID must be specified to create a new enrollment.")
        try:
            course_key = CourseKey.from_string(given_id)
        except InvalidKeyError:
            return _bad_request(f"No course '{given_id}' found for enrollment")
        user_or_refusal = self._user_asked_for(request)
        if isinstance(user_or_refusal, Response):
            return user_or_refusal
        user = user_or_refusal
        embargoed = embargo_api.get_embargo_response(request, course_key, user)
        if embargoed:
            return embargoed
        submission = Submission(
            user=user,
            course_key=course_key,
            data=request.data,
            is_backend_service=has_api_key(request),
            is_staff=GlobalStaff().has_user(request.user),
        )
        return _answer(submission)

    def _is_privileged(self, request: Request) -> bool:
        return GlobalStaff().has_user(request.user) or has_api_key(request)

    def _user_asked_for(self, request: Request) -> User | Response:
        """The user, by name, else by address, else oneself; or the refusal.

        Asking for others without the right to is a 404, so that nothing can be guessed from it.
        """
        username = request.data.get("user")
        mode = request.data.get("mode")
        privileged = self._is_privileged(request)
        if username and username != request.user.username and not privileged:
            return Response(status=status.HTTP_404_NOT_FOUND)
        email = request.data.get("email")
        if not username and email:
            if not privileged:
                return Response(status=status.HTTP_404_NOT_FOUND)
            found = User.objects.filter(email=email).first()
            message = f"The user with the email address {email} does not exist."
        else:
            username = username or request.user.username
            found = User.objects.filter(username=username).first()
            message = f"The user {username} does not exist."
        if mode not in (CourseMode.AUDIT, CourseMode.HONOR, None) and not privileged:
            refusal = f"User does not have permission to create enrollment with mode [{mode}]."
            return Response({"message": refusal}, status=status.HTTP_403_FORBIDDEN)
        if found is None:
            return Response({"message": message}, status=status.HTTP_406_NOT_ACCEPTABLE)
        return found


def _answer(submission: Submission) -> Response:
    """Runs the submission and gives each outcome its status and body."""
    username, course_id = submission.user.username, str(submission.course_key)
    try:
        return Response(submission.run())
    except BadRequest as error:
        return _bad_request(str(error))
    except InvalidEnrollmentAttribute as error:
        return _bad_request(str(error), localizedMessage=str(error))
    except EnrollmentNotAllowed as error:
        data = {"message": str(error), "localizedMessage": str(error)}
        return Response(data, status=status.HTTP_403_FORBIDDEN)
    except CourseModeNotFoundError as error:
        mode = submission.data.get("mode")
        message = (
            f"The [{mode}] course mode is expired or otherwise unavailable "
            f"for course run [{course_id}]."
        )
        return _bad_request(message, course_details=error.data)
    except CourseNotFoundError:
        return _bad_request(f"No course '{course_id}' found for enrollment")
    except CourseEnrollmentExistsError as error:
        return Response(error.enrollment)
    except CourseEnrollmentError:
        log.exception("User %s was not enrolled in %s", submission.user.id, course_id)
        return _bad_request(
            "An error occurred while creating the new course enrollment for user "
            f"'{username}' in course '{course_id}'"
        )
    except CourseUserGroup.DoesNotExist:
        cohort = submission.data.get("cohort")
        return _bad_request(f"An error occured while adding to cohort [{cohort}]")


def _is_staff_of(user: User, enrollment: dict[str, Any]) -> bool:
    key = CourseKey.from_string(enrollment["course_details"]["course_id"])
    return CourseStaffRole(key).has_user(user)


def _bad_request(message: str, **more: Any) -> Response:
    return Response({"message": message, **more}, status=status.HTTP_400_BAD_REQUEST)
