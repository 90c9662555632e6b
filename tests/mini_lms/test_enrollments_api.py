"""openedx.core.djangoapps.enrollments.api: its quirks, kept."""

from __future__ import annotations

from typing import Any

import pytest

from common.djangoapps.student.models import CourseEnrollment, EnrollmentNotAllowed
from openedx.core.djangoapps.enrollments import api, errors
from openedx.core.lib.exceptions import CourseNotFoundError
from tests.mini_lms.helpers import (
    ENROLLMENT_FILTER,
    FREE,
    KEY,
    MIXED,
    PROFESSIONAL,
    VERIFIED_ONLY,
    WHITE_LABEL,
    RecordMode,
    make_course,
    pipeline,
)

pytestmark = pytest.mark.django_db


def test_add_enrollment_hides_the_mode_from_filters_and_sets_it_afterwards(
    learner: Any, settings: Any, sent: list[Any]
) -> None:
    make_course(modes=MIXED)
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RecordMode")

    answer = api.add_enrollment("learner", str(KEY), mode="verified")

    assert RecordMode.seen == [None]
    events = [(name, kw["enrollment"].mode) for name, kw in sent if name.startswith("COURSE_")]
    assert events == [
        ("COURSE_ENROLLMENT_CHANGED", "audit"),
        ("COURSE_ENROLLMENT_CREATED", "audit"),
        ("COURSE_ENROLLMENT_CHANGED", "verified"),
    ]
    assert answer["mode"] == "verified"


def test_enroll_itself_shows_the_mode_to_filters(learner: Any, settings: Any) -> None:
    make_course(modes=MIXED)
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RecordMode")

    CourseEnrollment.enroll(learner, KEY, mode="verified")

    assert RecordMode.seen == ["verified"]


def test_update_enrollment_asks_no_filter(learner: Any, settings: Any) -> None:
    make_course(modes=MIXED)
    CourseEnrollment.enroll(learner, KEY)
    CourseEnrollment.unenroll(learner, KEY)
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    answer = api.update_enrollment("learner", str(KEY), mode="verified", is_active=True)

    assert (answer["mode"], answer["is_active"]) == ("verified", True)


def test_a_refusal_of_a_filter_is_not_translated(learner: Any, settings: Any) -> None:
    make_course()
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    with pytest.raises(EnrollmentNotAllowed):
        api.add_enrollment("learner", str(KEY))


@pytest.mark.parametrize(
    ("modes", "asked", "got"),
    [
        (FREE, None, "audit"),
        (MIXED, None, "audit"),
        (WHITE_LABEL, None, "honor"),
        (WHITE_LABEL, "honor", "honor"),
        (PROFESSIONAL, None, errors.CourseModeNotFoundError),
        (VERIFIED_ONLY, None, errors.CourseModeNotFoundError),
        (VERIFIED_ONLY, "honor", errors.CourseModeNotFoundError),
        (VERIFIED_ONLY, "verified", "verified"),
        ({}, None, "audit"),
    ],
)
def test_which_mode_one_gets(learner: Any, modes: Any, asked: str | None, got: Any) -> None:
    make_course(modes=modes)
    if isinstance(got, str):
        assert api.add_enrollment("learner", str(KEY), mode=asked)["mode"] == got
    else:
        with pytest.raises(got):
            api.add_enrollment("learner", str(KEY), mode=asked)


def test_errors_of_the_api(learner: Any) -> None:
    with pytest.raises(CourseNotFoundError):
        api.add_enrollment("learner", str(KEY))
    make_course(max_student_enrollments_allowed=0)
    with pytest.raises(errors.CourseEnrollmentFullError):
        api.add_enrollment("learner", str(KEY))
    with pytest.raises(errors.UserNotFoundError):
        api.add_enrollment("nobody", str(KEY))
    with pytest.raises(errors.EnrollmentNotFoundError):
        api.update_enrollment("learner", str(KEY), is_active=False)


def test_already_enrolled_carries_the_enrolment(learner: Any) -> None:
    make_course()
    api.add_enrollment("learner", str(KEY))

    with pytest.raises(errors.CourseEnrollmentExistsError) as caught:
        api.add_enrollment("learner", str(KEY))

    assert caught.value.enrollment["user"] == "learner"


def test_setting_attributes_replaces_them_all(learner: Any) -> None:
    make_course()
    first = {"namespace": "order", "name": "order_number", "value": "1"}
    second = {"namespace": "token_payments", "name": "redemption", "value": "7"}
    api.add_enrollment("learner", str(KEY), enrollment_attributes=[first])

    api.set_enrollment_attributes("learner", str(KEY), [second])

    assert api.get_enrollment_attributes("learner", str(KEY)) == [second]
    with pytest.raises(errors.InvalidEnrollmentAttribute):
        api.set_enrollment_attributes("learner", str(KEY), [{"namespace": "a", "name": "b"}])


def test_what_the_api_tells_of_an_enrolment(learner: Any) -> None:
    make_course(modes=MIXED)
    assert api.get_enrollment("learner", str(KEY)) is None

    api.add_enrollment("learner", str(KEY))

    found = api.get_enrollment("learner", str(KEY))
    assert set(found) == {"created", "mode", "is_active", "course_details", "user"}
    modes = found["course_details"]["course_modes"]
    assert [(mode["slug"], mode["min_price"]) for mode in modes] == [("audit", 0), ("verified", 49)]
