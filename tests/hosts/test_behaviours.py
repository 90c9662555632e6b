"""Probes of behaviour: OK on the mini LMS, and a difference is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import override_settings
from openedx_events.learning.signals import COURSE_UNENROLLMENT_COMPLETED

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.security.test_portal_matrix import take_snapshot
from token_payments.hosts import behaviours
from token_payments.hosts.behaviours import BEHAVIOURS, Behaviour, try_out
from token_payments.hosts.contract import Outcome, Verdict
from token_payments.management import installed
from token_payments.management.installed import INSTALLED
from token_payments.settings.common import ENROLMENT_FILTER, GATE_STEP

pytestmark = pytest.mark.django_db

ALL = (*BEHAVIOURS, *INSTALLED)
COURSE = "course-v1:Acme+Fire+2026"
#: What no program can see without doing it.
UNSEEN = {
    "events of enrolments leave before the commit",
    "mails leave",
    "a worker does our tasks",
}


@pytest.fixture
def _shop() -> None:
    """A course on sale, and a learner who hasn't paid."""
    factories.allow_paid()
    factories.make_course(COURSE)
    factories.make_item(COURSE)
    factories.make_user("learner")


def find(probe: Callable[[], str]) -> Verdict:
    [behaviour] = [each for each in ALL if each.probe is probe]
    [verdict] = try_out([behaviour])
    return verdict


@pytest.mark.usefixtures("_shop")
def test_this_host_behaves() -> None:
    verdicts = {verdict.fact: verdict for verdict in try_out(ALL)}

    assert len(verdicts) == len(ALL)
    unseen = {name for name, each in verdicts.items() if each.outcome is Outcome.NOT_CHECKABLE}
    assert unseen == UNSEEN
    assert [v for v in verdicts.values() if v.outcome is Outcome.DIFFERS] == []


@pytest.mark.usefixtures("_shop")
def test_nothing_is_changed() -> None:
    before = take_snapshot()
    try_out(ALL)
    assert take_snapshot() == before


def test_what_a_probe_writes_is_taken_back() -> None:
    def write() -> str:
        factories.make_user("written")
        return ""

    [verdict] = try_out([Behaviour("writes", write)])
    assert verdict.outcome is Outcome.AGREES
    assert not get_user_model().objects.exists()


def test_a_probe_that_breaks_is_a_difference_and_the_next_one_runs() -> None:
    def break_sql() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM nowhere")
        return ""

    broken, next_one = try_out(
        [Behaviour("breaks", break_sql, "Do this."), Behaviour("works", lambda: "")]
    )
    assert (broken.outcome, broken.advice) == (Outcome.DIFFERS, "Do this.")
    assert "nowhere" in broken.detail
    assert broken.is_failure
    assert next_one.outcome is Outcome.AGREES


def test_without_courses_and_people_it_says_that_it_cannot_tell() -> None:
    verdicts = try_out(ALL)
    assert not any(verdict.is_failure for verdict in verdicts)
    refuses = find(installed.probe_gate_refuses)
    assert refuses.outcome is Outcome.NOT_CHECKABLE


@pytest.mark.usefixtures("_shop")
@pytest.mark.parametrize(
    "config",
    [
        {},
        {ENROLMENT_FILTER: {"pipeline": ["other.Step", GATE_STEP], "fail_silently": False}},
        {ENROLMENT_FILTER: {"pipeline": [GATE_STEP]}},
    ],
)
def test_a_gate_that_does_not_stand(config: dict[str, Any]) -> None:
    with override_settings(OPEN_EDX_FILTERS_CONFIG=config):
        for probe in (installed.probe_gate_stands, installed.probe_gate_refuses):
            verdict = find(probe)
            assert verdict.is_failure
            assert verdict.advice
        assert find(installed.probe_additions).outcome is Outcome.DIFFERS


