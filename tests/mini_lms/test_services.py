"""Commerce, embargo, roles, site values, retirement, certificates, and the demo's data."""

from __future__ import annotations

from typing import Any

import pytest
from crum import get_current_request, get_current_user, set_current_request
from django.contrib.auth.models import AnonymousUser
from django.contrib.sites.models import Site
from django.core.management import call_command
from django.test import Client, RequestFactory
from edx_django_utils.cache import RequestCache

from common.djangoapps.student import roles
from common.djangoapps.student.models import CourseEnrollment, ManualEnrollmentAudit
from lms.djangoapps.certificates.api import get_certificate_for_user_id
from lms.djangoapps.commerce.models import CommerceConfiguration
from lms.djangoapps.commerce.utils import EcommerceService, refund_seat
from lms.djangoapps.demo import data
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.embargo import api as embargo
from openedx.core.djangoapps.embargo.models import CountryAccessRule, RestrictedCourse
from openedx.core.djangoapps.site_configuration import helpers
from openedx.core.djangoapps.site_configuration.models import SiteConfiguration
from openedx.core.djangoapps.user_api.accounts import signals
from openedx.core.djangoapps.user_api.accounts.utils import (
    create_retirement_request_and_deactivate_account,
)
from openedx.core.djangoapps.user_api.models import (
    RetirementStateError,
    UserRetirementRequest,
    UserRetirementStatus,
)
from tests.mini_lms.helpers import KEY, OTHER_KEY, PROFESSIONAL, make_course, make_user

pytestmark = pytest.mark.django_db


def our_checkout(prev_fn: Any, self: Any, *skus: str, **kwargs: Any) -> str:
    ours = "/ours/" + ",".join(kwargs["course_run_keys"])
    return ours if "OURS" in skus else prev_fn(self, *skus, **kwargs)


def our_refund(prev_fn: Any, course_enrollment: Any, change_mode: bool = False) -> list[int]:
    return [7]


def test_ecommerce_is_off_until_switched_on(learner: Any) -> None:
    assert EcommerceService().is_enabled(learner) is False

    CommerceConfiguration.objects.create(enabled=True, checkout_on_ecommerce_service=True)

    assert EcommerceService().is_enabled(learner)
    assert EcommerceService().is_enabled(AnonymousUser())
    learner.is_active = False
    assert not EcommerceService().is_enabled(learner)


def test_the_checkout_page_can_be_overridden(settings: Any, learner: Any) -> None:
    make_course(modes=PROFESSIONAL, sku="OURS")
    CommerceConfiguration.objects.create(enabled=True, checkout_on_ecommerce_service=True)
    settings.OVERRIDE_GET_CHECKOUT_PAGE_URL = f"{__name__}.our_checkout"
    service = EcommerceService()

    assert service.upgrade_url(learner, KEY) == f"/ours/{KEY}"
    theirs = service.get_checkout_page_url("THEIRS", course_run_keys=[str(KEY)])
    assert theirs == "http://localhost:8002/basket/add/?sku=THEIRS"
    settings.OVERRIDE_REFUND_SEAT = f"{__name__}.our_refund"
    assert refund_seat(None) == [7]


@pytest.mark.parametrize(
    ("rule", "country", "blocked"),
    [
        (None, "GB", False),
        ("blacklist", "GB", True),
        ("blacklist", "FR", False),
        ("blacklist", "", False),
        ("whitelist", "GB", False),
        ("whitelist", "FR", True),
    ],
)
def test_embargo(learner: Any, rule: str | None, country: str, blocked: bool) -> None:
    make_course()
    course = RestrictedCourse.objects.create(course_key=KEY)
    if rule:
        CountryAccessRule.objects.create(restricted_course=course, rule_type=rule, country="GB")
    learner.profile.country = country
    request = RequestFactory().get("/")
    request.user = learner

    path = embargo.redirect_if_blocked(request, KEY)

    assert path == ("/embargo/blocked-message/enrollment/default/" if blocked else None)
    response = embargo.get_embargo_response(request, KEY, learner)
    assert (response.status_code == 403) if blocked else response is None
    assert embargo.redirect_if_blocked(request, OTHER_KEY) is None


