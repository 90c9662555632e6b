"""Choosing how to take a course."""

from __future__ import annotations

import decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.generic.base import View
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.course_modes.models import CourseMode, Mode
from common.djangoapps.student.models import CourseEnrollment
from common.djangoapps.util.db import outer_atomic
from lms.djangoapps.commerce.utils import EcommerceService
from lms.djangoapps.verify_student.services import IDVerificationService
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.embargo import api as embargo_api
from openedx.core.djangoapps.enrollments.permissions import ENROLL_IN_COURSE


class ChooseModeView(View):
    """Paid courses end at the identity check here, unless the ecommerce service is switched on."""

    @method_decorator(transaction.non_atomic_requests)
    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().dispatch(*args, **kwargs)

    @method_decorator(login_required)
    @method_decorator(transaction.atomic)
    def get(self, request: HttpRequest, course_id: str, error: str | None = None) -> HttpResponse:
        course_key = CourseKey.from_string(course_id)
        blocked = embargo_api.redirect_if_blocked(request, course_key)
        if blocked:
            return redirect(blocked)
        mode, is_active = CourseEnrollment.enrollment_mode_for_user(request.user, course_key)
        modes = CourseMode.modes_for_course_dict(course_key)
        if CourseMode.has_professional_mode(modes) and not (
            CourseMode.is_professional_slug(mode) and is_active
        ):
            return redirect(_professional_location(request, course_key, modes))
        has_paid = is_active and mode in [
            *CourseMode.VERIFIED_MODES,
            CourseMode.NO_ID_PROFESSIONAL_MODE,
        ]
        course = get_object_or_404(CourseOverview, id=course_key)
        if has_paid or not CourseMode.has_verified_mode(modes):
            return _into_course_or_dashboard(course, request.user)
        if CourseEnrollment.is_enrollment_closed(request.user, course):
            ended = date_format(course.enrollment_end) if course.enrollment_end else ""
            return redirect(f"{reverse('dashboard')}?{urlencode({'course_closed': ended})}")
        context = _page_context(request, course, modes) | {"error": error}
        return render(request, "course_modes/choose.html", context)

    @method_decorator(transaction.non_atomic_requests)
    @method_decorator(login_required)
    @method_decorator(outer_atomic())
    def post(self, request: HttpRequest, course_id: str) -> HttpResponse:
        """A free mode enrols at once: a filter that refuses here is an error 500, as upstream."""
        course_key = CourseKey.from_string(course_id)
        course = get_object_or_404(CourseOverview, id=course_key)
        if not request.user.has_perm(ENROLL_IN_COURSE, course):
            return self.get(request, course_id, error=_("Enrollment is closed"))
        requested = _requested_mode(request)
        allowed = CourseMode.modes_for_course_dict(course_key)
        if requested not in allowed:
            return self.get(request, course_id, error=_("Enrollment mode not supported"))
        if requested in (CourseMode.AUDIT, CourseMode.HONOR):
            CourseEnrollment.enroll(request.user, course_key, mode=requested)
            return _into_course_or_dashboard(course, request.user)
        error = _contribution_error(request, allowed[requested])
        if error:
            return self.get(request, course_id, error=error)
        return redirect(IDVerificationService.get_verify_location(course_id=course_key))


def _professional_location(
    request: HttpRequest, course_key: CourseKey, modes: dict[str, Mode]
) -> str:
    service = EcommerceService()
    if service.is_enabled(request.user):
        mode = modes.get(CourseMode.NO_ID_PROFESSIONAL_MODE) or modes[CourseMode.PROFESSIONAL]
        workflow = request.GET.get("purchase_workflow", "single")
        sku = {"single": mode.sku, "bulk": mode.bulk_sku}.get(workflow)
        if sku:
            return service.get_checkout_page_url(sku, course_run_keys=[str(course_key)])
    return IDVerificationService.get_verify_location(course_id=course_key)


def _page_context(
    request: HttpRequest, course: CourseOverview, modes: dict[str, Mode]
) -> dict[str, Any]:
    context: dict[str, Any] = {"course": course, "modes": modes}
    verified = modes.get(CourseMode.VERIFIED)
    if verified is not None:
        service = EcommerceService()
        context["verified"] = verified
        if verified.sku and service.is_enabled(request.user):
            context["checkout_url"] = service.get_checkout_page_url(
                verified.sku, course_run_keys=[str(course.id)]
            )
    context["free"] = modes.get(CourseMode.AUDIT) or modes.get(CourseMode.HONOR)
    return context


def _requested_mode(request: HttpRequest) -> str | None:
    for mode in (CourseMode.VERIFIED, CourseMode.HONOR, CourseMode.AUDIT):
        if f"{mode}_mode" in request.POST:
            return mode
    return None


def _contribution_error(request: HttpRequest, mode: Mode) -> str | None:
    amount = request.POST.get("contribution") or 0
    try:
        value = decimal.Decimal(amount)
    except decimal.InvalidOperation:
        return _("Invalid amount selected.")
    if value < mode.min_price:
        return _("No selected price or selected price is too low.")
    return None


def _into_course_or_dashboard(course: CourseOverview, user: Any) -> HttpResponse:
    if course.has_started() or user.is_staff:
        return redirect("course_root", course_id=str(course.id))
    return redirect("dashboard")
