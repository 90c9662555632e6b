"""The learner's own courses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from openedx_filters.learning.filters import DashboardRenderStarted

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment
from lms.djangoapps.branding.cards import hue_of
from openedx.core.djangoapps.course_groups.cohorts import get_cohort


@login_required
@ensure_csrf_cookie
def student_dashboard(request: HttpRequest) -> HttpResponse:
    context = {
        "courses": _courses_of(request.user),
        "course_closed": request.GET.get("course_closed"),
        "enrollment_message": "",
    }
    try:
        context, template = DashboardRenderStarted.run_filter(
            context=context, template_name="dashboard.html"
        )
    except DashboardRenderStarted.RedirectToPage as exc:
        return HttpResponseRedirect(exc.redirect_to or reverse("root"))
    except DashboardRenderStarted.RenderCustomResponse as exc:
        return exc.response
    except DashboardRenderStarted.RenderInvalidDashboard as exc:
        return render(request, exc.dashboard_template, exc.template_context)
    return render(request, template, context)


def _courses_of(user: Any) -> list[dict[str, Any]]:
    enrollments = CourseEnrollment.enrollments_for_user(user).select_related("course")
    return [
        {
            "enrollment": enrollment,
            "course": enrollment.course,
            "hue": hue_of(enrollment.course_id),
            "mode_name": _mode_name(enrollment),
            "group": get_cohort(user, enrollment.course_id, assign=False),
        }
        for enrollment in enrollments.order_by("-created")
    ]


def _mode_name(enrollment: CourseEnrollment) -> str:
    mode = CourseMode.mode_for_course(enrollment.course_id, enrollment.mode, include_expired=True)
    return mode.name if mode else enrollment.mode.capitalize()