@pytest.mark.usefixtures("_shop")
def test_a_gate_that_lets_everybody_pass() -> None:
    with mock.patch("token_payments.lms.pipeline._find_refusal", return_value=""):
        verdict = find(installed.probe_gate_refuses)
    assert verdict.is_failure
    assert "would have joined" in verdict.detail


@pytest.mark.usefixtures("_shop")
def test_a_gate_that_refuses_everybody() -> None:
    with mock.patch("token_payments.lms.pipeline._find_refusal", side_effect=RuntimeError):
        verdict = find(installed.probe_gate_refuses)
    assert verdict.is_failure
    assert "it refuses everybody" in verdict.detail


@pytest.mark.usefixtures("_shop")
def test_a_gate_that_is_off_is_not_tried() -> None:
    with override_settings(TOKEN_PAYMENTS_ENABLED=False):
        assert find(installed.probe_gate_refuses).outcome is Outcome.NOT_CHECKABLE


def test_nobody_listens() -> None:
    with mock.patch.object(COURSE_UNENROLLMENT_COMPLETED, "receivers", []):
        verdict = find(installed.probe_receivers)
    assert verdict.is_failure
    assert "COURSE_UNENROLLMENT_COMPLETED" in verdict.detail
    assert "USER_RETIRE" not in verdict.detail


def test_an_address_that_the_lms_has_taken() -> None:
    with mock.patch("token_payments.management.installed.resolve") as resolve:
        resolve.return_value.func = CourseEnrollment.enroll
        verdict = find(installed.probe_addresses)
    assert verdict.is_failure
    assert "/token-payments/tokens/ leads to common.djangoapps.student" in verdict.detail


def test_a_worker_without_our_tasks_and_a_beat_without_our_schedule() -> None:
    with mock.patch("token_payments.management.installed.current_app") as app:
        app.tasks = {}
        app.conf.beat_schedule = {}
        assert "token_payments.tasks.expire_issues" in find(installed.probe_tasks).detail
        verdict = find(installed.probe_schedule)
    assert verdict.outcome is Outcome.DIFFERS
    assert not verdict.is_failure, "it may be run by something else"


def test_a_base_template_that_is_not_there() -> None:
    with override_settings(TOKEN_PAYMENTS={"BASE_TEMPLATE": "nowhere.html"}):
        verdict = find(installed.probe_templates)
    assert verdict.is_failure
    assert verdict.detail == "not found: nowhere.html"


@pytest.mark.parametrize(
    ("settings", "probe"),
    [
        ({"MIDDLEWARE": []}, behaviours.probe_requests_are_known),
        ({"MAKO_TEMPLATE_DIRS_BASE": []}, installed.probe_mako),
    ],
)
def test_settings_that_take_something_away(
    settings: dict[str, Any], probe: Callable[[], str]
) -> None:
    with override_settings(**settings):
        assert find(probe).outcome is Outcome.DIFFERS


def test_a_course_without_modes_that_is_not_free() -> None:
    with mock.patch.object(
        CourseMode, "DEFAULT_MODE", CourseMode.DEFAULT_MODE._replace(min_price=9)
    ):
        verdict = find(behaviours.probe_course_without_modes)
    assert verdict.outcome is Outcome.DIFFERS


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("get_or_create_enrollment()\nCourseEnrollmentStarted.run_filter()", Outcome.DIFFERS),
        ("CourseEnrollmentStarted.run_filter()", Outcome.DIFFERS),
        ("enrol()", Outcome.DIFFERS),
        (
            "CourseEnrollmentStarted.run_filter() EnrollmentNotAllowed get_or_create_enrollment()",
            Outcome.AGREES,
        ),
        (OSError("no source"), Outcome.NOT_CHECKABLE),
    ],
)
def test_a_source_that_changed(source: Any, outcome: Outcome) -> None:
    answer = {"side_effect": source} if isinstance(source, OSError) else {"return_value": source}
    with mock.patch.object(inspect, "getsource", **answer):
        assert find(behaviours.probe_enrol_asks_first).outcome is outcome
