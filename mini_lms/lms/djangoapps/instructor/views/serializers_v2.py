"""What the newer instructor dashboard, a frontend of its own, is told of a course."""

from __future__ import annotations

from typing import Any

from common.djangoapps.student.roles import has_course_staff_access

try:
    from openedx_filters.learning.filters import InstructorDashboardTabsRequested
except ImportError:  # older than 3.4: the platform of that time ran no such filter
    InstructorDashboardTabsRequested = None


class CourseInformationSerializerV2:
    """Only the tabs."""

    def get_tabs(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        request, course = data["request"], data["course"]
        tabs: list[dict[str, Any]] = []
        if has_course_staff_access(request.user, course.id):
            url = f"/instructor-dashboard/{course.id}/course_info"
            tabs.append(
                {"tab_id": "course_info", "title": "Course Info", "url": url, "sort_order": 10}
            )
        if InstructorDashboardTabsRequested is None:
            return tabs
        try:
            tabs, _user, _key = InstructorDashboardTabsRequested.run_filter(
                tabs=tabs, user=request.user, course_key=course.id
            )
        except InstructorDashboardTabsRequested.PreventTabsGeneration as exc:
            return exc.tabs or []
        return tabs
