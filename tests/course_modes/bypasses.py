"""Every road into a course, walked by somebody who hasn't paid (or, on three roads, has)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crum import set_current_request
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone
from edx_django_utils.cache import RequestCache

from common.djangoapps.student.models import CourseEnrollment
from openedx.core.djangoapps.enrollments.api import add_enrollment
from tests import factories
from tests.course_modes.courses import KEY, Course, invite
from tests.course_modes.outcomes import Answer
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import PaymentRefused

V1 = "/api/enrollment/v1/enrollment"
V2 = "/api/enrollment/v2/enrollment/"
CHOICE = f"/course_modes/choose/{KEY}/"


@dataclass
class Case:
    """A course on sale, with codes, and a learner who is signed in."""

    course: Course
    learner: Any
    codes: list[str]
    client: Client

    def press_enrol(self) -> Answer:
        data = {"enrollment_action": "enroll", "course_id": KEY}
        return self.read(self.client.post("/change_enrollment", data))

    def post(self, path: str, mode: str | None = None, user: str = "", **more: Any) -> Answer:
        """To the LMS's enrolment API."""
        headers = {"X-Edx-Api-Key": more.pop("key")} if "key" in more else {}
        body: dict[str, Any] = {"course_details": {"course_id": KEY}, **more}
        body |= {"mode": mode} if mode else {}
        body |= {"user": user} if user else {}
        return self.read(self.client.post(path, body, "application/json", headers=headers))

    def choose(self, **form: str) -> Answer:
        return self.read(self.client.post(CHOICE, form))

    def read(self, response: Any) -> Answer:
        """A view that lets an error through answers with the LMS's error page."""
        RequestCache.clear_all_namespaces()
        error = getattr(response, "exc_info", None)
        text = f"{error[1]}" if error else response.content.decode()
        return Answer(response.status_code, text, response.headers.get("Location", ""))

    def call(self, do: Callable[[], Any]) -> Answer:
        """Something that the LMS does in a request of the learner."""
        with request_of(self.learner):
            try:
                do()
            except PaymentRefused as error:
                return Answer(0, "", refusal=error.reason)
            except Exception as error:  # noqa: BLE001 (what it says is looked at)
                return Answer(0, str(error) or type(error).__name__)
        return Answer(0, "")

    def pay(self) -> Answer:
        return self.call(lambda: redeem(self.learner, self.codes.pop()))

    def pay_and_leave(self) -> None:
        """In time, with the course as it was when it was put on sale."""
        redeem(self.learner, self.codes.pop())
        CourseEnrollment.unenroll(self.learner, factories.key(KEY), skip_refund=True)

    def enrol(self, mode: str) -> None:
        """By staff, before the course had to be paid for."""
        CourseEnrollment.enroll(self.learner, factories.key(KEY), mode=mode)

    def be_in_paid_mode_and_leave(self) -> None:
        self.enrol(self.course.sold)
        CourseEnrollment.unenroll(self.learner, factories.key(KEY), skip_refund=True)


def redeem(learner: Any, code: str) -> None:
    """What Finish does; the code itself isn't in question here."""
    from token_payments.checkout.payment_methods import get_method

    method = get_method("token_code")
    checkout_operations.redeem(
        learner=learner,
        item_key=KEY,
        method="token_code",
        reference=method.get_reference({"code": code.replace("-", "")}),
        idempotency_key=uuid.uuid4().hex,
        now=timezone.now(),
    )


@contextmanager
def request_of(user: Any) -> Iterator[HttpRequest]:
    request = RequestFactory().post("/")
    request.user = user
    RequestCache.clear_all_namespaces()
    set_current_request(request)
    try:
        yield request
    finally:
        set_current_request(None)
        RequestCache.clear_all_namespaces()


@dataclass(frozen=True)
class Road:
    title: str
    walk: Callable[[Case], Answer]
    before: Callable[[Case], None] = lambda case: None


def _be_staff(case: Case) -> None:
    factories.make_user("staff", is_staff=True)
    case.client.login(username="staff", password=factories.PASSWORD)


def _be_nobody(case: Case) -> None:
    case.client.logout()


