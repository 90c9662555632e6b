"""Our steps in the LMS's filter configuration, whatever the operator or others wrote there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ddt import data, ddt, unpack
from django.test import SimpleTestCase

import lms
import token_payments
from token_payments.settings import common, production
from token_payments.settings.common import (
    ABOUT_FILTER,
    ABOUT_STEP,
    ENROLMENT_FILTER,
    GATE_STEP,
    add_steps,
)

OTHER, ANOTHER = "other.pipeline.Step", "another.pipeline.Step"


@ddt
class AddStepsTest(SimpleTestCase):
    @data(
        (None, {"pipeline": [GATE_STEP]}),
        ({}, {"pipeline": [GATE_STEP]}),
        ({ENROLMENT_FILTER: None}, {"pipeline": [GATE_STEP]}),
        ({ENROLMENT_FILTER: OTHER}, {"pipeline": [GATE_STEP, OTHER]}),
        ({ENROLMENT_FILTER: [OTHER, ANOTHER]}, {"pipeline": [GATE_STEP, OTHER, ANOTHER]}),
        ({ENROLMENT_FILTER: [OTHER, GATE_STEP]}, {"pipeline": [GATE_STEP, OTHER]}),
        (
            {ENROLMENT_FILTER: {"pipeline": [OTHER], "fail_silently": True, "log_level": "debug"}},
            {"pipeline": [GATE_STEP, OTHER], "log_level": "debug"},
        ),
        ({ENROLMENT_FILTER: {"pipeline": None}}, {"pipeline": [GATE_STEP]}),
    )
    @unpack
    def test_the_gate_comes_first_and_is_not_silent(self, config, expected):
        assert add_steps(config)[ENROLMENT_FILTER] == {**expected, "fail_silently": False}

    @data(
        ({}, {"pipeline": [ABOUT_STEP]}),
        ({ABOUT_FILTER: OTHER}, {"pipeline": [OTHER, ABOUT_STEP]}),
        (
            {ABOUT_FILTER: {"pipeline": [OTHER], "fail_silently": False}},
            {"pipeline": [OTHER, ABOUT_STEP], "fail_silently": False},
        ),
        ({ABOUT_FILTER: {"pipeline": [ABOUT_STEP, OTHER]}}, {"pipeline": [ABOUT_STEP, OTHER]}),
    )
    @unpack
    def test_the_about_step_comes_last_and_leaves_silence_as_it_is(self, config, expected):
        assert add_steps(config)[ABOUT_FILTER] == expected

    def test_other_filters_stay(self):
        assert add_steps({"other.filter.v1": [OTHER]})["other.filter.v1"] == [OTHER]

    def test_doing_it_twice_changes_nothing(self):
        once = add_steps({ENROLMENT_FILTER: [OTHER], ABOUT_FILTER: OTHER})
        assert add_steps(once) == once

    def test_the_operators_dict_is_not_changed(self):
        config = {ENROLMENT_FILTER: {"pipeline": [OTHER]}}
        add_steps(config)
        assert config == {ENROLMENT_FILTER: {"pipeline": [OTHER]}}


class Settings:
    """An LMS's settings module."""

    def __init__(self, **values):
        self.INSTALLED_APPS = ["django.contrib.auth", "simple_history"]
        vars(self).update(values)


class PluginSettingsTest(SimpleTestCase):
    def test_off_and_empty_unless_the_operator_says_otherwise(self):
        settings = Settings()
        common.plugin_settings(settings)
        assert settings.TOKEN_PAYMENTS_ENABLED is False
        assert settings.TOKEN_PAYMENTS == {}
        settings = Settings(TOKEN_PAYMENTS_ENABLED=True, TOKEN_PAYMENTS={"TIME_ZONE": "UTC"})
        common.plugin_settings(settings)
        assert settings.TOKEN_PAYMENTS_ENABLED is True
        assert settings.TOKEN_PAYMENTS == {"TIME_ZONE": "UTC"}

    def test_common_then_production_is_the_same_as_common(self):
        settings = Settings()
        common.plugin_settings(settings)
        before = {name: repr(value) for name, value in vars(settings).items()}
        production.plugin_settings(settings)
        assert before == {name: repr(value) for name, value in vars(settings).items()}

    def test_each_app_is_installed_once(self):
        settings = Settings()
        common.plugin_settings(settings)
        assert len(settings.INSTALLED_APPS) == len(set(settings.INSTALLED_APPS))
        assert set(common.APPS) <= set(settings.INSTALLED_APPS)


YAML = """
SECRET_KEY: "only for this test"
TOKEN_PAYMENTS_ENABLED: {enabled}
OPEN_EDX_FILTERS_CONFIG:
  org.openedx.learning.course.enrollment.started.v1:
    fail_silently: true
    pipeline: [operators_own.Note]
"""
STEP = """
from openedx_filters import PipelineStep


class Note(PipelineStep):
    def run_filter(self, **kwargs):
        return {"mode": "noted"}
"""
SCRIPT = """
import json
import django
django.setup()
from django.conf import settings
from openedx_filters.learning.filters import CourseEnrollmentStarted
try:
    outcome = CourseEnrollmentStarted.run_filter(user=None, course_key="key", mode=None)[2]
except CourseEnrollmentStarted.PreventEnrollment:
    outcome = "prevented"
print(json.dumps([settings.OPEN_EDX_FILTERS_CONFIG, outcome]))
"""


@pytest.mark.parametrize(("enabled", "outcome"), [("false", "noted"), ("true", "prevented")])
def test_survives_a_yaml_file_that_replaces_the_filters(tmp_path, enabled, outcome):
    """Off, the operator's step runs; on, our gate does, and fails closed: there are no tables."""
    (tmp_path / "lms.yml").write_text(YAML.format(enabled=enabled))
    (tmp_path / "operators_own.py").write_text(STEP)
    roots = [Path(lms.__file__).parents[1], Path(token_payments.__file__).parents[1], tmp_path]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.envs.production",
        "LMS_CFG": str(tmp_path / "lms.yml"),
        "MINI_LMS_DATABASE": "sqlite",
        "MINI_LMS_VAR": str(tmp_path / "var"),
        "PYTHONPATH": os.pathsep.join(map(str, roots)),
    }
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    config, what_happened = json.loads(run.stdout.splitlines()[-1])
    assert config[ENROLMENT_FILTER] == {
        "pipeline": [GATE_STEP, "operators_own.Note"],
        "fail_silently": False,
    }
    assert config[ABOUT_FILTER]["pipeline"] == [ABOUT_STEP]
    assert what_happened == outcome
