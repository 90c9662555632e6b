"""Enrolling in the LMS, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from crum import get_current_request
from edx_django_utils.cache import RequestCache
from opaque_keys.edx.keys import CourseKey

from token_payments.errors import AlreadyEnrolled, HostRefused, ItemNotFound
from token_payments.hosts.base import Enrolment, HostRefusal, User, Visitor
from token_payments.hosts.edxapp_courses import (
    get_overview,
    is_invitation_only,
    parse_key,
)

# An attribute in the LMS's own namespace "order" would wake its ecommerce refunds.
ATTRIBUTE_NAMESPACE, ATTRIBUTE_NAME = "token_payments", "redemption"
# What the LMS remembers of enrolments for the length of a request.
REQUEST_CACHES = ("get_enrollment", "CourseEnrollment.mode_and_active")


def check_enrol(user: Visitor, item_key: str, *, mode: str) -> HostRefusal | None:
    from common.djangoapps.student.models import CourseEnrollment

    try:
        overview = get_overview(item_key)
    except ItemNotFound:
        return HostRefusal.NOT_FOUND
    refusal = _find_lasting_refusal(user, overview, mode)
    enrolment = find_row(user, overview.id) if user.is_authenticated else None
    if refusal is not None or (enrolment is not None and enrolment.is_active):
        return refusal
    if CourseEnrollment.is_enrollment_closed(user, overview):
        return _name_closed(overview)
    if CourseEnrollment.objects.is_course_full(overview):
        return HostRefusal.FULL
    return None


def enrol(
    user: User, item_key: str, *, mode: str, reference: str, again: bool = False
) -> Enrolment:
    """Raises HostRefused, AlreadyEnrolled.

    The LMS checks neither the mode nor the embargo when it enrols, so both are checked here.
    """
    try:
        overview = get_overview(item_key)
    except ItemNotFound as error:
        raise HostRefused(HostRefusal.NOT_FOUND) from error
    refusal = _find_lasting_refusal(user, overview, mode, again=again)
    if refusal is not None:
        raise HostRefused(refusal)
    _forget_request_caches()
    earlier = find_row(user, overview.id)
    if earlier is None or not earlier.is_active:
        row = _join(user, overview, mode)
    elif earlier.mode == mode:
        raise AlreadyEnrolled(item_key)
    else:
        _change_mode(user, overview.id, mode, again=again)
        row = find_row(user, overview.id)
    _write_reference(row, reference, is_new=earlier is None)
    return to_enrolment(row)


def unenrol(user: User, item_key: str) -> None:
    """Raises HostRefused when a filter of the LMS prevents it."""
    from common.djangoapps.student.models import CourseEnrollment, UnenrollmentNotAllowed

    course_key = parse_key(item_key)
    row = find_row(user, course_key)
    if row is None or not row.is_active:
        return
    _forget_request_caches()
    try:
        CourseEnrollment.unenroll(user, course_key, skip_refund=True)
    except UnenrollmentNotAllowed as error:
        _refuse(HostRefusal.PREVENTED, error)


def find_row(user: User, course_key: CourseKey) -> Any:
    """The LMS's CourseEnrollment, active or not, from the database; None without one."""
    from common.djangoapps.student.models import CourseEnrollment

    return CourseEnrollment.objects.filter(user=user, course_id=course_key).first()


def get_enrolment(user: User, item_key: str) -> Enrolment | None:
    try:
        row = find_row(user, parse_key(item_key))
    except ItemNotFound:
        return None
    return None if row is None else to_enrolment(row)


def list_enrolments(pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Enrolment]:
    from common.djangoapps.student.models import CourseEnrollment

    wanted = set(pairs)
    rows = CourseEnrollment.objects.filter(
        user_id__in={user_id for user_id, _ in wanted},
        course_id__in=_parse_keys({item_key for _, item_key in wanted}),
    )
    found = {(row.user_id, str(row.course_id)): to_enrolment(row) for row in rows}
    return {pair: enrolment for pair, enrolment in found.items() if pair in wanted}