def test_a_barred_learner_is_sent_to_the_message(client: Client, learner: Any) -> None:
    make_course()
    course = RestrictedCourse.objects.create(course_key=KEY)
    CountryAccessRule.objects.create(restricted_course=course, country="GB")
    learner.profile.country = "GB"
    learner.profile.save()
    client.force_login(learner)

    answer = client.post(
        "/change_enrollment", {"enrollment_action": "enroll", "course_id": str(KEY)}
    )

    assert answer.content.decode() == "/embargo/blocked-message/enrollment/default/"
    assert not CourseEnrollment.objects.exists()


@pytest.mark.parametrize(
    "role",
    [
        roles.CourseStaffRole(KEY),
        roles.CourseInstructorRole(KEY),
        roles.CourseFinanceAdminRole(KEY),
        roles.CourseSalesAdminRole(KEY),
        roles.CourseDataResearcherRole(KEY),
        roles.OrgStaffRole("Test"),
    ],
    ids=lambda role: type(role).__name__,
)
def test_roles_are_given_and_taken(role: Any, learner: Any) -> None:
    role.add_users(learner)
    assert role.has_user(learner)
    assert list(role.users_with_role()) == [learner]
    assert not roles.CourseStaffRole(OTHER_KEY).has_user(learner)

    role.remove_users(learner)
    assert not role.has_user(learner)


def test_global_staff_is_djangos_is_staff(learner: Any, staff: Any) -> None:
    assert roles.GlobalStaff().has_user(staff)
    assert not roles.GlobalStaff().has_user(learner)


def test_site_values(settings: Any) -> None:
    assert helpers.get_value("PLATFORM_NAME", "fallback") == "fallback"
    values = {"PLATFORM_NAME": "Acme", "course_org_filter": ["Test"]}
    site = Site.objects.get(id=settings.SITE_ID)
    SiteConfiguration.objects.create(site=site, enabled=True, site_values=values)
    assert helpers.get_value("PLATFORM_NAME", "fallback") == "fallback"  # outside a request

    request = RequestFactory().get("/")
    request.site = Site.objects.get(id=settings.SITE_ID)
    set_current_request(request)
    RequestCache.clear_all_namespaces()
    assert helpers.get_value("PLATFORM_NAME") == "Acme"
    merged = helpers.get_value("course_org_filter", {"a": 1})
    assert merged == ["Test"]
    assert helpers.get_value_for_org("Test", "PLATFORM_NAME") == "Acme"
    assert helpers.get_value_for_org("Other", "PLATFORM_NAME", "none") == "none"
    request.site.configuration.enabled = False
    assert helpers.get_value("PLATFORM_NAME") is None
    set_current_request(None)


RETIRE = "/api/user/v1/accounts/"


@pytest.fixture
def retirement(learner: Any) -> UserRetirementStatus:
    """Of somebody who has asked for it: the address is another one already."""
    create_retirement_request_and_deactivate_account(learner)
    return UserRetirementStatus.objects.get(user=learner)


def post_retirement(client: Client, step: str) -> int:
    answer = client.post(
        f"{RETIRE}{step}/", {"username": "learner"}, content_type="application/json"
    )
    return answer.status_code


def test_retirement_sends_the_same_as_the_platform(
    client: Client, learner: Any, retirement: UserRetirementStatus
) -> None:
    seen = []
    names = ("USER_RETIRE_MAILINGS", "USER_RETIRE_LMS_MISC", "USER_RETIRE_LMS_CRITICAL")
    receivers = []
    for name in names:

        def receive(signal: Any, sender: Any, _name: str = name, **kwargs: Any) -> None:
            seen.append((_name, sender.__name__, sorted(kwargs)))

        getattr(signals, name).connect(receive, weak=False)
        receivers.append((getattr(signals, name), receive))
    client.force_login(make_user("boss", is_superuser=True))

    for state, step in (("RETIRING_LMS_MISC", "retire_misc"), ("RETIRING_LMS", "retire")):
        retirement.move(state)
        assert post_retirement(client, step) == 204
    for signal, receive in receivers:
        signal.disconnect(receive)

    assert seen == [
        ("USER_RETIRE_LMS_MISC", "LMSAccountRetirementView", ["user"]),
        ("USER_RETIRE_MAILINGS", "LMSAccountRetirementView", ["email", "new_email", "user"]),
        (
            "USER_RETIRE_LMS_CRITICAL",
            "AccountRetirementView",
            ["retired_email", "retired_username", "user"],
        ),
    ]
    learner.refresh_from_db()
    assert (learner.is_active, learner.email.endswith("@retired.invalid")) == (False, True)


