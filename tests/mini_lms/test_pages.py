"""The pages, read as a visitor and as a learner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.test import Client
from django.utils.timezone import now

from common.djangoapps.student.models import CourseEnrollment
from openedx.core.djangoapps.course_groups import cohorts
from tests.mini_lms.helpers import (
    ABOUT_FILTER,
    ENROLLMENT_FILTER,
    KEY,
    PROFESSIONAL,
    make_course,
    make_user,
    pipeline,
)

pytestmark = pytest.mark.django_db

ABOUT = f"/courses/{KEY}/about"
HOME = f"/courses/{KEY}/course/"


@pytest.fixture
def page(learner: Any, client: Client) -> Client:
    client.force_login(learner)
    return client


def read(page: Client, url: str) -> str:
    response = page.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("fields", "badge"),
    [
        ({"max_student_enrollments_allowed": 0}, "Full"),
        ({"max_student_enrollments_allowed": 1}, "1 place left"),
        ({"enrollment_end": timedelta(days=-1)}, "Closed"),
        ({"invitation_only": True}, "By invitation"),
    ],
)
def test_badges_of_the_catalogue(client: Client, fields: dict[str, Any], badge: str) -> None:
    dates = {k: now() + v if isinstance(v, timedelta) else v for k, v in fields.items()}
    make_course(modes=PROFESSIONAL, **dates)

    html = read(client, "/courses")

    assert badge in html
    assert "£149" in html


def test_the_catalogue_can_be_searched(client: Client) -> None:
    make_course(short_description="Bowlines and hitches")

    assert "Knots" in read(client, "/courses?q=bowline")
    assert "No course matches" in read(client, "/?q=welding")


def test_signing_in_goes_on_and_signing_out_asks_for_a_post(client: Client, learner: Any) -> None:
    data = {"username": "learner", "password": "secret"}
    assert "do not match" in client.post("/login", data | {"password": "x"}).content.decode()
    assert client.post("/login", data, query_params={"next": ABOUT}).headers["Location"] == ABOUT
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").headers["Location"] == "/"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, ">Enrol</button>"),
        ({"max_student_enrollments_allowed": 0}, "The course is full."),
        ({"invitation_only": True}, "by invitation only"),
        ({"enrollment_end": timedelta(days=-1)}, "Enrolment is closed."),
    ],
)
def test_the_about_page_says_what_one_can_do(
    client: Client, fields: dict[str, Any], text: str
) -> None:
    dates = {k: now() + v if isinstance(v, timedelta) else v for k, v in fields.items()}
    make_course(**dates)

    assert text in read(client, ABOUT)


def test_a_plugin_can_send_the_button_to_its_checkout(client: Client, settings: Any) -> None:
    make_course(modes=PROFESSIONAL)
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ABOUT_FILTER, "SendToCheckout")

    html = read(client, ABOUT)

    assert f'href="/checkout/{KEY}/">Enrol</a>' in html
    assert "js-change-enrollment" not in html


def test_a_plugin_can_redirect_the_about_page(client: Client, settings: Any) -> None:
    make_course()
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ABOUT_FILTER, "SendElsewhere")

    assert client.get(ABOUT).headers["Location"] == "/elsewhere/"


def test_enrolling_without_javascript(page: Client, client: Client, settings: Any) -> None:
    make_course()
    form = f"/courses/{KEY}/enrol"
    data = {"enrollment_action": "enroll", "course_id": str(KEY)}

    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")
    refused = page.post(form, data, follow=True).content.decode()
    assert 'Pay at <a href="/pay/">/pay/</a> first.' in refused

    settings.OPEN_EDX_FILTERS_CONFIG = {}
    assert page.post(form, data).headers["Location"] == "/dashboard"

    page.logout()
    assert page.post(form, data).headers["Location"] == f"/login?next={quote_plus(ABOUT)}"


def test_my_courses_show_mode_and_group(page: Client, learner: Any) -> None:
    assert "not enrolled in any course" in read(page, "/dashboard")
    make_course()
    cohorts.set_course_cohorted(KEY, True)
    cohorts.add_user_to_cohort(cohorts.add_cohort(KEY, "North", "manual"), learner)
    CourseEnrollment.enroll(learner, KEY)

    html = read(page, "/dashboard")

    assert ">Audit</span>" in html
    assert "Group: North" in html
    left = {"enrollment_action": "unenroll", "course_id": str(KEY)}
    assert page.post(f"/courses/{KEY}/unenrol", left).headers["Location"] == "/dashboard"
    assert not CourseEnrollment.objects.get().is_active


def test_the_course_is_for_its_learners(page: Client, learner: Any) -> None:
    make_course()
    assert page.get(HOME).headers["Location"] == ABOUT

    CourseEnrollment.enroll(learner, KEY)
    assert "You are enrolled" in read(page, HOME)


def test_who_sees_the_administration(page: Client, client: Client) -> None:
    assert "Administration" not in read(page, "/courses")
    client.force_login(make_user("boss", is_staff=True, is_superuser=True))
    assert "Administration" in read(client, "/courses")
    read(client, "/admin/")
    for model in (
        "student/courseenrollment",
        "course_modes/coursemode",
        "course_overviews/courseoverview",
        "course_groups/courseusergroup",
        "commerce/commerceconfiguration",
    ):
        read(client, f"/admin/{model}/add/")


def test_pages_are_well_made(client: Client) -> None:
    html = read(client, "/courses")

    assert '<html lang="en">' in html
    assert 'class="lms-skip" href="#content"' in html
    assert "http://" not in html
    assert client.get("/nothing-here").status_code == 404
