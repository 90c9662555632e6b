"""CourseEnrollment.enroll and unenroll: the order of the checks, and what is announced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils.timezone import now

from common.djangoapps.student import models
from common.djangoapps.student.models import (
    CourseEnrollment,
    CourseEnrollmentAllowed,
    CourseEnrollmentException,
)
from common.djangoapps.student.roles import CourseStaffRole
from tests.mini_lms.helpers import (
    ENROLLMENT_FILTER,
    KEY,
    MIXED,
    UNENROLLMENT_FILTER,
    make_course,
    make_user,
    pipeline,
)

pytestmark = pytest.mark.django_db

YESTERDAY = timedelta(days=-1)

# Every fault at once, then one less on each line: the first check in the order must speak.
ORDER = [
    ("EnrollmentNotAllowed", {"filter", "missing", "closed", "full", "enrolled"}),
    ("NonExistentCourseError", {"missing", "closed", "full", "enrolled"}),
    ("EnrollmentClosedError", {"closed", "full", "enrolled"}),
    ("CourseFullError", {"full", "enrolled"}),
    ("AlreadyEnrolledError", {"enrolled"}),
]


@pytest.mark.parametrize(("expected", "faults"), ORDER, ids=[name for name, _ in ORDER])
def test_the_first_check_that_fails_speaks(
    learner: Any, settings: Any, expected: str, faults: set[str]
) -> None:
    if "missing" not in faults:
        make_course(
            enrollment_end=now() + YESTERDAY if "closed" in faults else None,
            max_student_enrollments_allowed=0 if "full" in faults else None,
        )
    CourseEnrollment.objects.create(user=learner, course_id=KEY)
    if "filter" in faults:
        settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    with pytest.raises(CourseEnrollmentException) as caught:
        CourseEnrollment.enroll(learner, KEY, check_access=True)

    assert type(caught.value) is getattr(models, expected)


def test_the_filters_text_is_the_exceptions(learner: Any, settings: Any) -> None:
    make_course()
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    with pytest.raises(models.EnrollmentNotAllowed, match=r"^Pay at /pay/ first\.$"):
        CourseEnrollment.enroll(learner, KEY)

    assert not CourseEnrollment.objects.exists()


def test_without_check_access_only_the_filter_is_asked(learner: Any) -> None:
    make_course(enrollment_end=now() + YESTERDAY, max_student_enrollments_allowed=0)

    CourseEnrollment.enroll(learner, KEY)
    again = CourseEnrollment.enroll(learner, KEY)

    assert again.is_active


@pytest.mark.parametrize(
    ("who", "course", "may"),
    [
        ("learner", {}, True),
        ("learner", {"enrollment_start": timedelta(days=1)}, False),
        ("learner", {"enrollment_end": YESTERDAY}, False),
        ("learner", {"invitation_only": True}, False),
        ("invited", {"invitation_only": True}, True),
        ("invited", {"enrollment_end": YESTERDAY}, True),
        ("invitation of another", {}, False),
        ("course staff", {"enrollment_end": YESTERDAY}, True),
        ("global staff", {"invitation_only": True}, True),
    ],
)
def test_who_may_enrol(who: str, course: dict[str, Any], may: bool) -> None:
    dates = {k: now() + v if isinstance(v, timedelta) else v for k, v in course.items()}
    overview = make_course(**dates)
    user = make_user("somebody", is_staff=who == "global staff")
    if who == "course staff":
        CourseStaffRole(KEY).add_users(user)
    if who.startswith("invit"):
        owner = make_user("other") if who == "invitation of another" else None
        CourseEnrollmentAllowed.objects.create(email=user.email, course_id=KEY, user=owner)

    assert CourseEnrollment.is_enrollment_closed(user, overview) is not may


def test_can_upgrade_passes_the_closed_window_only(learner: Any) -> None:
    make_course(enrollment_end=now() + YESTERDAY)

    enrolled = CourseEnrollment.enroll(learner, KEY, check_access=True, can_upgrade=True)

    assert enrolled.is_active


def test_staff_take_no_seat() -> None:
    course = make_course(max_student_enrollments_allowed=1)
    teacher = make_user("teacher")
    CourseStaffRole(KEY).add_users(teacher)
    CourseEnrollment.enroll(teacher, KEY)

    assert not CourseEnrollment.objects.is_course_full(course)

    CourseEnrollment.enroll(make_user("first"), KEY, check_access=True)
    assert CourseEnrollment.objects.is_course_full(course)


def test_an_invitation_becomes_the_users_own(learner: Any) -> None:
    make_course()
    CourseEnrollmentAllowed.objects.create(email=learner.email, course_id=KEY)

    CourseEnrollment.enroll(learner, KEY)

    assert CourseEnrollmentAllowed.objects.get().user == learner


def test_an_inactive_row_is_activated_again(learner: Any) -> None:
    make_course(modes=MIXED)
    first = CourseEnrollment.enroll(learner, KEY, mode="verified")
    CourseEnrollment.unenroll(learner, KEY)

    again = CourseEnrollment.enroll(learner, KEY, check_access=True)

    assert (again.pk, again.is_active, again.mode) == (first.pk, True, "audit")


def test_what_is_sent_on_enrolling_and_leaving(learner: Any, sent: list[Any]) -> None:
    make_course(modes=MIXED)

    CourseEnrollment.enroll(learner, KEY, mode="verified")

    assert [name for name, _ in sent] == [
        "COURSE_ENROLLMENT_CHANGED",
        "ENROLLMENT_TRACK_UPDATED",
        "ENROLL_STATUS_CHANGE",
        "COURSE_ENROLLMENT_CREATED",
    ]
    data = sent[-1][1]["enrollment"]
    assert (data.user.pii.name, data.mode, data.is_active) == ("Learner", "verified", True)
    assert (data.course.course_key, data.course.display_name) == (KEY, "Knots")

    sent.clear()
    CourseEnrollment.unenroll(learner, KEY, skip_refund=True)

    assert [name for name, _ in sent] == [
        "COURSE_ENROLLMENT_CHANGED",
        "UNENROLL_DONE",
        "ENROLL_STATUS_CHANGE",
        "COURSE_UNENROLLMENT_COMPLETED",
    ]
    assert sent[1][1]["skip_refund"] is True


@pytest.mark.django_db(transaction=True)
def test_events_are_sent_before_the_commit(learner: Any, sent: list[Any]) -> None:
    make_course()
    with transaction.atomic():
        CourseEnrollment.enroll(learner, KEY)
        seen = [name for name, _ in sent]
        transaction.set_rollback(True)

    assert "COURSE_ENROLLMENT_CREATED" in seen
    assert not CourseEnrollment.objects.exists()


def test_leaving_without_being_enrolled_is_no_error(learner: Any, sent: list[Any]) -> None:
    CourseEnrollment.unenroll(learner, KEY)

    assert sent == []


def test_a_filter_can_keep_somebody_in(learner: Any, settings: Any) -> None:
    make_course()
    CourseEnrollment.enroll(learner, KEY)
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(UNENROLLMENT_FILTER, "RefuseUnenrolment")

    with pytest.raises(models.UnenrollmentNotAllowed, match=r"You have to stay\."):
        CourseEnrollment.unenroll(learner, KEY)

    assert CourseEnrollment.is_enrolled(learner, KEY)


def test_a_user_without_a_profile_cannot_be_enrolled(db: None) -> None:
    from django.contrib.auth.models import User

    make_course()
    with pytest.raises(User.profile.RelatedObjectDoesNotExist):
        CourseEnrollment.enroll(User.objects.create_user("bare"), KEY)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [([], False), ([("order", "date_placed")], True), ([("token_payments", "date_placed")], False)],
)
def test_refundable_needs_an_order(
    learner: Any, attributes: list[tuple[str, str]], expected: bool
) -> None:
    make_course(modes=MIXED)
    enrollment = CourseEnrollment.enroll(learner, KEY, mode="verified")
    for namespace, name in attributes:
        placed = now().strftime("%Y-%m-%dT%H:%M:%SZ")
        enrollment.attributes.create(namespace=namespace, name=name, value=placed)

    assert enrollment.refundable() is expected
