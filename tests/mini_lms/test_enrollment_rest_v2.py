"""POST /api/enrollment/v2/enrollment/ and the baskets API: their statuses and bodies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils.timezone import now

from common.djangoapps.student.models import CourseEnrollment, CourseEnrollmentAllowed
from tests.mini_lms.helpers import (
    ENROLLMENT_FILTER,
    KEY,
    MIXED,
    PROFESSIONAL,
    make_course,
    make_user,
    pipeline,
)

pytestmark = pytest.mark.django_db

URL = "/api/enrollment/v2/enrollment/"
BASKETS = "/api/commerce/v0/baskets/"


@pytest.fixture
def page(learner: Any, client: Client) -> Client:
    client.force_login(learner)
    return client


def post(page: Client, **data: Any) -> Any:
    body = {"course_details": {"course_id": str(KEY)}, **data}
    return page.post(URL, body, content_type="application/json")


def fill(page: Client, course_id: str = str(KEY)) -> Any:
    return page.post(BASKETS, {"course_id": course_id}, content_type="application/json")


def test_v2_enrols_in_the_free_mode_once(page: Client, learner: Any) -> None:
    make_course(modes=MIXED)

    first, again = post(page), post(page)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["mode"] == "audit"
    assert CourseEnrollment.is_enrolled(learner, KEY)


@pytest.mark.parametrize(
    ("data", "status", "detail"),
    [
        ({"course_details": {}}, 400, "Course ID must be specified"),
        ({"course_details": {"course_id": "x"}}, 400, "No course 'x' found"),
        ({"mode": "verified"}, 403, "does not have permission to create enrollment"),
        ({"mode": "honor"}, 400, "[honor] course mode is expired or otherwise unavailable"),
        ({"is_active": "yes"}, 400, "'yes' is an invalid enrollment activation status."),
        ({"user": "other"}, 404, ""),
        ({"email": "other@example.com"}, 404, ""),
        ({"cohort": "none such"}, 400, "[none such]"),
    ],
)
def test_v2_refuses(page: Client, data: dict[str, Any], status: int, detail: str) -> None:
    make_course(modes=MIXED)
    make_user("other")

    response = post(page, **data)

    assert response.status_code == status
    assert detail in response.content.decode()


def test_v2_passes_the_text_of_a_filter_on(page: Client, settings: Any) -> None:
    make_course()
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    response = post(page)

    assert (response.status_code, response.json()["detail"]) == (403, "Pay at /pay/ first.")


def test_v2_does_not_know_users_that_staff_name_wrongly(client: Client, staff: Any) -> None:
    make_course()
    client.force_login(staff)

    assert post(client, user="nobody").status_code == 404


def test_the_baskets_api_enrols_and_says_so(page: Client) -> None:
    make_course(modes=MIXED)

    assert (fill(page).status_code, fill(page).status_code) == (200, 409)


@pytest.mark.parametrize("course_id", ["", "nonsense", "course-v1:A+B+C"])
def test_the_baskets_api_wants_a_course(page: Client, course_id: str) -> None:
    assert fill(page, course_id).status_code == 406


def test_the_baskets_api_refuses(page: Client, settings: Any) -> None:
    course = make_course(modes=PROFESSIONAL)
    assert fill(page).status_code == 406
    course.modes.all().delete()
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    response = fill(page)

    assert response.status_code == 403
    assert response.json()["detail"].endswith("Pay at /pay/ first.")


def test_an_invitation_may_end_with_the_window(learner: Any) -> None:
    course = make_course(enrollment_end=now() - timedelta(days=1))
    CourseEnrollmentAllowed.objects.create(email=learner.email, course_id=KEY)

    assert not CourseEnrollment.is_enrollment_closed(learner, course)
    with override_settings(FEATURES={"DISABLE_ALLOWED_ENROLLMENT_IF_ENROLLMENT_CLOSED": True}):
        assert CourseEnrollment.is_enrollment_closed(learner, course)
