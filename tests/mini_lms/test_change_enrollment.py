"""POST /change_enrollment: status codes and bodies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.test import Client
from django.utils.timezone import now

from common.djangoapps.student.models import CourseEnrollment
from common.djangoapps.util.db import outer_atomic
from lms.djangoapps.certificates.models import GeneratedCertificate
from tests.mini_lms.helpers import (
    ENROLLMENT_FILTER,
    FREE,
    KEY,
    MIXED,
    PROFESSIONAL,
    UNENROLLMENT_FILTER,
    VERIFIED_ONLY,
    WHITE_LABEL,
    make_course,
    make_user,
    pipeline,
)

pytestmark = pytest.mark.django_db

URL = "/change_enrollment"
CHOOSE = f"/course_modes/choose/{KEY}/"


@pytest.fixture
def page(learner: Any, client: Client) -> Client:
    client.force_login(learner)
    return client


def change(page: Client, action: str = "enroll", course_id: str = str(KEY)) -> tuple[int, str]:
    response = page.post(URL, {"enrollment_action": action, "course_id": course_id})
    return response.status_code, response.content.decode()


@pytest.mark.parametrize(
    ("modes", "body", "mode"),
    [
        (FREE, "", "audit"),
        ({}, "", "audit"),
        ({"audit": 0, "honor": 0}, "", "honor"),
        (MIXED, CHOOSE, "audit"),
        (VERIFIED_ONLY, CHOOSE, None),
        (PROFESSIONAL, CHOOSE, None),
        (WHITE_LABEL, "", None),
    ],
    ids=["free", "no modes", "honor first", "mixed", "verified", "professional", "white label"],
)
def test_enrol(page: Client, modes: Any, body: str, mode: str | None, learner: Any) -> None:
    make_course(modes=modes)

    assert change(page) == (200, body)
    assert CourseEnrollment.enrollment_mode_for_user(learner, KEY) == (mode, mode and True)


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({"enrollment_action": "enroll"}, "Course id not specified"),
        ({"enrollment_action": "enroll", "course_id": "no key"}, "Invalid course id"),
        ({"enrollment_action": "enroll", "course_id": "course-v1:A+B+C"}, "Course id is invalid"),
        ({"enrollment_action": "dance", "course_id": str(KEY)}, "Enrollment action is invalid"),
        ({"course_id": str(KEY)}, "Enrollment action is invalid"),
        (
            {"enrollment_action": "unenroll", "course_id": str(KEY)},
            "You are not enrolled in this course",
        ),
    ],
)
def test_bad_requests(page: Client, data: dict[str, str], body: str) -> None:
    make_course()
    response = page.post(URL, data)

    assert (response.status_code, response.content.decode()) == (400, body)


def test_strangers_are_told_403_and_only_they(client: Client, page: Client) -> None:
    client.logout()

    assert client.post(URL, {}).status_code == 403
    assert client.post(URL, {}).content == b""


def test_only_posts(page: Client) -> None:
    assert page.get(URL).status_code == 405


def test_csrf_is_asked_for(learner: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(learner)

    assert strict.post(URL, {"enrollment_action": "enroll"}).status_code == 403


def test_a_refusing_filter_is_400_with_its_text(page: Client, settings: Any) -> None:
    make_course()
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(ENROLLMENT_FILTER, "RefuseEnrolment")

    assert change(page) == (400, "Pay at /pay/ first.")


@pytest.mark.parametrize(
    "fields",
    [
        {"max_student_enrollments_allowed": 0},
        {"invitation_only": True},
        {"enrollment_end": timedelta(days=-1)},
    ],
)
def test_every_other_refusal_is_one_text(page: Client, fields: dict[str, Any]) -> None:
    dates = {k: now() + v if isinstance(v, timedelta) else v for k, v in fields.items()}
    make_course(**dates)

    assert change(page) == (400, "Could not enroll")


def test_leaving_sends_refund_order(page: Client, learner: Any, sent: list[Any]) -> None:
    make_course()
    CourseEnrollment.enroll(learner, KEY)
    sent.clear()

    assert change(page, "unenroll") == (200, "")
    assert [name for name, _ in sent][-1] == "REFUND_ORDER"
    assert not CourseEnrollment.is_enrolled(learner, KEY)


def test_what_keeps_a_learner_in(page: Client, learner: Any, settings: Any) -> None:
    make_course()
    CourseEnrollment.enroll(learner, KEY)

    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(UNENROLLMENT_FILTER, "RefuseUnenrolment")
    assert change(page, "unenroll") == (400, "You have to stay.")

    GeneratedCertificate.objects.create(user=learner, course_id=KEY, status="downloadable")
    text = "Your certificate prevents you from unenrolling from this course"
    assert change(page, "unenroll") == (400, text)

    settings.DISABLE_UNENROLLMENT = True
    assert change(page, "unenroll") == (400, "Unenrollment is currently disabled")


def test_outer_atomic_refuses_to_be_nested(db: None) -> None:
    with transaction.atomic(), pytest.raises(TransactionManagementError), outer_atomic():
        pass


@pytest.mark.django_db(transaction=True)
def test_the_view_is_outside_the_requests_transaction() -> None:
    make_course()
    client = Client()
    client.force_login(make_user("somebody"))

    assert change(client) == (200, "")
