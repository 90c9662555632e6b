"""Who may open the instructor dashboard of a course."""

from __future__ import annotations

from typing import Any

from opaque_keys.edx.keys import CourseKey

from common.djangoapps.student.roles import (
    CourseDataResearcherRole,
    CourseFinanceAdminRole,
    CourseSalesAdminRole,
    has_course_staff_access,
)


def may_view_dashboard(user: Any, course_key: CourseKey) -> bool:
    """Staff of the course, and its researchers, sales and finance admins."""
    roles = (CourseDataResearcherRole, CourseFinanceAdminRole, CourseSalesAdminRole)
    return has_course_staff_access(user, course_key) or any(
        role(course_key).has_user(user) for role in roles
    )
