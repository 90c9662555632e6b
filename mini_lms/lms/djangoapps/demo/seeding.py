"""Fills the host with the demo's courses and people. Running it again changes nothing twice."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.contrib.sites.models import Site
from django.db import transaction
from organizations.models import Organization, OrganizationCourse

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment, UserProfile
from common.djangoapps.student.roles import CourseSalesAdminRole, CourseStaffRole
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.course_groups.cohorts import (
    add_cohort,
    is_cohort_exists,
    set_course_cohorted,
)
from openedx.core.djangoapps.course_groups.models import CourseCohort

from . import data


@transaction.atomic
def seed_host(*, now: datetime) -> None:
    """Dates are relative to `now` on each run, so that the open courses stay open."""
    Site.objects.update_or_create(id=1, defaults={"domain": "localhost:8000", "name": "Mini LMS"})
    for username, name in data.PEOPLE.items():
        seed_user(username, name)
    for course in data.COURSES:
        seed_course(course, now)
    seed_staff()


def seed_user(username: str, name: str) -> User:
    user, created = User.objects.get_or_create(
        username=username, defaults={"email": f"{username}@example.com"}
    )
    if created:
        user.set_password(data.PASSWORD)
        user.save()
    UserProfile.objects.get_or_create(user=user, defaults={"name": name})
    return user


def seed_course(course: data.DemoCourse, now: datetime) -> None:
    CourseOverview.objects.update_or_create(id=course.key, defaults=course.overview_fields(now))
    for slug, name, price in course.modes:
        CourseMode.objects.get_or_create(
            course_id=course.key,
            mode_slug=slug,
            currency="gbp",
            defaults={"mode_display_name": name, "min_price": price},
        )
    organisation, _ = Organization.objects.get_or_create(
        short_name=course.key.org, defaults={"name": "Demo Training", "active": True}
    )
    OrganizationCourse.objects.get_or_create(
        course_id=str(course.key), organization=organisation, defaults={"active": True}
    )
    for number, name in enumerate(data.FILLER_NAMES[: course.filled], start=1):
        filler = seed_user(f"filler{number}", name)
        seed_seat(filler, course)
    if course.cohorts:
        set_course_cohorted(course.key, True)
    for name in course.cohorts:
        if not is_cohort_exists(course.key, name):
            add_cohort(course.key, name, CourseCohort.MANUAL)


def seed_seat(user: User, course: data.DemoCourse) -> None:
    """A row, not an enrolment: no filter and no event is wanted for the fillers."""
    CourseEnrollment.objects.get_or_create(
        user=user, course_id=course.key, defaults={"mode": course.paid_mode or "audit"}
    )


def seed_staff() -> None:
    operator = User.objects.get(username=data.OPERATOR)
    operator.is_staff = operator.is_superuser = True
    operator.save()
    course_admin = User.objects.get(username=data.COURSE_ADMIN)
    course_admin.is_staff = True
    course_admin.save()
    for key in data.PAID_KEYS:
        CourseStaffRole(key).add_users(course_admin)
        CourseSalesAdminRole(key).add_users(course_admin)
