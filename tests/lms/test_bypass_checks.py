"""What an operator is told of roads that the LMS's own settings open."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.core.checks import run_checks
from django.db import OperationalError
from django.test import override_settings

from common.djangoapps.course_modes.models import CourseMode
from tests import factories
from token_payments.lms.checks import bypasses

COURSE = "course-v1:Acme+Fire+2026"


def ids(**arguments: Any) -> list[str]:
    found = run_checks(tags=[bypasses.TAG], **arguments)
    return [(message.id or "").partition(".")[2] for message in found]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"EDX_API_KEY": None}, []),
        ({"EDX_API_KEY": "a secret of this site"}, []),
        ({"EDX_API_KEY": ""}, ["W005"]),
        ({"EDX_API_KEY": "PUT_YOUR_API_KEY_HERE"}, ["W005"]),
        ({"FEATURES": {"MODE_CREATION_FOR_TESTING": True}}, ["W006"]),
        ({"MODE_CREATION_FOR_TESTING": True, "AUTOMATIC_AUTH_FOR_TESTING": True}, ["W006"] * 2),
        ({"CUSTOM_COURSES_EDX": True}, ["W007"]),
        ({"FEATURES": {"ENABLE_ENTERPRISE_INTEGRATION": True}}, ["W008"]),
        ({"FEATURES": {"ENABLE_ENTERPRISE_INTEGRATION": False}}, []),
    ],
)
def test_a_setting_that_opens_a_road_is_told(settings: dict[str, Any], expected: list[str]) -> None:
    with override_settings(**settings):
        assert ids() == expected
        with override_settings(TOKEN_PAYMENTS_ENABLED=False):
            assert ids() == []


def test_the_setting_is_named_with_what_to_do() -> None:
    with override_settings(AUTOMATIC_AUTH_FOR_TESTING=True):
        [message] = bypasses.check_bypasses()
    assert message.msg.startswith("AUTOMATIC_AUTH_FOR_TESTING is on")
    assert "Switch AUTOMATIC_AUTH_FOR_TESTING off" in (message.hint or "")


@pytest.mark.django_db
def test_courses_on_sale_without_any_mode_are_named() -> None:
    factories.allow_paid()
    keys = [f"course-v1:Acme+Fire{number}+2026" for number in range(7)]
    for key in keys:
        factories.make_course(key)
        factories.make_item(key)
    assert ids(databases=["default"]) == []

    CourseMode.objects.exclude(course_id=factories.key(keys[0])).delete()

    [message] = bypasses.check_modes(databases=["default"])
    assert message.id == "token_payments.W009"
    assert keys[0] not in message.msg
    assert f"{keys[1]}, {keys[2]}" in message.msg
    assert "and 1 more" in message.msg
    assert bypasses.check_modes() == [], "no database is asked unless it is meant"


def test_before_the_tables_are_there_nothing_is_said() -> None:
    """As ``migrate`` runs the checks first: a new site couldn't be set up."""
    missing = OperationalError("no such table")
    with patch.object(bypasses.catalogue_queries, "list_sold_items", side_effect=missing):
        assert bypasses.check_modes(databases=["default"]) == []
