"""Groups of learners in a course. A learner is in at most one cohort of a course."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from opaque_keys.edx.django.models import CourseKeyField
from opaque_keys.edx.keys import CourseKey
from openedx_events.learning.data import (
    CohortData,
    CourseData,
    UserData,
    UserPersonalData,
)
from openedx_events.learning.signals import COHORT_MEMBERSHIP_CHANGED
from openedx_filters.learning.filters import (
    CohortAssignmentRequested,
    CohortChangeRequested,
)


class CohortMembershipException(Exception):
    pass


class CohortChangeNotAllowed(CohortMembershipException):
    """A step of the CohortChangeRequested filter refused."""


class CohortAssignmentNotAllowed(CohortMembershipException):
    """A step of the CohortAssignmentRequested filter refused."""


class CourseUserGroup(models.Model):
    """A named group of a course; of the type 'cohort' here, always.

    .. no_pii:
    """

    COHORT = "cohort"
    GROUP_TYPE_CHOICES = ((COHORT, "Cohort"),)

    name = models.CharField(max_length=255)
    users = models.ManyToManyField(User, db_index=True, related_name="course_groups", blank=True)
    course_id = CourseKeyField(max_length=255, db_index=True)
    group_type = models.CharField(max_length=20, choices=GROUP_TYPE_CHOICES)

    class Meta:
        unique_together = (("name", "course_id"),)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def create(
        cls, name: str, course_id: CourseKey, group_type: str = COHORT
    ) -> tuple[CourseUserGroup, bool]:
        return cls.objects.get_or_create(course_id=course_id, group_type=group_type, name=name)


class CohortMembership(models.Model):
    """Holds the rule of one cohort per user and course.

    .. no_pii:
    """

    course_user_group = models.ForeignKey(CourseUserGroup, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)

    class Meta:
        unique_together = (("user", "course_id"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.course_user_group}"

    def clean_fields(self, *args: Any, **kwargs: Any) -> None:
        if self.course_id is None:
            self.course_id = self.course_user_group.course_id
        super().clean_fields(*args, **kwargs)

    def clean(self) -> None:
        if self.course_user_group.group_type != CourseUserGroup.COHORT:
            raise ValidationError("Only a group of the type 'cohort' has cohort members")
        if self.course_user_group.course_id != self.course_id:
            raise ValidationError("The group belongs to another course")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.full_clean(validate_unique=False)
        person = UserPersonalData(
            username=self.user.username, email=self.user.email, name=self.user.profile.name
        )
        COHORT_MEMBERSHIP_CHANGED.send_event(
            cohort=CohortData(
                user=UserData(pii=person, id=self.user.id, is_active=self.user.is_active),
                course=CourseData(course_key=self.course_id),
                name=self.course_user_group.name,
            )
        )
        super().save(*args, **kwargs)

    @classmethod
    def assign(
        cls, cohort: CourseUserGroup, user: User
    ) -> tuple[CohortMembership, CourseUserGroup | None]:
        """Puts or moves the user; answers with the cohort that they left, if any."""
        try:
            user, cohort = CohortAssignmentRequested.run_filter(user=user, target_cohort=cohort)
        except CohortAssignmentRequested.PreventCohortAssignment as exc:
            raise CohortAssignmentNotAllowed(str(exc)) from exc
        with transaction.atomic():
            membership, created = cls.objects.select_for_update().get_or_create(
                user__id=user.id,
                course_id=cohort.course_id,
                defaults={"course_user_group": cohort, "user": user},
            )
            if created:
                cohort.users.add(user)
                return membership, None
            if membership.course_user_group == cohort:
                raise ValueError(f"User {user.username} is already in the cohort {cohort.name}")
            return membership, membership._move(cohort)

    def _move(self, cohort: CourseUserGroup) -> CourseUserGroup:
        previous = self.course_user_group
        try:
            _, cohort = CohortChangeRequested.run_filter(
                current_membership=self, target_cohort=cohort
            )
        except CohortChangeRequested.PreventCohortChange as exc:
            raise CohortChangeNotAllowed(str(exc)) from exc
        previous.users.remove(self.user)
        self.course_user_group = cohort
        cohort.users.add(self.user)
        self.save()
        return previous


@receiver(pre_delete, sender=CohortMembership)
def remove_user_from_group(
    sender: type[CohortMembership], instance: CohortMembership, **kwargs: Any
) -> None:
    instance.course_user_group.users.remove(instance.user)


class CourseCohortsSettings(models.Model):
    """Whether the cohorts of a course are in use.

    .. no_pii:
    """

    is_cohorted = models.BooleanField(default=False)
    course_id = CourseKeyField(unique=True, max_length=255, db_index=True)

    def __str__(self) -> str:
        return f"{self.course_id}: {'cohorted' if self.is_cohorted else 'not cohorted'}"


class CourseCohort(models.Model):
    """How a cohort gets its members.

    .. no_pii:
    """

    RANDOM = "random"
    MANUAL = "manual"
    ASSIGNMENT_TYPE_CHOICES = ((RANDOM, "Random"), (MANUAL, "Manual"))

    course_user_group = models.OneToOneField(
        CourseUserGroup, unique=True, related_name="cohort", on_delete=models.CASCADE
    )
    assignment_type = models.CharField(
        max_length=20, choices=ASSIGNMENT_TYPE_CHOICES, default=MANUAL
    )

    def __str__(self) -> str:
        return f"{self.course_user_group} ({self.assignment_type})"

    @classmethod
    def create(
        cls,
        cohort_name: str | None = None,
        course_id: CourseKey | None = None,
        course_user_group: CourseUserGroup | None = None,
        assignment_type: str = MANUAL,
    ) -> CourseCohort:
        if course_user_group is None:
            course_user_group, _ = CourseUserGroup.create(cohort_name, course_id)
        cohort, _ = cls.objects.get_or_create(
            course_user_group=course_user_group, defaults={"assignment_type": assignment_type}
        )
        return cohort


class UnregisteredLearnerCohortAssignments(models.Model):
    """A cohort kept for an address whose owner has no account yet.

    .. pii: e-mail address
    .. pii_types: email_address
    .. pii_retirement: local_api
    """

    course_user_group = models.ForeignKey(CourseUserGroup, on_delete=models.CASCADE)
    email = models.CharField(blank=True, max_length=255, db_index=True)
    course_id = CourseKeyField(max_length=255)

    class Meta:
        unique_together = (("course_id", "email"),)

    def __str__(self) -> str:
        return f"{self.email} -> {self.course_user_group}"