def is_invited(user: User, item_key: str) -> bool:
    from common.djangoapps.student.models import CourseEnrollmentAllowed

    invitations = CourseEnrollmentAllowed.for_user(user)
    return bool(invitations.filter(course_id=parse_key(item_key)).exists())


def to_enrolment(row: Any) -> Enrolment:
    return Enrolment(is_active=row.is_active, mode=row.mode, since=row.created)


def _find_lasting_refusal(
    user: Visitor, overview: Any, mode: str, *, again: bool = False
) -> HostRefusal | None:
    """The reason that keeps out learners who are enrolled already as well.

    ``again``: a mode whose deadline is over will do. The LMS tells who is under an embargo by the
    country of the request's addresses; without a request all get in.
    """
    from common.djangoapps.course_modes.models import CourseMode
    from openedx.core.djangoapps.embargo.api import redirect_if_blocked

    if CourseMode.mode_for_course(overview.id, mode, include_expired=again) is None:
        return HostRefusal.MODE_GONE
    request = get_current_request()
    if user.is_authenticated and request is not None:
        return (
            HostRefusal.EMBARGOED if redirect_if_blocked(request, overview.id, user=user) else None
        )
    return None


def _join(user: User, overview: Any, mode: str) -> Any:
    """Enrol, or activate the enrolment that the learner had; the LMS's CourseEnrollment."""
    from common.djangoapps.student.models import (
        AlreadyEnrolledError,
        CourseEnrollment,
        CourseFullError,
        EnrollmentClosedError,
        EnrollmentNotAllowed,
        NonExistentCourseError,
    )

    try:
        return CourseEnrollment.enroll(user, overview.id, mode=mode, check_access=True)
    except EnrollmentNotAllowed as error:
        _refuse(HostRefusal.PREVENTED, error)
    except NonExistentCourseError as error:
        _refuse(HostRefusal.NOT_FOUND, error)
    except EnrollmentClosedError as error:
        _refuse(_name_closed(overview), error)
    except CourseFullError as error:
        _refuse(HostRefusal.FULL, error)
    except AlreadyEnrolledError as error:
        raise AlreadyEnrolled(str(overview.id)) from error


def _change_mode(user: User, course_key: CourseKey, mode: str, *, again: bool) -> None:
    from openedx.core.djangoapps.enrollments.api import update_enrollment
    from openedx.core.djangoapps.enrollments.errors import CourseModeNotFoundError

    try:
        update_enrollment(user.username, str(course_key), mode=mode, include_expired=again)
    except CourseModeNotFoundError as error:
        _refuse(HostRefusal.MODE_GONE, error)


def _refuse(refusal: HostRefusal, error: Exception) -> NoReturn:
    raise HostRefused(refusal, str(error)) from error


def _name_closed(overview: Any) -> HostRefusal:
    return HostRefusal.INVITATION_ONLY if is_invitation_only(overview) else HostRefusal.CLOSED


def _write_reference(row: Any, reference: str, *, is_new: bool) -> None:
    """Name the payment that counts; attributes of others stay. A new enrolment has none.

    Not with the LMS's add_enrollment_attr, which deletes all attributes first.
    """
    from common.djangoapps.student.models import CourseEnrollmentAttribute

    attribute: dict[str, Any] = {"namespace": ATTRIBUTE_NAMESPACE, "name": ATTRIBUTE_NAME}
    attributes = CourseEnrollmentAttribute.objects
    if is_new:
        attributes.create(enrollment=row, value=reference, **attribute)
    else:
        attributes.update_or_create(enrollment=row, defaults={"value": reference}, **attribute)


def _forget_request_caches() -> None:
    """After a lost deadlock the LMS still remembers the enrolment that was rolled back."""
    for namespace in REQUEST_CACHES:
        RequestCache(namespace).clear()


def _parse_keys(item_keys: Iterable[str]) -> list[CourseKey]:
    """Those that are keys."""
    keys = []
    for item_key in item_keys:
        try:
            keys.append(parse_key(item_key))
        except ItemNotFound:
            continue
    return keys
