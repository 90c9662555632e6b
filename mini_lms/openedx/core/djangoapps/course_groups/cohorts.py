"""Cohorts: what they are, who is in them, and putting people into them."""

from __future__ import annotations

import random

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import Http404
from edx_django_utils.cache import RequestCache
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.student.models import get_user_by_username_or_email
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

from .models import (
    CohortMembership,
    CourseCohort,
    CourseCohortsSettings,
    CourseUserGroup,
    UnregisteredLearnerCohortAssignments,
)

COHORT_CACHE_NAMESPACE = "cohorts.get_cohort"
DEFAULT_COHORT_NAME = "Default Group"


def is_course_cohorted(course_key: CourseKey) -> bool:
    """Raises Http404 for an unknown course."""
    return _get_course_cohort_settings(course_key).is_cohorted


def set_course_cohorted(course_key: CourseKey, cohorted: bool) -> None:
    if not isinstance(cohorted, bool):
        raise ValueError("Cohorted must be a boolean")  # noqa: TRY004 (as upstream)
    found = _get_course_cohort_settings(course_key)
    found.is_cohorted = cohorted
    found.save()


def get_cohort(
    user: User, course_key: CourseKey, assign: bool = True, use_cached: bool = False
) -> CourseUserGroup | None:
    """The user's cohort, or None. With `assign` a user without one is put into one, at random."""
    if user is None or user.is_anonymous:
        return None
    cache = RequestCache(COHORT_CACHE_NAMESPACE).data
    key = f"{user.id}.{course_key}"
    if use_cached and key in cache:
        return cache[key]
    cache.pop(key, None)
    if not is_course_cohorted(course_key):
        return cache.setdefault(key, None)
    membership = CohortMembership.objects.filter(course_id=course_key, user=user).first()
    if membership is not None:
        return cache.setdefault(key, membership.course_user_group)
    return _assign_some_cohort(user, course_key) if assign else None


def _assign_some_cohort(user: User, course_key: CourseKey) -> CourseUserGroup | None:
    kept = UnregisteredLearnerCohortAssignments.objects.filter(
        email=user.email, course_id=course_key
    ).first()
    cohort = kept.course_user_group if kept else get_random_cohort(course_key)
    try:
        with transaction.atomic():
            add_user_to_cohort(cohort, user)
            if kept:
                kept.delete()
    except ValueError:
        pass
    except IntegrityError:  # another worker assigned the same user at the same time
        return get_cohort(user, course_key, assign=False)
    return cohort


def get_random_cohort(course_key: CourseKey) -> CourseUserGroup:
    """One of the cohorts with random assignment; one is made when the course has none."""
    cohorts = get_course_cohorts(course_id=course_key, assignment_type=CourseCohort.RANDOM)
    if cohorts:
        return random.choice(cohorts)
    made = CourseCohort.create(
        cohort_name=DEFAULT_COHORT_NAME,
        course_id=course_key,
        assignment_type=CourseCohort.RANDOM,
    )
    return made.course_user_group


def get_course_cohorts(
    course: CourseOverview | None = None,
    course_id: CourseKey | None = None,
    assignment_type: str | None = None,
    ordering: str = "asc",
) -> list[CourseUserGroup]:
    """By name. Does not ask whether the course is cohorted. Exactly one of course and course_id."""
    assert bool(course) ^ bool(course_id), "course or course_id required"
    found = CourseUserGroup.objects.filter(
        course_id=course.id if course else course_id, group_type=CourseUserGroup.COHORT
    )
    if assignment_type:
        found = found.filter(cohort__assignment_type=assignment_type)
    return list(found.order_by("-name" if ordering == "desc" else "name"))


def get_cohort_by_name(course_key: CourseKey, name: str) -> CourseUserGroup:
    """Raises `CourseUserGroup.DoesNotExist`."""
    return CourseUserGroup.objects.get(
        course_id=course_key, group_type=CourseUserGroup.COHORT, name=name
    )


def is_cohort_exists(course_key: CourseKey, name: str) -> bool:
    return CourseUserGroup.objects.filter(
        course_id=course_key, group_type=CourseUserGroup.COHORT, name=name
    ).exists()


def add_cohort(course_key: CourseKey, name: str, assignment_type: str) -> CourseUserGroup:
    """Raises ValueError for a name in use and for an unknown course."""
    if is_cohort_exists(course_key, name):
        raise ValueError("You cannot create two cohorts with the same name")
    if not CourseOverview.course_exists(course_key):
        raise ValueError("Invalid course_key")
    made = CourseCohort.create(
        cohort_name=name, course_id=course_key, assignment_type=assignment_type
    )
    return made.course_user_group


def remove_user_from_cohort(cohort: CourseUserGroup, username_or_email: str) -> None:
    """Raises `User.DoesNotExist`, and ValueError for a user who is not in the cohort."""
    user = get_user_by_username_or_email(username_or_email)
    membership = CohortMembership.objects.filter(course_user_group=cohort, user=user).first()
    if membership is None:
        raise ValueError(f"User {username_or_email} was not present in cohort {cohort}")
    membership.delete()
    RequestCache(COHORT_CACHE_NAMESPACE).data.pop(f"{user.id}.{cohort.course_id}", None)


def add_user_to_cohort(
    cohort: CourseUserGroup, username_or_email_or_user: User | str
) -> tuple[User | None, str | None, bool]:
    """(user, name of the cohort that they left, False), or (None, None, True) for a kept address.

    Moves a user from another cohort without asking. ValueError: already in this one.
    """
    try:
        if hasattr(username_or_email_or_user, "email"):
            user = username_or_email_or_user
        else:
            user = get_user_by_username_or_email(username_or_email_or_user)
    except User.DoesNotExist as unknown:
        return _keep_for_address(cohort, username_or_email_or_user, unknown)
    membership, previous = CohortMembership.assign(cohort, user)
    cache = RequestCache(COHORT_CACHE_NAMESPACE).data
    cache[f"{user.id}.{membership.course_id}"] = membership.course_user_group
    return user, getattr(previous, "name", None), False


def _keep_for_address(
    cohort: CourseUserGroup, address: str, unknown: User.DoesNotExist
) -> tuple[None, None, bool]:
    try:
        validate_email(address)
    except ValidationError as invalid:
        raise (invalid if "@" in address else unknown) from None
    UnregisteredLearnerCohortAssignments.objects.update_or_create(
        email=address, course_id=cohort.course_id, defaults={"course_user_group": cohort}
    )
    return None, None, True


def _get_course_cohort_settings(course_key: CourseKey) -> CourseCohortsSettings:
    found = CourseCohortsSettings.objects.filter(course_id=course_key).first()
    if found is not None:
        return found
    if not CourseOverview.course_exists(course_key):
        raise Http404(f"There is no course {course_key}")
    made, _ = CourseCohortsSettings.objects.get_or_create(course_id=course_key)
    return made
