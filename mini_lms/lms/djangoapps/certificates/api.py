"""Reading certificates."""

from __future__ import annotations

from django.contrib.auth.models import User
from opaque_keys.edx.keys import CourseKey

from .models import GeneratedCertificate


def get_certificate_for_user_id(user: User, course_id: CourseKey) -> GeneratedCertificate | None:
    return GeneratedCertificate.objects.filter(user=user, course_id=course_id).first()
