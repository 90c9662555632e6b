"""The page where one chooses a mode, and its dead ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from common.djangoapps.student.models import CourseEnrollment, EnrollmentNotAllowed
from lms.djangoapps.commerce.models import CommerceConfiguration
from tests.mini_lms.helpers import (
    ENROLLMENT_FILTER,
    FREE,
    KEY,
    MIXED,
    PROFESSIONAL,
    WHITE_LABEL,
    make_course,
    pipeline,
)

pytestmark = pytest.mark.django_db

URL = f"/course_modes/choose/{KEY}/"
INSIDE = f"/courses/{KEY}/course/"
IDENTITY = f"/verify_student/start-flow/{KEY}/"


@pytest.fixture
def page(learner: Any, client: Client) -> Client:
    client.force_login(learner)
    return client


def test_a_professional_course_ends_at_the_identity_check(page: Client) -> None:
    make_course(modes=PROFESSIONAL, sku="SKU1")

    assert page.get(URL).headers["Location"] == IDENTITY
    assert page.get(IDENTITY).status_code == 200


@pytest.mark.parametrize("sku", ["SKU1", None])
def test_the_ecommerce_service_needs_its_switch_and_a_sku(page: Client, sku: str | None) -> None:
    make_course(modes=PROFESSIONAL, sku=sku)
    CommerceConfiguration.objects.create(enabled=True, checkout_on_ecommerce_service=True)

    location = page.get(URL).headers["Location"]

    assert location.endswith("/basket/add/?sku=SKU1") if sku else location == IDENTITY


@pytest.mark.parametrize("modes", [FREE, WHITE_LABEL])
def test_without_a_verified_mode_there_is_nothing_to_choose(page: Client, modes: Any) -> None:
    make_course(modes=modes)

    assert page.get(URL).headers["Location"] == INSIDE


def test_who_has_paid_goes_into_the_course(page: Client, learner: Any) -> None:
    make_course(modes=MIXED)
    CourseEnrollment.enroll(learner, KEY, mode="verified")

    assert page.get(URL).headers["Location"] == INSIDE


def test_a_course_that_has_not_started_is_no_place_to_go_to(page: Client) -> None:
    make_course(modes=FREE, start=now() + timedelta(days=1))

    assert page.get(URL).headers["Location"] == "/dashboard"


def test_of_two_free_modes_in_one_form_honor_counts(page: Client, learner: Any) -> None:
    make_course(modes={"audit": 0, "honor": 0, "verified": 49})

    page.post(URL, {"audit_mode": "1", "honor_mode": "1"})

    assert CourseEnrollment.enrollment_mode_for_user(learner, KEY) == ("honor", True)


def test_a_mixed_course_shows_both_and_verified_goes_to_the_identity_check(page: Client) -> None:
    make_course(modes=MIXED)

    assert b"Take the verified path" in page.get(URL).content
    paid = page.post(URL, {"verified_mode": "1", "contribution": "49"})
    assert paid.headers["Location"] == IDENTITY
    cheap = page.post(URL, {"verified_mode": "1", "contribution": "1"})
    assert b"too low" in cheap.content


def test_a_free_mode_enrols_at_once(page: Client, learner: Any) -> None:
    make_course(modes=MIXED)

    assert page.post(URL, {"audit_mode": "1"}).headers["Location"] == INSIDE
    assert CourseEnrollment.is_enrolled(learner, KEY)
    assert b"Enrollment mode not supported" in page.post(URL, {"honor_mode": "1"}).content


def test_a_filter_that_refuses_the_free_mode_is_not_caught(page: Client, settings: Any) -> None:
    make_course(modes=MIXED)
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    with pytest.raises(EnrollmentNotAllowed):
        page.post(URL, {"audit_mode": "1"})


def test_a_closed_course_goes_to_the_dashboard_with_the_date(page: Client) -> None:
    make_course(modes=MIXED, enrollment_end=now() - timedelta(days=1))

    assert page.get(URL).headers["Location"].startswith("/dashboard?course_closed=")
