"""``token_payments_check_host``: what it prints, and the gate that it tries out."""

from __future__ import annotations

import io
import json
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.snapshots import take_snapshot
from token_payments.hosts.symbols import SYMBOLS, HostOutcome
from token_payments.management import gate
from token_payments.settings.common import ENROLMENT_FILTER, GATE_STEP

pytestmark = pytest.mark.django_db

COURSE = "course-v1:Acme+Fire+2026"


@pytest.fixture
def _shop() -> None:
    """A course on sale, and a learner who hasn't paid."""
    factories.make_shop(COURSE)
    factories.make_user("learner")


def run_command(*arguments: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = io.StringIO()
    try:
        call_command("token_payments_check_host", *arguments, stdout=out, no_color=True)
    except SystemExit as stop:
        return int(str(stop.code)), out.getvalue()
    return 0, out.getvalue()


def exact(user: Any, mode: Any = None) -> None:
    """Not as the plugin calls it."""


def test_every_verdict_is_printed_and_a_summary() -> None:
    code, out = run_command()
    assert code == 0
    lines = out.splitlines()
    assert len(lines) == len(SYMBOLS) + 1 + 2
    assert any("OK  common" in line and line.endswith("enroll") for line in lines)
    assert lines[-2].endswith("Missing or different: nothing that the plugin needs.")
    assert lines[-1].endswith("Missing or different: nothing that the plugin needs.")


def test_it_fails_when_something_differs() -> None:
    with mock.patch.object(CourseEnrollment, "enroll", exact):
        code, out = run_command()
    assert code == 1
    assert "differs  common.djangoapps.student.models:CourseEnrollment.enroll: " in out
    assert out.splitlines()[-2].endswith("1 of what the plugin needs.")
    assert "-> The plugin doesn't know this release" in out


def test_in_brief_it_prints_what_isnt_as_it_should_be() -> None:
    with mock.patch.object(CourseEnrollment, "enroll", exact):
        lines = run_command("--brief")[1].splitlines()
    assert any("CourseEnrollment.enroll: " in line for line in lines)
    assert not any(line.lstrip().startswith("OK") for line in lines)


def test_it_prints_json() -> None:
    code, out = run_command("--json")
    verdicts = json.loads(out)
    assert code == 0
    assert verdicts[0].keys() == {"fact", "outcome", "detail", "advice"}
    assert {verdict["outcome"] for verdict in verdicts} == {"OK", "can't be told"}


@pytest.mark.usefixtures("_shop")
def test_this_gate_refuses() -> None:
    assert gate.check_gate().outcome is HostOutcome.AGREES
    code, out = run_command()
    assert code == 0
    assert "OK  the gate refuses a learner who hasn't paid" in out


@pytest.mark.usefixtures("_shop")
def test_nothing_is_changed() -> None:
    before = take_snapshot()
    run_command()
    assert take_snapshot() == before


def test_what_the_probe_writes_is_taken_back() -> None:
    def write() -> str:
        factories.make_user("written")
        return ""

    with mock.patch.object(gate, "probe_gate", write):
        assert gate.check_gate().outcome is HostOutcome.AGREES
    assert not get_user_model().objects.exists()


def test_a_probe_that_breaks_is_a_difference() -> None:
    def break_sql() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM nowhere")
        return ""

    with mock.patch.object(gate, "probe_gate", break_sql):
        broken = gate.check_gate()
    assert (broken.outcome, broken.advice) == (HostOutcome.DIFFERS, gate.ADVICE)
    assert "nowhere" in broken.detail
    assert broken.is_failure
    assert not get_user_model().objects.exists(), "the connection can be used"


def test_without_courses_and_people_it_says_that_it_cannot_tell() -> None:
    verdict = gate.check_gate()
    assert not verdict.is_failure
    assert verdict.outcome is HostOutcome.NOT_CHECKABLE
    factories.make_user("learner")
    assert "no course is on sale" in gate.check_gate().detail


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
        verdict = gate.check_gate()
    assert verdict.is_failure
    assert verdict.advice


@pytest.mark.usefixtures("_shop")
def test_a_gate_that_lets_everybody_pass() -> None:
    with mock.patch("token_payments.lms.pipeline._write_refusal", return_value=""):
        verdict = gate.check_gate()
    assert verdict.is_failure
    assert "would have joined" in verdict.detail


@pytest.mark.usefixtures("_shop")
def test_a_gate_that_refuses_everybody() -> None:
    with mock.patch("token_payments.lms.pipeline._write_refusal", side_effect=RuntimeError):
        verdict = gate.check_gate()
    assert verdict.is_failure
    assert "it refuses everybody" in verdict.detail


@pytest.mark.usefixtures("_shop")
def test_a_gate_that_is_off_is_not_tried() -> None:
    with override_settings(TOKEN_PAYMENTS_ENABLED=False):
        assert gate.check_gate().outcome is HostOutcome.NOT_CHECKABLE
