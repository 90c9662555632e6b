"""Whether a user's country bars them from a course. Only the profile's country is known here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from opaque_keys.edx.keys import CourseKey
from rest_framework import status
from rest_framework.response import Response

from common.djangoapps.student.roles import has_course_staff_access

from .models import CountryAccessRule, RestrictedCourse


def redirect_if_blocked(
    request: HttpRequest,
    course_key: CourseKey,
    access_point: str = "enrollment",
    user: Any = None,
) -> str | None:
    """The path of a page that says why, or None when nothing bars the user."""
    if settings.EMBARGO and not check_course_access(course_key, user=user or request.user):
        return RestrictedCourse.message_url_path(course_key, access_point)
    return None


def check_course_access(course_key: CourseKey, user: Any = None) -> bool:
    if not settings.EMBARGO:
        return True
    if not RestrictedCourse.objects.filter(course_key=course_key).exists():
        return True
    if user is not None and has_course_staff_access(user, course_key):
        return True
    profile = getattr(user, "profile", None)
    country = profile.country.code if profile is not None and profile.country else ""
    return CountryAccessRule.check_country_access(course_key, country or "")


def get_embargo_response(request: HttpRequest, course_key: CourseKey, user: Any) -> Response | None:
    path = redirect_if_blocked(request, course_key, user=user)
    if path is None:
        return None
    return Response(
        status=status.HTTP_403_FORBIDDEN,
        data={
            "message": f"Users from this location cannot access the course '{course_key}'.",
            "user_message_url": request.build_absolute_uri(path),
        },
    )
