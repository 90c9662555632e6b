"""Pages of a course: about it, and inside it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from openedx_filters.learning.filters import CourseAboutRenderStarted

from common.djangoapps.course_modes.models import CourseMode, Mode
from common.djangoapps.student.models import CourseEnrollment
from common.djangoapps.student.roles import has_course_staff_access
from lms.djangoapps.branding.cards import hue_of, price_of
from lms.djangoapps.commerce.utils import EcommerceService
from lms.djangoapps.instructor.permissions import may_view_dashboard
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.course_groups.cohorts import get_cohort
from openedx.core.djangoapps.embargo import api as embargo_api
from openedx.core.djangoapps.enrollments.permissions import ENROLL_IN_COURSE


@ensure_csrf_cookie
def course_about(request: HttpRequest, course_id: str) -> HttpResponse:
    """The older about page, whose context plugins may change through CourseAboutRenderStarted."""
    course = _course_or_404(course_id)
    context = _about_context(request, course)
    try:
        context, template = CourseAboutRenderStarted.run_filter(
            context=context, template_name="courseware/course_about.html"
        )
    except CourseAboutRenderStarted.RenderInvalidCourseAbout as exc:
        return render(request, exc.course_about_template, exc.template_context)
    except CourseAboutRenderStarted.RedirectToPage as exc:
        return HttpResponseRedirect(exc.redirect_to or reverse("dashboard"))
    except CourseAboutRenderStarted.RenderCustomResponse as exc:
        return exc.response or render(request, "courseware/course_about.html", context)
    return render(request, template, context)


def _about_context(request: HttpRequest, course: CourseOverview) -> dict[str, Any]:
    """The keys of the LMS's page that plugins know, and what our template shows beside them."""
    service = EcommerceService()
    modes = CourseMode.modes_for_course_dict(course.id)
    ecommerce_checkout = service.is_enabled(request.user)
    paid_mode = _single_paid_mode(modes) if ecommerce_checkout else None
    link = ""
    if paid_mode is not None and paid_mode.sku:
        link = service.get_checkout_page_url(paid_mode.sku, course_run_keys=[str(course.id)])
    registered = CourseEnrollment.is_enrolled(request.user, course.id)
    return {
        "course": course,
        "course_details": course,
        "course_price": price_of(CourseMode.objects.filter(course_id=course.id)),
        "staff_access": has_course_staff_access(request.user, course.id),
        "registered": registered,
        "course_target": reverse("course_root", args=[str(course.id)]),
        "show_courseware_link": registered and course.has_started(),
        "is_course_full": CourseEnrollment.objects.is_course_full(course),
        "can_enroll": request.user.has_perm(ENROLL_IN_COURSE, course),
        "invitation_only": course.invitation_only,
        "active_reg_button": True,
        "ecommerce_checkout": ecommerce_checkout and bool(link),
        "ecommerce_checkout_link": link,
        "single_paid_mode": paid_mode,
        "can_add_course_to_cart": False,
        "modes": modes,
        "hue": hue_of(course.id),
    }


def _single_paid_mode(modes: dict[str, Mode]) -> Mode | None:
    """The only mode, if it costs something; a professional mode before all others."""
    professional = modes.get(CourseMode.NO_ID_PROFESSIONAL_MODE) or modes.get(
        CourseMode.PROFESSIONAL
    )
    if professional is not None:
        return professional
    only = next(iter(modes.values())) if len(modes) == 1 else None
    return only if only is not None and only.min_price > 0 else None


@login_required
def course_home(request: HttpRequest, course_id: str) -> HttpResponse:
    """The course itself: for its learners and its staff; others are shown what it is about."""
    course = _course_or_404(course_id)
    blocked = embargo_api.redirect_if_blocked(request, course.id, access_point="courseware")
    if blocked:
        return redirect(blocked)
    is_enrolled = CourseEnrollment.is_enrolled(request.user, course.id)
    if not is_enrolled and not has_course_staff_access(request.user, course.id):
        return redirect("about_course", course_id=str(course.id))
    context = {
        "course": course,
        "staff_access": may_view_dashboard(request.user, course.id),
        "enrollment": CourseEnrollment.get_enrollment(request.user, course.id),
        "group": get_cohort(request.user, course.id) if is_enrolled else None,
        "hue": hue_of(course.id),
    }
    return render(request, "courseware/course_home.html", context)


def _course_or_404(course_id: str) -> CourseOverview:
    try:
        course_key = CourseKey.from_string(course_id)
    except InvalidKeyError as exc:
        raise Http404(f"{course_id} is no course key") from exc
    return get_object_or_404(CourseOverview, id=course_key)