def test_whoever_asks_for_retirement_loses_the_address_at_once(
    learner: Any, retirement: UserRetirementStatus
) -> None:
    assert retirement.original_email == "learner@example.com"
    assert (learner.username, learner.email) == ("learner", retirement.retired_email)
    assert UserRetirementRequest.has_user_requested_retirement(learner)
    with pytest.raises(RetirementStateError):
        create_retirement_request_and_deactivate_account(learner)


def test_what_a_receiver_raises_is_an_error_of_the_step(
    client: Client, retirement: UserRetirementStatus
) -> None:
    def fail(**kwargs: Any) -> None:
        raise ValueError("broken")

    client.force_login(make_user("boss", is_superuser=True))
    retirement.move("RETIRING_LMS_MISC")
    signals.USER_RETIRE_LMS_MISC.connect(fail)
    try:
        assert post_retirement(client, "retire_misc") == 500
    finally:
        signals.USER_RETIRE_LMS_MISC.disconnect(fail)
    assert post_retirement(client, "retire_misc") == 204


def test_no_step_is_taken_out_of_its_state(
    client: Client, learner: Any, retirement: UserRetirementStatus
) -> None:
    client.force_login(make_user("boss", is_superuser=True))
    assert post_retirement(client, "retire") == 400
    retirement.delete()
    assert post_retirement(client, "retire") == 404


def test_only_superusers_retire(client: Client, staff: Any, learner: Any) -> None:
    client.force_login(staff)
    assert post_retirement(client, "retire") == 403


def test_certificates_and_audits(learner: Any) -> None:
    assert get_certificate_for_user_id(learner, KEY) is None
    audit = ManualEnrollmentAudit.create_manual_enrollment_audit(
        learner, "a@example.com", "from unenrolled to enrolled", "asked by phone"
    )
    assert audit.enrolled_email == "a@example.com"


def test_crum_knows_the_request_only_while_there_is_one(
    client: Client, learner: Any, sent: list[Any]
) -> None:
    from openedx_events.learning.signals import COURSE_ENROLLMENT_CREATED

    seen: list[Any] = []

    def look(**kwargs: Any) -> None:
        seen.append((get_current_user(), get_current_request() is not None))

    COURSE_ENROLLMENT_CREATED.connect(look)
    make_course()
    client.force_login(learner)
    client.post("/change_enrollment", {"enrollment_action": "enroll", "course_id": str(KEY)})

    assert seen == [(learner, True)]
    assert get_current_request() is None


def test_the_demo_is_seeded_twice_to_the_same_end(capsys: Any) -> None:
    call_command("seed_host")
    first = [CourseOverview.objects.count(), CourseEnrollment.objects.count()]
    call_command("seed_host")

    assert [CourseOverview.objects.count(), CourseEnrollment.objects.count()] == first
    full, last = (CourseOverview.objects.get(id=k) for k in (data.FULL_KEY, data.LAST_SEAT_KEY))
    assert CourseEnrollment.objects.is_course_full(full)
    assert not CourseEnrollment.objects.is_course_full(last)
    assert Client().login(username=data.OPERATOR, password=data.PASSWORD)


def test_an_operator_retires_a_user_in_the_admin(client: Client, learner: Any) -> None:
    boss = make_user("boss", is_staff=True, is_superuser=True)
    client.force_login(boss)
    chosen = {"action": "retire", "_selected_action": [learner.pk, boss.pk]}
    client.post("/admin/auth/user/", chosen)

    learner.refresh_from_db()
    boss.refresh_from_db()
    assert (learner.is_active, learner.profile.name) == (False, "")
    assert learner.username.startswith("retired__user_")
    assert boss.username == "boss"
    assert not UserRetirementStatus.objects.exists()
    assert UserRetirementRequest.has_user_requested_retirement(learner)
