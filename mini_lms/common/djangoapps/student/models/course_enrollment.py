"""A learner's enrolment in a course, and the one way in: `CourseEnrollment.enroll`."""

from __future__ import annotations

import logging
import uuid
from collections import namedtuple
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from edx_django_utils.cache import RequestCache
from opaque_keys.edx.keys import CourseKey
from openedx_filters.learning.filters import (
    CourseEnrollmentStarted,
    CourseUnenrollmentStarted,
)
from simple_history.models import HistoricalRecords

from common.djangoapps.course_modes.models import CourseMode
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

from . import announce
from .exceptions import (
    AlreadyEnrolledError,
    CourseFullError,
    EnrollmentClosedError,
    EnrollmentNotAllowed,
    NonExistentCourseError,
    UnenrollmentNotAllowed,
)
from .managers import CourseEnrollmentManager

log = logging.getLogger(__name__)

CourseEnrollmentState = namedtuple("CourseEnrollmentState", "mode, is_active")

GET_ENROLLMENT_CACHE = "get_enrollment"
STATE_CACHE = "CourseEnrollment.mode_and_active"


class EnrollStatusChange:
    """The `event` of ENROLL_STATUS_CHANGE."""

    enroll = "enroll"
    unenroll = "unenroll"
    upgrade_start = "upgrade_start"
    upgrade_complete = "upgrade_complete"
    paid_start = "paid_start"
    paid_complete = "paid_complete"


