"""Counting who is enrolled."""

from __future__ import annotations

from typing import Any

from django.db import models
from opaque_keys.edx.keys import CourseKey


class CourseEnrollmentManager(models.Manager):
    def num_enrolled_in(self, course_id: CourseKey) -> int:
        return self.filter(course_id=course_id, is_active=True).count()

    def num_enrolled_in_exclude_admins(self, course_id: CourseKey) -> int:
        """Active enrolments of people who are neither staff nor instructors of the course."""
        from common.djangoapps.student.roles import (
            CourseInstructorRole,
            CourseStaffRole,
        )

        return (
            self.filter(course_id=course_id, is_active=True)
            .exclude(user__in=CourseStaffRole(course_id).users_with_role())
            .exclude(user__in=CourseInstructorRole(course_id).users_with_role())
            .count()
        )

    def is_course_full(self, course: Any) -> bool:
        limit = course.max_student_enrollments_allowed
        return limit is not None and self.num_enrolled_in_exclude_admins(course.id) >= limit
