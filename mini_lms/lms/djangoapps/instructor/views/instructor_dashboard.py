"""The older instructor dashboard: sections, each a Mako template that is included.

Plugins add sections through InstructorDashboardRenderStarted. A section's template is
``template_path_prefix`` (the dashboard's own folder when it has none) and ``section_key``.html, in
one of MAKO_TEMPLATE_DIRS_BASE.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    HttpResponseServerError,
)
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from mako.lookup import TemplateLookup
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from openedx_filters.learning.filters import InstructorDashboardRenderStarted

from common.djangoapps.student.models import CourseEnrollment
from common.djangoapps.student.roles import has_course_staff_access
from lms.djangoapps.instructor.permissions import may_view_dashboard
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

TEMPLATE = "instructor/instructor_dashboard_2/instructor_dashboard_2.html"


@ensure_csrf_cookie
@cache_control(no_cache=True, no_store=True, must_revalidate=True)
def instructor_dashboard_2(request: HttpRequest, course_id: str) -> HttpResponse:
    try:
        course_key = CourseKey.from_string(course_id)
    except InvalidKeyError:
        return HttpResponseServerError()
    course = get_object_or_404(CourseOverview, id=course_key)
    if not may_view_dashboard(request.user, course_key):
        raise Http404
    is_staff = has_course_staff_access(request.user, course_key)
    context: dict[str, Any] = {
        "course": course,
        "studio_url": None,
        "sections": [_section_course_info(course)] if is_staff else [],
        "disable_buttons": False,
        "analytics_dashboard_message": None,
    }
    template = TEMPLATE
    try:
        context, template = InstructorDashboardRenderStarted.run_filter(
            context=context, template_name=template
        )
    except InstructorDashboardRenderStarted.RenderInvalidDashboard as exc:
        return _render(request, exc.instructor_template, exc.template_context)
    except InstructorDashboardRenderStarted.RedirectToPage as exc:
        return HttpResponseRedirect(exc.redirect_to)
    except InstructorDashboardRenderStarted.RenderCustomResponse as exc:
        return exc.response
    return _render(request, template, context)


def _section_course_info(course: CourseOverview) -> dict[str, Any]:
    return {
        "section_key": "course_info",
        "section_display_name": "Course Info",
        "course_id": str(course.id),
        "enrollment_count": CourseEnrollment.objects.num_enrolled_in(course.id),
        "organization": course.org,
    }


def _render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Mako writes the sections, as on the real dashboard; Django the page around them."""
    lookup = TemplateLookup(
        directories=[str(path) for path in settings.MAKO_TEMPLATE_DIRS_BASE],
        default_filters=["decode.utf8"],
        strict_undefined=True,
    )
    body = lookup.get_template(template).render(**context)
    page = {"course": context["course"], "dashboard": mark_safe(body)}
    return render(request, "instructor/dashboard.html", page)
