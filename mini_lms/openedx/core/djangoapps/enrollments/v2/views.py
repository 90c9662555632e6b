"""REST v2: making enrolments by the rules of v1, refusals in one envelope. Listing isn't here."""

from __future__ import annotations

from edx_rest_framework_extensions.auth.jwt.authentication import JwtAuthentication
from edx_rest_framework_extensions.auth.session.authentication import (
    SessionAuthenticationAllowInactiveUser,
)
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from openedx.core.djangoapps.enrollments.v2.view_services import create_or_update_enrollment
from openedx.core.djangoapps.enrollments.views import (
    ApiKeyHeaderPermissionIsAuthenticated,
    has_api_key,
)

try:
    from edx_rest_framework_extensions.mixins import StandardizedErrorMixin
except ImportError:  # edx-drf-extensions before the envelope: DRF's own {"detail": ...}

    class StandardizedErrorMixin:  # type: ignore[no-redef]
        pass


class EnrollmentViewSet(StandardizedErrorMixin, viewsets.ViewSet):  # type: ignore[misc]
    authentication_classes = (JwtAuthentication, SessionAuthenticationAllowInactiveUser)
    permission_classes = (ApiKeyHeaderPermissionIsAuthenticated,)

    def create(self, request: Request) -> Response:
        given_id = request.data.get("course_details", {}).get("course_id")
        if not given_id:
            raise ValidationError("Course ID must be specified to create a new enrollment.")
        try:
            course_key = CourseKey.from_string(given_id)
        except InvalidKeyError as error:
            raise ValidationError(f"No course '{given_id}' found for enrollment") from error
        return Response(create_or_update_enrollment(request, has_api_key(request), course_key))
