"""The gate: who has to pay first, and what is said. Every way in is in tests/course_modes."""

from unittest import mock

import pytest
from crum import set_current_request
from ddt import data, ddt, unpack
from django.core.cache import cache
from django.test import RequestFactory, TestCase, override_settings
from edx_django_utils.cache import RequestCache
from openedx_filters import PipelineStep
from openedx_filters.learning.filters import CourseEnrollmentStarted

from common.djangoapps.student.models import CourseEnrollment, EnrollmentNotAllowed
from tests import factories
from token_payments.hosts import host
from token_payments.lms.pipeline import RequireTokenPayment
from token_payments.settings.common import ENROLMENT_FILTER, GATE_STEP, add_steps

COURSE = "course-v1:Acme+Fire+2026"
CHECKOUT = f"/token-payments/checkout/{COURSE}/"
MUST_PAY = "token_payments.checkout.queries.must_pay_first"

WHITE_LABEL = {"honor": 149}
PRICED_HONOR = {"audit": 0, "honor": 50}
#: Free for the host; the catalogue sells its only mode.
SOLD_AUDIT = ({"audit": 0}, {"price": 99, "course_mode": "audit"})


class ReturnNothing(PipelineStep):
    """Another plugin's step, which ends the pipeline."""

    def run_filter(self, **kwargs):
        return None


class Crash(PipelineStep):
    def run_filter(self, **kwargs):
        raise RuntimeError


class Remember(PipelineStep):
    ran = 0

    def run_filter(self, **kwargs):
        Remember.ran += 1
        return {}


def filters(*pipeline, fail_silently=False):
    config = {ENROLMENT_FILTER: {"pipeline": list(pipeline), "fail_silently": fail_silently}}
    return override_settings(OPEN_EDX_FILTERS_CONFIG=config)


def step(cls):
    return f"{__name__}.{cls.__name__}"


class GateTestCase(TestCase):
    def setUp(self):
        cache.clear()
        RequestCache.clear_all_namespaces()
        self.addCleanup(set_current_request, None)
        factories.allow_paid()
        self.learner = factories.make_user("learner")
        self.client.login(username="learner", password=factories.PASSWORD)

    def sell(self, modes=WHITE_LABEL, fields=None):
        factories.make_course(COURSE, modes=modes)
        return factories.make_item(COURSE, **(fields or {}))

    def press_enrol(self):
        data = {"enrollment_action": "enroll", "course_id": COURSE}
        return self.client.post("/change_enrollment", data)

    def post(self, mode=None, *, key=COURSE, user=None, **headers):
        body = {"course_details": {"course_id": key}}
        body |= {"mode": mode} if mode else {}
        body |= {"user": user.username} if user else {}
        return self.client.post(
            "/api/enrollment/v1/enrollment", body, "application/json", headers=headers
        )

    def mode(self):
        """The mode that the learner is enrolled in; None outside."""
        enrolment = host.get_enrolment(self.learner, COURSE)
        return enrolment.mode if enrolment and enrolment.is_active else None


@ddt
class SelfServiceTest(GateTestCase):
    @data(
        (SOLD_AUDIT[0], SOLD_AUDIT[1]),
        (PRICED_HONOR, {}),
    )
    @unpack
    def test_the_enrol_button_tells_where_to_pay(self, modes, fields):
        self.sell(modes, fields)
        response = self.press_enrol()
        assert response.status_code == 400
        assert response.content.decode() == (
            f"This course has to be paid for. Pay and enrol here: http://localhost:8000{CHECKOUT}"
        )
        assert self.mode() is None

    @data(
        (SOLD_AUDIT[0], SOLD_AUDIT[1], None),
        (SOLD_AUDIT[0], SOLD_AUDIT[1], "audit"),
        (WHITE_LABEL, {}, None),
        (WHITE_LABEL, {}, "honor"),
    )
    @unpack
    def test_the_enrolment_api_tells_where_to_pay(self, modes, fields, mode):
        self.sell(modes, fields)
        response = self.post(mode)
        assert response.status_code == 403
        message = response.json()["message"]
        assert response.json() == {"message": message, "localizedMessage": message}
        assert message.endswith(f"http://localhost:8000{CHECKOUT}")
        assert self.mode() is None

    @data(
        "+branch@draft",
        "+version@519665f6223ebd6980884f2b",
        "+branch@a+version@519665f6223ebd6980884f2b",
    )
    def test_a_branch_or_version_in_the_key_is_no_way_round(self, suffix):
        """The LMS enrols in the course itself, whatever branch and version the key names."""
        self.sell()
        response = self.post("honor", key=COURSE + suffix)
        assert response.status_code == 403
        assert response.json()["message"].endswith(CHECKOUT)
        assert self.mode() is None

    @data(COURSE.lower(), "course-v1:ACME+fIRE+2026+branch@x", "course-v1:Acmé+Fire+2026")
    def test_another_spelling_of_the_key_is_no_way_round(self, key):
        """The LMS's columns of keys don't tell case (and accents) apart, whatever ours do."""
        self.sell()
        response = self.post("honor", key=key)
        assert response.status_code in (400, 403)
        if response.status_code == 403:
            assert response.json()["message"].endswith(CHECKOUT)
        assert not CourseEnrollment.objects.filter(user=self.learner).exists()

    @data({"enrolment_method": "free"}, {"enrolment_method": "default"})
    def test_free_items_pass(self, fields):
        self.sell(WHITE_LABEL, fields)
        assert self.post("honor").status_code == 200
        assert self.mode() == "honor"

    def test_courses_outside_the_catalogue_pass(self):
        factories.make_course(COURSE, modes=WHITE_LABEL)
        assert self.post("honor").status_code == 200

    def test_the_site_may_make_every_item_paid(self):
        factories.allow_paid(override_allowed=False, default_method="paid")
        self.sell(WHITE_LABEL, {"enrolment_method": "free"})
        assert self.post("honor").status_code == 403

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_switched_off_it_lets_everybody_pass(self):
        self.sell()
        assert self.post("honor").status_code == 200
        assert self.mode() == "honor"

    @data({"verified": 149}, {"professional": 149, "verified": 99})
    def test_asked_for_no_mode_where_every_one_is_paid(self, modes):
        """The LMS would enrol in its default mode, which the course doesn't have."""
        self.sell(modes)
        request = RequestFactory().post("/")
        request.user = self.learner
        set_current_request(request)
        with pytest.raises(EnrollmentNotAllowed):
            CourseEnrollment.enroll(self.learner, factories.key(COURSE))
        assert self.mode() is None