class CourseEnrollment(models.Model):
    """One row for each user and course, kept when the user leaves (`is_active` is then False).

    .. no_pii:
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    course = models.ForeignKey(CourseOverview, db_constraint=False, on_delete=models.DO_NOTHING)
    created = models.DateTimeField(auto_now_add=True, null=True, db_index=True)
    is_active = models.BooleanField(default=True)
    mode = models.CharField(default=CourseMode.get_default_mode_slug, max_length=100)
    history = HistoricalRecords(
        history_id_field=models.UUIDField(default=uuid.uuid4),
        table_name="student_courseenrollment_history",
    )

    objects = CourseEnrollmentManager()

    class Meta:
        unique_together = (("user", "course"),)
        ordering = ("user", "course")

    def __str__(self) -> str:
        state = "active" if self.is_active else "inactive"
        return f"[CourseEnrollment] {self.user}: {self.course_id} ({self.mode}, {state})"

    @classmethod
    def enroll(
        cls,
        user: User,
        course_key: CourseKey,
        mode: str | None = None,
        check_access: bool = False,
        can_upgrade: bool = False,
        enterprise_uuid: str | None = None,
    ) -> CourseEnrollment:
        """Enrols, or activates the row again, and says so at once.

        The filter comes first; then, with `check_access` only: exists, open to this user (or
        `can_upgrade`), not full, not enrolled yet.
        """
        try:
            user, course_key, mode = CourseEnrollmentStarted.run_filter(
                user=user, course_key=course_key, mode=mode
            )
        except CourseEnrollmentStarted.PreventEnrollment as exc:
            raise EnrollmentNotAllowed(str(exc)) from exc

        if mode is None:
            from openedx.core.djangoapps.enrollments.api import _default_course_mode

            mode = _default_course_mode(str(course_key))
        if check_access:
            cls._check_access(user, course_key, can_upgrade)
        if cls.is_enrolled(user, course_key):
            log.warning("User %s is already enrolled in %s", user.id, course_key)
            if check_access:
                raise AlreadyEnrolledError

        enrollment = cls.get_or_create_enrollment(user, course_key)
        enrollment.update_enrollment(is_active=True, mode=mode, enterprise_uuid=enterprise_uuid)
        enrollment.send_signal(EnrollStatusChange.enroll)
        announce.created(enrollment)
        return enrollment

    @classmethod
    def _check_access(cls, user: User, course_key: CourseKey, can_upgrade: bool) -> None:
        try:
            course = CourseOverview.get_from_id(course_key)
        except CourseOverview.DoesNotExist as exc:
            log.warning("User %s cannot enrol: there is no course %s", user.id, course_key)
            raise NonExistentCourseError from exc
        if cls.is_enrollment_closed(user, course) and not can_upgrade:
            log.warning("User %s cannot enrol: %s is closed to them", user.id, course_key)
            raise EnrollmentClosedError
        if cls.objects.is_course_full(course):
            log.warning("User %s cannot enrol: %s is full", user.id, course_key)
            raise CourseFullError

    @classmethod
    def unenroll(cls, user: User, course_id: CourseKey, skip_refund: bool = False) -> None:
        """Makes the enrolment inactive. Not being enrolled is logged, never raised."""
        RequestCache(GET_ENROLLMENT_CACHE).clear()
        try:
            record = cls.objects.get(user=user, course_id=course_id)
        except cls.DoesNotExist:
            log.error("User %s cannot leave %s: not enrolled", user.id, course_id)
            return
        try:
            record = CourseUnenrollmentStarted.run_filter(enrollment=record)
        except CourseUnenrollmentStarted.PreventUnenrollment as exc:
            raise UnenrollmentNotAllowed(str(exc)) from exc
        record.update_enrollment(is_active=False, skip_refund=skip_refund)

    @classmethod
    def get_or_create_enrollment(cls, user: User, course_key: CourseKey) -> CourseEnrollment:
        """The row, inactive if new. An invitation of this user's address becomes theirs alone."""
        from .enrollment_records import CourseEnrollmentAllowed

        enrollment, _ = cls.objects.get_or_create(
            user=user,
            course_id=course_key,
            defaults={"mode": CourseMode.DEFAULT_MODE_SLUG, "is_active": False},
        )
        CourseEnrollmentAllowed.objects.filter(
            email=user.email, course_id=course_key, user__isnull=True
        ).update(user=user)
        return enrollment

    def update_enrollment(
        self,
        mode: str | None = None,
        is_active: bool | None = None,
        skip_refund: bool = False,
        enterprise_uuid: str | None = None,
    ) -> None:
        """Changes mode, activity or both. No filter runs here, whoever calls."""
        RequestCache(GET_ENROLLMENT_CACHE).clear()
        activation_changed = is_active is not None and self.is_active != is_active
        mode_changed = mode is not None and self.mode != mode
        if activation_changed:
            self.is_active = is_active
        if mode_changed:
            self.mode = mode
        if activation_changed or mode_changed:
            self.save()
            self._remember_state(self.user, self.course_id, self.mode, self.is_active)
            announce.changed(self)
        if activation_changed and not self.is_active:
            announce.deactivated(self, EnrollStatusChange.unenroll, skip_refund)
        if mode_changed:
            announce.track_updated(self)

    def activate(self) -> None:
        self.update_enrollment(is_active=True)

    def deactivate(self) -> None:
        self.update_enrollment(is_active=False)

    def change_mode(self, mode: str) -> None:
        self.update_enrollment(mode=mode)

    def send_signal(self, event: str, cost: int | None = None, currency: str | None = None) -> None:
        announce.status_change(self, event, cost, currency)

    @classmethod
    def get_enrollment(
        cls, user: User, course_key: CourseKey, select_related: Iterable[str] | None = None
    ) -> CourseEnrollment | None:
        """The row, active or not. A found row is remembered for the length of the request."""
        if user.is_anonymous:
            return None
        cache = RequestCache(GET_ENROLLMENT_CACHE)
        key = (user.id, course_key, ",".join(select_related or ()))
        cached = cache.get_cached_response(key)
        if cached.is_found:
            return cached.value
        query = cls.objects.select_related(*select_related) if select_related else cls.objects
        enrollment = query.filter(user=user, course_id=course_key).first()
        if enrollment is not None:
            cache.set(key, enrollment)
        return enrollment

    @classmethod
    def is_enrollment_closed(cls, user: Any, course: CourseOverview) -> bool:
        from openedx.core.djangoapps.enrollments.permissions import ENROLL_IN_COURSE

        return not user.has_perm(ENROLL_IN_COURSE, course)

    @classmethod
    def is_enrolled(cls, user: User, course_key: CourseKey) -> bool:
        return bool(cls._get_state(user, course_key).is_active)

    @classmethod
    def enrollment_mode_for_user(
        cls, user: User, course_id: CourseKey
    ) -> tuple[str | None, bool | None]:
        """(mode, is_active); (None, None) without a row."""
        state = cls._get_state(user, course_id)
        return state.mode, state.is_active

    @classmethod
    def enrollments_for_user(cls, user: User) -> models.QuerySet[CourseEnrollment]:
        return cls.objects.filter(user=user, is_active=True).select_related("user")

    @classmethod
    def _get_state(cls, user: User, course_key: CourseKey) -> CourseEnrollmentState:
        if user.is_anonymous:
            return CourseEnrollmentState(None, None)
        remembered = RequestCache(STATE_CACHE).data.get((user.id, course_key))
        if remembered is not None:
            return remembered
        record = cls.objects.filter(user=user, course_id=course_key).first()
        if record is None:
            return cls._remember_state(user, course_key, None, None)
        return cls._remember_state(user, course_key, record.mode, record.is_active)

    @classmethod
    def _remember_state(
        cls, user: User, course_key: CourseKey, mode: str | None, is_active: bool | None
    ) -> CourseEnrollmentState:
        state = CourseEnrollmentState(mode, is_active)
        RequestCache(STATE_CACHE).data[(user.id, course_key)] = state
        return state

    def refundable(self) -> bool:
        """Needs an order's date among the attributes, a verified mode, and no certificate."""
        from lms.djangoapps.certificates.api import get_certificate_for_user_id

        if getattr(self, "can_refund", None) is not None:
            return True
        certificate = get_certificate_for_user_id(self.user, self.course_id)
        if certificate is not None and not certificate.is_refundable:
            return False
        cutoff = self.refund_cutoff_date()
        if cutoff is None or datetime.now(UTC) > cutoff:
            return False
        verified = CourseMode.mode_for_course(
            self.course_id, CourseMode.VERIFIED, include_expired=True
        )
        return verified is not None

    def refund_cutoff_date(self) -> datetime | None:
        """None without an order's date: the ecommerce service is never asked here."""
        from openedx.core.djangoapps.commerce.utils import (
            ECOMMERCE_DATE_FORMAT,
            REFUND_WINDOW,
        )

        placed = self.attributes.filter(namespace="order", name="date_placed").last()
        if placed is None:
            return None
        placed_at = datetime.strptime(placed.value, ECOMMERCE_DATE_FORMAT).replace(tzinfo=UTC)
        return max(placed_at, self.course.start or placed_at) + REFUND_WINDOW

    @property
    def username(self) -> str:
        return self.user.username

    @property
    def course_overview(self) -> CourseOverview | None:
        return CourseOverview.objects.filter(id=self.course_id).first()
