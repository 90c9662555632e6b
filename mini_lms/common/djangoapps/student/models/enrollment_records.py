"""Rows that belong to enrolments: invitations, attributes, audits of manual enrolments."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q, QuerySet
from opaque_keys.edx.django.models import CourseKeyField
from simple_history.models import HistoricalRecords

from .course_enrollment import CourseEnrollment

UNENROLLED_TO_ALLOWEDTOENROLL = "from unenrolled to allowed to enroll"
ALLOWEDTOENROLL_TO_ENROLLED = "from allowed to enroll to enrolled"
ENROLLED_TO_ENROLLED = "from enrolled to enrolled"
ENROLLED_TO_UNENROLLED = "from enrolled to unenrolled"
UNENROLLED_TO_ENROLLED = "from unenrolled to enrolled"
DEFAULT_TRANSITION_STATE = "N/A"

TRANSITION_STATES = tuple(
    (state, state)
    for state in (
        UNENROLLED_TO_ALLOWEDTOENROLL,
        ALLOWEDTOENROLL_TO_ENROLLED,
        ENROLLED_TO_ENROLLED,
        ENROLLED_TO_UNENROLLED,
        UNENROLLED_TO_ENROLLED,
        DEFAULT_TRANSITION_STATE,
    )
)


class CourseEnrollmentAllowed(models.Model):
    """An invitation of an e-mail address to a course; used by at most one user.

    .. pii: e-mail address of somebody who may have no account yet
    .. pii_types: email_address
    .. pii_retirement: local_api
    """

    email = models.CharField(max_length=255, db_index=True)
    course_id = CourseKeyField(max_length=255, db_index=True)
    auto_enroll = models.BooleanField(default=False)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE)
    created = models.DateTimeField(auto_now_add=True, null=True, db_index=True)

    class Meta:
        unique_together = (("email", "course_id"),)

    def __str__(self) -> str:
        return f"[CourseEnrollmentAllowed] {self.email}: {self.course_id}"

    @classmethod
    def for_user(cls, user: User) -> QuerySet[CourseEnrollmentAllowed]:
        """Invitations that this user can use: sent to this address and not used by another."""
        return cls.objects.filter(Q(user__isnull=True) | Q(user=user), email=user.email)

    def valid_for_user(self, user: User) -> bool:
        return self.user is None or self.user == user


class CourseEnrollmentAttribute(models.Model):
    """A named value of an enrolment.

    .. no_pii:
    """

    enrollment = models.ForeignKey(
        CourseEnrollment, related_name="attributes", on_delete=models.CASCADE
    )
    namespace = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    value = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"{self.namespace}:{self.name}, {self.value}"

    @classmethod
    def add_enrollment_attr(
        cls, enrollment: CourseEnrollment, data_list: list[dict[str, str]]
    ) -> None:
        """Despite its name this REPLACES all attributes of the enrolment."""
        cls.objects.filter(enrollment=enrollment).delete()
        cls.objects.bulk_create(
            cls(
                enrollment=enrollment,
                namespace=data["namespace"],
                name=data["name"],
                value=data["value"],
            )
            for data in data_list
        )

    @classmethod
    def get_enrollment_attributes(cls, enrollment: CourseEnrollment) -> list[dict[str, str]]:
        found = cls.objects.filter(enrollment=enrollment)
        return list(found.values("namespace", "name", "value"))


class ManualEnrollmentAudit(models.Model):
    """Who enrolled or unenrolled somebody by hand, and why.

    .. pii: e-mail address
    .. pii_types: email_address
    .. pii_retirement: local_api
    """

    enrollment = models.ForeignKey(CourseEnrollment, null=True, on_delete=models.CASCADE)
    enrolled_by = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    enrolled_email = models.CharField(max_length=255, db_index=True)
    time_stamp = models.DateTimeField(auto_now_add=True, null=True)
    state_transition = models.CharField(max_length=255, choices=TRANSITION_STATES)
    reason = models.TextField(null=True)
    role = models.CharField(blank=True, null=True, max_length=64)
    history = HistoricalRecords()

    def __str__(self) -> str:
        return f"{self.state_transition}: {self.enrolled_email}"

    @classmethod
    def create_manual_enrollment_audit(
        cls,
        user: User,
        email: str,
        state_transition: str,
        reason: str,
        enrollment: CourseEnrollment | None = None,
        role: str | None = None,
    ) -> ManualEnrollmentAudit:
        return cls.objects.create(
            enrolled_by=user,
            enrolled_email=email,
            state_transition=state_transition,
            reason=reason,
            enrollment=enrollment,
            role=role,
        )