class OthersTest(GateTestCase):
    """Those whom the gate lets pass."""

    def setUp(self):
        super().setUp()
        self.item = self.sell()

    def test_a_wrong_api_key_opens_nothing(self):
        response = self.post("honor", **{"X-Edx-Api-Key": "guess"})
        assert response.status_code == 403
        assert self.mode() is None

    def test_staff_of_the_course_join_it_themselves(self):
        from common.djangoapps.student.roles import CourseStaffRole

        CourseStaffRole(factories.key(COURSE)).add_users(self.learner)
        assert self.post("honor").status_code == 200

    def test_commands_and_tasks(self):
        CourseEnrollment.enroll(self.learner, factories.key(COURSE))
        assert self.mode() == "honor"

    def test_who_paid_before_and_left(self):
        order = factories.make_processed_order(self.item, buyer=factories.make_user("buyer"))
        factories.redeem(self.learner, self.item, factories.list_codes(order)[0])
        CourseEnrollment.unenroll(self.learner, factories.key(COURSE))
        assert self.mode() is None
        assert self.post("honor").status_code == 200
        assert self.mode() == "honor"


@ddt
class OtherStepsTest(GateTestCase):
    """The gate among the steps of other plugins, and when something breaks."""

    def setUp(self):
        super().setUp()
        self.sell()

    def assert_prevented(self):
        assert self.post("honor").status_code == 403
        assert self.mode() is None

    @data(ReturnNothing, Crash, Remember)
    def test_steps_behind_the_gate_change_nothing(self, cls):
        for fail_silently in (True, False):
            with filters(GATE_STEP, step(cls), fail_silently=fail_silently):
                self.assert_prevented()

    def test_settings_move_it_before_a_step_that_ends_the_pipeline(self):
        config = add_steps({ENROLMENT_FILTER: [step(ReturnNothing), GATE_STEP]})
        with override_settings(OPEN_EDX_FILTERS_CONFIG=config):
            self.assert_prevented()

    def test_steps_of_others_still_run_for_those_who_pass(self):
        with filters(GATE_STEP, step(Remember)), override_settings(TOKEN_PAYMENTS_ENABLED=False):
            before = Remember.ran
            assert self.post("honor").status_code == 200
        assert Remember.ran == before + 1

    @data(
        (MUST_PAY, True),
        (MUST_PAY, False),
        ("token_payments.conf.is_enabled", True),
        ("token_payments.hosts.edxapp.EdxappHost.write_key", True),
    )
    @unpack
    def test_a_crash_in_our_step_lets_nobody_in(self, broken, fail_silently):
        with filters(GATE_STEP, fail_silently=fail_silently), mock.patch(broken) as function:
            function.side_effect = RuntimeError("secret detail")
            with self.assertLogs("token_payments.lms.pipeline", "ERROR"):
                response = self.post("honor")
        assert response.status_code == 403
        assert response.json()["message"] == (
            "Enrolment is not possible at the moment. Please try again later."
        )
        assert self.mode() is None

    def test_another_call_by_a_later_lms_lets_nobody_in(self):
        gate = RequireTokenPayment(ENROLMENT_FILTER, [GATE_STEP])
        with pytest.raises(CourseEnrollmentStarted.PreventEnrollment):
            gate.run_filter(learner=self.learner, course=COURSE)

    def test_answers_with_a_dict_when_it_lets_pass(self):
        gate = RequireTokenPayment(ENROLMENT_FILTER, [GATE_STEP])
        key = factories.key("course-v1:Acme+Other+2026")
        assert gate.run_filter(user=self.learner, course_key=key, mode="audit", more=1) == {}
