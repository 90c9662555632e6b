"""One POST to the enrolment API, after it is known who asks and for whom."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

from django.contrib.auth.models import User
from opaque_keys.edx.keys import CourseKey

from openedx.core.djangoapps.course_groups.cohorts import (
    add_user_to_cohort,
    get_cohort_by_name,
)
from openedx.core.djangoapps.enrollments import api
from openedx.core.djangoapps.enrollments.errors import CourseEnrollmentError

try:
    from openedx_filters.learning.filters import CourseEnrollmentViewStarted
except ImportError:  # openedx-filters before 3.8
    CourseEnrollmentViewStarted = None

log = logging.getLogger(__name__)

REQUIRED_ATTRIBUTES = {"credit": ["credit:provider_id"]}


class BadRequest(Exception):
    """A 400 whose text is the exception's."""


@dataclasses.dataclass(frozen=True)
class Submission:
    user: User
    course_key: CourseKey
    data: Any
    is_backend_service: bool
    is_staff: bool

    def run(self) -> dict[str, Any]:
        """Enrols or, for staff and servers, changes an enrolment; then places in the cohort."""
        self._boolean("is_active", "'{}' is an invalid enrollment activation status.")
        self._ask_filter()
        self._boolean("force_enrollment", "'{}' is an invalid force enrollment status.")
        response = self._update() if self._is_update() else self._add()
        self._place_in_cohort()
        return response

    def _boolean(self, name: str, message: str) -> None:
        value = self.data.get(name)
        if value is not None and not isinstance(value, bool):
            raise BadRequest(message.format(value))

    def _ask_filter(self) -> None:
        """Its refusal ends as a general error: the text of the refusal is lost."""
        if CourseEnrollmentViewStarted is None:
            return
        try:
            CourseEnrollmentViewStarted.run_filter(
                user=self.user,
                course_key=self.course_key,
                requester_is_backend_service=self.is_backend_service,
            )
        except CourseEnrollmentViewStarted.PreventEnrollment as exc:
            raise CourseEnrollmentError(str(exc)) from exc

    def _is_update(self) -> bool:
        """Whether something would change that only staff and servers may change."""
        if not (self.is_staff or self.is_backend_service):
            return False
        current = api.get_enrollment(self.user.username, str(self.course_key))
        if not current:
            return False
        mode, is_active = self.data.get("mode"), self.data.get("is_active")
        mode_changes = mode is not None and current["mode"] != mode
        active_changes = is_active is not None and current["is_active"] != is_active
        if mode_changes and active_changes and not is_active:
            raise BadRequest(
                f"Enrollment mode mismatch: active mode={current['mode']}, "
                f"requested mode={mode}. Won't deactivate."
            )
        return mode_changes or active_changes

    def _update(self) -> dict[str, Any]:
        mode = self.data.get("mode")
        attributes = self.data.get("enrollment_attributes")
        given = {f"{attr['namespace']}:{attr['name']}" for attr in attributes or []}
        required = REQUIRED_ATTRIBUTES.get(mode, [])
        if attributes and set(required) - given:
            raise BadRequest(
                f"Missing enrollment attributes: requested mode={mode} "
                f"required attributes={required}"
            )
        return api.update_enrollment(
            self.user.username,
            str(self.course_key),
            mode=mode,
            is_active=self.data.get("is_active"),
            enrollment_attributes=attributes,
            include_expired=self.is_backend_service,
        )

    def _add(self) -> dict[str, Any]:
        """Activates an inactive enrolment again. Only staff may force a closed course."""
        force = bool(self.data.get("force_enrollment")) and self.is_staff
        return api.add_enrollment(
            self.user.username,
            str(self.course_key),
            mode=self.data.get("mode"),
            is_active=self.data.get("is_active"),
            enrollment_attributes=self.data.get("enrollment_attributes"),
            enterprise_uuid=self.data.get("enterprise_uuid"),
            force_enrollment=force,
            include_expired=force,
        )

    def _place_in_cohort(self) -> None:
        name = self.data.get("cohort")
        if name is None:
            return
        cohort = get_cohort_by_name(self.course_key, name)
        try:
            add_user_to_cohort(cohort, self.user)
        except ValueError:
            log.info("User %s is in cohort %s already", self.user.id, cohort.id)
