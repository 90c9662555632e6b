"""Where learners go to have their identity checked."""

from __future__ import annotations

from django.urls import reverse
from opaque_keys.edx.keys import CourseKey
from openedx_filters.learning.filters import IDVPageURLRequested


class IDVerificationService:
    @classmethod
    def get_verify_location(cls, course_id: CourseKey | None = None) -> str:
        """The page's address, after the filter that lets plugins replace it."""
        if course_id:
            location = reverse("verify_student_start_flow", args=[str(course_id)])
        else:
            location = reverse("verify_student_start")
        return IDVPageURLRequested.run_filter(location)
