"""The ecommerce service's way in, which outlived it: pages post here after signing somebody in."""

from __future__ import annotations

from typing import Any

from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from edx_rest_framework_extensions.auth.session.authentication import (
    SessionAuthenticationAllowInactiveUser,
)
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment, EnrollmentNotAllowed
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.embargo import api as embargo_api
from openedx.core.djangoapps.enrollments.api import add_enrollment
from openedx.core.djangoapps.enrollments.errors import InvalidEnrollmentAttribute


class BasketsView(APIView):
    """Never makes a basket: enrols in audit, else honor, whatever it costs; no other mode.

    Refusals that come of `add_enrollment`, a full course for one, are not caught, as upstream.
    Entitlements, which are asked for before the mode, are not here.
    """

    authentication_classes = (JwtAuthentication, SessionAuthenticationAllowInactiveUser)
    permission_classes = (IsAuthenticated,)

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        course_id = request.data.get("course_id")
        if not course_id:
            return _answer("Field course_id is missing.", 406)
        try:
            course = CourseOverview.get_from_id(CourseKey.from_string(course_id))
        except (InvalidKeyError, CourseOverview.DoesNotExist) as error:
            return _answer(str(error), 406)
        user, course_id = request.user, str(course.id)
        embargoed = embargo_api.get_embargo_response(request, course.id, user)
        if embargoed:
            return embargoed
        enrollment = CourseEnrollment.get_enrollment(user, course.id)
        if enrollment and enrollment.is_active:
            return _answer(f"User {user.username} is already enrolled in {course_id}.", 409)
        if CourseEnrollment.is_enrollment_closed(user, course):
            return _answer(f"Enrollment is closed for {course_id}.", 406)
        modes = (CourseMode.AUDIT, CourseMode.HONOR)
        mode = next((slug for slug in modes if CourseMode.mode_for_course(course.id, slug)), None)
        if mode is None:
            return _answer(f"Course {course_id} has neither an audit nor an honor mode.", 406)
        try:
            add_enrollment(user.username, course_id, mode)
        except InvalidEnrollmentAttribute as error:
            return _answer(str(error), 400)
        except EnrollmentNotAllowed as error:
            return _answer(f"Enrollment not allowed for user {user.username}: {error}", 403)
        return _answer(f"User {user.username} was enrolled in {course_id} ({mode}).", 200)


def _answer(detail: str, status: int) -> Response:
    return Response({"detail": detail}, status=status)
