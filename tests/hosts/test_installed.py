"""How the plugin sits in the LMS that discovered it by its entry point."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.template.loader import get_template
from django.urls import resolve, reverse
from django.utils.module_loading import import_string
from openedx_filters import PipelineStep

from tests import factories
from token_payments import conf
from token_payments.hosts import host
from token_payments.settings.common import (
    ADDITIONS,
    ENROLMENT_FILTER,
    GATE_STEP,
    MAKO_TEMPLATES,
    add_schedule,
    read_filter_config,
)

COURSE = "course-v1:Acme+Fire+2026"
RETIRING = "openedx.core.djangoapps.user_api.accounts.signals"


def test_the_gate_is_first_in_its_pipeline_which_is_not_silent() -> None:
    config = read_filter_config(settings.OPEN_EDX_FILTERS_CONFIG, ENROLMENT_FILTER)
    assert config["pipeline"][:1] == [GATE_STEP]
    assert config["fail_silently"] is False
    assert issubclass(import_string(GATE_STEP), PipelineStep)


@pytest.mark.parametrize("filter_type", ADDITIONS)
def test_what_the_plugin_adds_to_pages_is_in_its_pipelines(filter_type: str) -> None:
    step = ADDITIONS[filter_type]
    assert step in read_filter_config(settings.OPEN_EDX_FILTERS_CONFIG, filter_type)["pipeline"]
    assert issubclass(import_string(step), PipelineStep)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("token_payments:tokens", {}),
        ("token_payments:checkout", {"item_key": COURSE}),
        ("token_payments:v1:order-list", {}),
    ],
)
def test_our_addresses_lead_to_our_pages(name: str, arguments: dict[str, str]) -> None:
    """They come last in the LMS's list: one of its own could hide them."""
    found = resolve(reverse(name, kwargs=arguments))
    assert found.func.__module__.startswith("token_payments.")


@pytest.mark.parametrize(
    ("signal", "receiver"),
    [
        (
            "openedx_events.learning.signals.COURSE_UNENROLLMENT_COMPLETED",
            "token_payments.lms.receivers.on_unenrolment",
        ),
        (f"{RETIRING}.USER_RETIRE_LMS_MISC", "token_payments.misc"),
        (f"{RETIRING}.USER_RETIRE_MAILINGS", "token_payments.mailings"),
        (f"{RETIRING}.USER_RETIRE_LMS_CRITICAL", "token_payments.critical"),
    ],
)
def test_we_are_told_when_somebody_leaves(signal: str, receiver: str) -> None:
    """Receivers are known by the id that they were connected with."""
    assert receiver in {str(entry[0][0]) for entry in import_string(signal).receivers}


def test_celery_knows_our_tasks_and_its_beat_our_schedule() -> None:
    current_app.loader.import_default_modules()
    wanted = {entry["task"] for entry in add_schedule({}).values()}
    scheduled = {entry.get("task") for entry in current_app.conf.beat_schedule.values()}
    assert "token_payments.tasks.expire_issues" in wanted
    assert wanted - set(current_app.tasks) == set()
    assert wanted - scheduled == set()


def test_the_pages_templates_are_found() -> None:
    for name in (conf.base_template(), "token_payments/checkout/page.html"):
        assert get_template(name)


def test_the_older_instructor_dashboard_finds_our_template() -> None:
    assert MAKO_TEMPLATES in [Path(path) for path in settings.MAKO_TEMPLATE_DIRS_BASE]


@pytest.mark.django_db
def test_groups_of_a_course_can_be_listed() -> None:
    factories.make_course(COURSE)
    assert list(host.list_groups(COURSE)) == []
