"""POST and GET /api/enrollment/v1/enrollment."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from openedx_filters.learning import filters
from rest_framework.settings import api_settings

from common.djangoapps.student.models import CourseEnrollment
from openedx.core.djangoapps.course_groups.cohorts import (
    add_cohort,
    get_cohort,
    set_course_cohorted,
)
from tests.mini_lms.helpers import (
    ENROLLMENT_FILTER,
    KEY,
    MIXED,
    PROFESSIONAL,
    VERIFIED_ONLY,
    VIEW_FILTER,
    WHITE_LABEL,
    make_course,
    make_user,
    pipeline,
)

pytestmark = pytest.mark.django_db

URL = "/api/enrollment/v1/enrollment"


@pytest.fixture
def page(learner: Any, client: Client) -> Client:
    client.force_login(learner)
    return client


def post(page: Client, key: str | None = None, **data: Any) -> Any:
    headers = {"X-Edx-Api-Key": key} if key else {}
    body = {"course_details": {"course_id": str(KEY)}, **data}
    return page.post(URL, body, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("modes", "asked", "status", "mode"),
    [
        (MIXED, None, 200, "audit"),
        (MIXED, "audit", 200, "audit"),
        (MIXED, "verified", 403, None),
        (VERIFIED_ONLY, None, 400, None),
        (PROFESSIONAL, None, 400, None),
        (PROFESSIONAL, "professional", 403, None),
        (WHITE_LABEL, "honor", 200, "honor"),
    ],
)
def test_what_a_learner_may_ask_for(
    page: Client, learner: Any, modes: Any, asked: str | None, status: int, mode: str | None
) -> None:
    make_course(modes=modes)

    response = post(page, mode=asked)

    assert response.status_code == status
    assert CourseEnrollment.enrollment_mode_for_user(learner, KEY)[0] == mode


def test_a_refusing_filter_is_403_with_both_texts(page: Client, settings: Any) -> None:
    make_course()
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    response = post(page)

    text = "Pay at /pay/ first."
    assert response.status_code == 403
    assert response.json() == {"message": text, "localizedMessage": text}


@pytest.mark.skipif(
    not hasattr(filters, "CourseEnrollmentViewStarted"), reason="came after openedx-filters 3.4"
)
def test_the_views_own_filter_loses_its_text(page: Client, settings: Any) -> None:
    make_course()
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(VIEW_FILTER, "RefuseView")

    response = post(page)

    assert response.status_code == 400
    assert response.json()["message"].startswith("An error occurred while creating")


def test_enrolling_twice_is_200(page: Client) -> None:
    make_course()
    first, second = post(page), post(page)

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["course_details"]["course_id"] == str(KEY)


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        ({"course_details": {}}, 400, "Course ID must be specified to create a new enrollment."),
        ({"course_details": {"course_id": "x"}}, 400, "No course 'x' found for enrollment"),
        (
            {"course_details": {"course_id": "course-v1:A+B+C"}},
            400,
            "No course 'course-v1:A+B+C' found for enrollment",
        ),
        ({"is_active": "yes"}, 400, "'yes' is an invalid enrollment activation status."),
        ({"cohort": "none such"}, 400, "An error occured while adding to cohort [none such]"),
    ],
)
def test_bad_requests(page: Client, data: dict[str, Any], status: int, message: str) -> None:
    make_course()
    response = post(page, **data)

    assert (response.status_code, response.json()["message"]) == (status, message)


def test_a_full_course_is_400_with_a_general_text(page: Client) -> None:
    make_course(max_student_enrollments_allowed=0)

    assert post(page).status_code == 400


def test_others_are_not_to_be_found(page: Client) -> None:
    make_course()
    make_user("other")

    assert post(page, user="other").status_code == 404
    assert post(page, email="other@example.com").status_code == 404


def test_without_sign_in_there_is_nothing(client: Client) -> None:
    assert post(client).status_code == 401
    assert post(client, key="wrong").status_code == 401


def test_a_session_needs_the_csrf_token(learner: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(learner)

    assert post(strict).status_code == 403


def test_a_server_enrols_and_upgrades_past_the_filter(
    client: Client, learner: Any, settings: Any
) -> None:
    make_course(modes=MIXED)
    key = settings.EDX_API_KEY
    assert post(client, key, user="learner", mode="audit").status_code == 200
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    upgraded = post(client, key, user="learner", mode="verified")

    assert (upgraded.status_code, upgraded.json()["mode"]) == (200, "verified")
    mismatch = post(client, key, user="learner", mode="audit", is_active=False)
    assert mismatch.status_code == 400
    assert post(client, key, user="nobody").status_code == 406


def test_staff_enrol_others_in_any_mode(client: Client, staff: Any, learner: Any) -> None:
    make_course(modes=MIXED)
    client.force_login(staff)

    assert post(client, user="learner", mode="verified").json()["mode"] == "verified"


def test_a_cohort_in_the_body_is_joined(page: Client, learner: Any) -> None:
    make_course()
    set_course_cohorted(KEY, True)
    north = add_cohort(KEY, "North", "manual")

    assert post(page, cohort="North").status_code == 200
    assert post(page, cohort="North").status_code == 200
    assert get_cohort(learner, KEY, assign=False) == north


def test_the_list_is_ones_own(page: Client, learner: Any) -> None:
    make_course()
    post(page)

    assert [row["user"] for row in page.get(URL).json()] == ["learner"]
    other = make_user("other")
    page.force_login(other)
    assert page.get(f"{URL}?user=learner").json() == []


def test_nothing_is_throttled_by_default() -> None:
    assert api_settings.DEFAULT_THROTTLE_CLASSES in ([], ())