def _baskets(case: Case) -> Answer:
    path = "/api/commerce/v0/baskets/"
    return case.read(case.client.post(path, {"course_id": KEY}, "application/json"))


def _add(case: Case) -> Answer:
    return case.call(lambda: add_enrollment(case.learner.username, KEY))


def _use_entitlement(case: Case) -> Answer:
    """As the LMS's entitlement API does, once it has found the learner's entitlement."""
    return case.call(
        lambda: CourseEnrollment.enroll(
            case.learner,
            factories.key(KEY),
            mode=case.course.sold,
            check_access=True,
            can_upgrade=True,
        )
    )


def _leave_as_staff(case: Case) -> None:
    case.be_in_paid_mode_and_leave()
    _be_staff(case)


BYPASSES = {
    "checkout": Road("Our checkout, with a Token Code", Case.pay),
    "button": Road("The LMS's Enrol button", Case.press_enrol),
    "choice": Road("The page for choosing a mode", lambda case: case.read(case.client.get(CHOICE))),
    "choice_audit": Road("Choosing audit there", lambda case: case.choose(audit_mode="1")),
    "choice_honor": Road("Choosing honor there", lambda case: case.choose(honor_mode="1")),
    "choice_verified": Road(
        "Choosing verified there",
        lambda case: case.choose(verified_mode="1", contribution="9999999"),
    ),
    "v1": Road("Enrolment API v1, no mode asked for", lambda case: case.post(V1)),
    "v1_honor": Road("v1, asking for honor", lambda case: case.post(V1, "honor")),
    "v1_sold": Road("v1, asking for what is sold", lambda case: case.post(V1, case.course.sold)),
    "v2": Road("Enrolment API v2, no mode asked for", lambda case: case.post(V2)),
    "v2_honor": Road("v2, asking for honor", lambda case: case.post(V2, "honor")),
    "v2_sold": Road("v2, asking for what is sold", lambda case: case.post(V2, case.course.sold)),
    "baskets": Road("The baskets API of the old shop", _baskets),
    "add_enrollment": Road("`add_enrollment` of other plugins, without a mode", _add),
    "entitlement": Road("An entitlement of the old shop", _use_entitlement),
    "back_button": Road(
        "The Enrol button",
        Case.press_enrol,
        Case.be_in_paid_mode_and_leave,
    ),
    "back_v1": Road(
        "v1, asking for that mode",
        lambda case: case.post(V1, case.course.sold),
        Case.be_in_paid_mode_and_leave,
    ),
    "back_v1_plain": Road(
        "v1, no mode asked for",
        lambda case: case.post(V1),
        Case.be_in_paid_mode_and_leave,
    ),
    "again": Road(
        "Our checkout, for who paid and left",
        lambda case: case.call(
            lambda: checkout_operations.enrol_again(learner=case.learner, item_key=KEY)
        ),
        Case.pay_and_leave,
    ),
    "invited": Road(
        "Invited by name; v1, no mode asked for",
        lambda case: case.post(V1),
        lambda case: invite(case.learner),
    ),
    "staff": Road(
        "Staff, by v1, in what is sold",
        lambda case: case.post(V1, case.course.sold, "learner"),
        _be_staff,
    ),
    "staff_again": Road(
        "Staff, by v1, for who left it",
        lambda case: case.post(V1, user="learner", is_active=True),
        _leave_as_staff,
    ),
    "server": Road(
        "A server with the API key, by v1, in what is sold",
        lambda case: case.post(V1, case.course.sold, "learner", key="test-api-key"),
        _be_nobody,
    ),
}

#: The roads in the order in which the documentation tells of them.
GROUPS = {
    "Pages": (
        *("checkout", "again", "button"),
        *("choice", "choice_audit", "choice_honor", "choice_verified"),
    ),
    "Programs that act for the learner": (
        *("v1", "v1_honor", "v1_sold", "v2", "v2_honor", "v2_sold"),
        *("baskets", "add_enrollment", "entitlement"),
    ),
    "Learners who were in the paid mode before, without having paid": (
        *("back_button", "back_v1", "back_v1_plain"),
    ),
    "Others who decide": ("invited", "staff", "staff_again", "server"),
}
