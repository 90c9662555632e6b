"""Courses, people and filter steps for the tests of the mini LMS; nothing of the plugin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from opaque_keys.edx.keys import CourseKey
from openedx_filters import PipelineStep
from openedx_filters.learning.filters import (
    CohortAssignmentRequested,
    CohortChangeRequested,
    CourseAboutRenderStarted,
    CourseEnrollmentStarted,
    CourseUnenrollmentStarted,
)

KEY = CourseKey.from_string("course-v1:Test+T101+2026")
OTHER_KEY = CourseKey.from_string("course-v1:Test+T202+2026")

FREE: Mapping[str, int] = {"audit": 0}
MIXED: Mapping[str, int] = {"audit": 0, "verified": 49}
VERIFIED_ONLY: Mapping[str, int] = {"verified": 95}
PROFESSIONAL: Mapping[str, int] = {"professional": 149}
WHITE_LABEL: Mapping[str, int] = {"honor": 75}

ENROLLMENT_FILTER = "org.openedx.learning.course.enrollment.started.v1"
UNENROLLMENT_FILTER = "org.openedx.learning.course.unenrollment.started.v1"
VIEW_FILTER = "org.openedx.learning.course.enrollment.view.started.v1"
ASSIGNMENT_FILTER = "org.openedx.learning.cohort.assignment.requested.v1"
CHANGE_FILTER = "org.openedx.learning.cohort.change.requested.v1"
ABOUT_FILTER = "org.openedx.learning.course_about.render.started.v1"


def make_user(username: str, **fields: Any) -> User:
    from common.djangoapps.student.models import UserProfile

    user = User.objects.create_user(
        username, email=f"{username}@example.com", password="secret", **fields
    )
    UserProfile.objects.create(user=user, name=username.title())
    return user


def make_course(
    key: CourseKey = KEY, modes: Mapping[str, int] = FREE, *, sku: str | None = None, **fields: Any
) -> Any:
    from common.djangoapps.course_modes.models import CourseMode
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    course = CourseOverview.objects.create(id=key, display_name="Knots", **fields)
    for slug, price in modes.items():
        CourseMode.objects.create(
            course=course,
            mode_slug=slug,
            mode_display_name=slug.title(),
            min_price=price,
            currency="gbp",
            sku=sku,
        )
    return course


def pipeline(filter_type: str, step: str) -> dict[str, Any]:
    """OPEN_EDX_FILTERS_CONFIG with one step of this module."""
    return {filter_type: {"fail_silently": False, "pipeline": [f"{__name__}.{step}"]}}


class RecordMode(PipelineStep):
    seen: list[str | None] = []

    def run_filter(self, user: User, course_key: CourseKey, mode: str | None) -> dict[str, Any]:
        self.seen.append(mode)
        return {}


class RefuseEnrolment(PipelineStep):
    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        raise CourseEnrollmentStarted.PreventEnrollment("Pay at /pay/ first.")


class RefuseUnenrolment(PipelineStep):
    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        raise CourseUnenrollmentStarted.PreventUnenrollment("You have to stay.")


class RefuseView(PipelineStep):
    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        from openedx_filters.learning.filters import CourseEnrollmentViewStarted

        raise CourseEnrollmentViewStarted.PreventEnrollment("This text is lost.")


class RefuseAssignment(PipelineStep):
    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        raise CohortAssignmentRequested.PreventCohortAssignment("No groups today.")


class RefuseChange(PipelineStep):
    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        raise CohortChangeRequested.PreventCohortChange("Stay in your group.")


class SendToCheckout(PipelineStep):
    def run_filter(self, context: dict[str, Any], template_name: str) -> dict[str, Any]:
        link = f"/checkout/{context['course'].id}/"
        context |= {"ecommerce_checkout": True, "ecommerce_checkout_link": link}
        return {"context": context, "template_name": template_name}


class SendElsewhere(PipelineStep):
    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        raise CourseAboutRenderStarted.RedirectToPage("elsewhere", redirect_to="/elsewhere/")
