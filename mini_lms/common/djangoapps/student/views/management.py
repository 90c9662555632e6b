"""Enrolling and unenrolling oneself from a page."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseForbidden,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import (
    CourseEnrollment,
    EnrollmentNotAllowed,
    UnenrollmentNotAllowed,
)
from common.djangoapps.student.signals import REFUND_ORDER
from common.djangoapps.util.db import outer_atomic
from lms.djangoapps.certificates.api import get_certificate_for_user_id
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.embargo import api as embargo_api
from openedx.core.djangoapps.site_configuration import helpers as configuration_helpers

log = logging.getLogger(__name__)


@transaction.non_atomic_requests
@require_POST
@outer_atomic()
def change_enrollment(request: HttpRequest, check_access: bool = True) -> HttpResponse:
    """POST enrollment_action (enroll, unenroll) and course_id; for scripts in pages.

    200: done, and the body is an address to go on to, or empty. 400: the body says why not.
    403, with no body: not signed in, and only then. 405: not a POST.
    """
    if not request.user.is_authenticated:
        return HttpResponseForbidden()
    if "course_id" not in request.POST:
        return HttpResponseBadRequest(_("Course id not specified"))
    try:
        course_key = CourseKey.from_string(request.POST["course_id"])
    except InvalidKeyError:
        return HttpResponseBadRequest(_("Invalid course id"))
    action = request.POST.get("enrollment_action")
    if action == "enroll":
        return _enroll(request, course_key, check_access)
    if action == "unenroll":
        return _unenroll(request, course_key)
    return HttpResponseBadRequest(_("Enrollment action is invalid"))


def _enroll(request: HttpRequest, course_key: CourseKey, check_access: bool) -> HttpResponse:
    """Enrols only where no paywall is in the way; a paid course answers 200 all the same."""
    if not CourseOverview.course_exists(course_key):
        return HttpResponseBadRequest(_("Course id is invalid"))
    modes = CourseMode.modes_for_course_dict(course_key)
    blocked = embargo_api.redirect_if_blocked(request, course_key)
    if blocked:
        return HttpResponse(blocked)
    if CourseMode.can_auto_enroll(course_key):
        try:
            mode = CourseMode.auto_enroll_mode(course_key, modes)
            if mode:
                CourseEnrollment.enroll(
                    request.user, course_key, check_access=check_access, mode=mode
                )
        except EnrollmentNotAllowed as exc:
            return HttpResponseBadRequest(str(exc))
        except Exception:  # noqa: BLE001 (as upstream: whatever it was, one text)
            return HttpResponseBadRequest(_("Could not enroll"))
    if CourseMode.has_verified_mode(modes) or CourseMode.has_professional_mode(modes):
        return HttpResponse(reverse("course_modes_choose", kwargs={"course_id": str(course_key)}))
    return HttpResponse()


def _unenroll(request: HttpRequest, course_key: CourseKey) -> HttpResponse:
    if configuration_helpers.get_value("DISABLE_UNENROLLMENT", settings.DISABLE_UNENROLLMENT):
        return HttpResponseBadRequest(_("Unenrollment is currently disabled"))
    enrollment = CourseEnrollment.get_enrollment(request.user, course_key)
    if not enrollment:
        return HttpResponseBadRequest(_("You are not enrolled in this course"))
    certificate = get_certificate_for_user_id(request.user, course_key)
    if certificate is not None and not certificate.is_refundable:
        message = _("Your certificate prevents you from unenrolling from this course")
        return HttpResponseBadRequest(message)
    try:
        CourseEnrollment.unenroll(request.user, course_key)
    except UnenrollmentNotAllowed as exc:
        return HttpResponseBadRequest(str(exc))
    log.info("User %s left %s; sending REFUND_ORDER", request.user.id, course_key)
    REFUND_ORDER.send(sender=None, course_enrollment=enrollment)
    return HttpResponse()
