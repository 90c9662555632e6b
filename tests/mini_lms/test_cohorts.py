"""Cohorts: one per user and course, moved without asking."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import Http404

from common.djangoapps.student.models import CourseEnrollment
from openedx.core.djangoapps.course_groups import cohorts, models
from tests.mini_lms.helpers import (
    ASSIGNMENT_FILTER,
    CHANGE_FILTER,
    KEY,
    OTHER_KEY,
    make_course,
    pipeline,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def groups() -> tuple[Any, Any]:
    make_course()
    cohorts.set_course_cohorted(KEY, True)
    return tuple(cohorts.add_cohort(KEY, name, "manual") for name in ("North", "South"))


def test_being_put_moved_and_put_again(groups: Any, learner: Any) -> None:
    north, south = groups

    assert cohorts.add_user_to_cohort(north, learner) == (learner, None, False)
    assert cohorts.add_user_to_cohort(south, "learner") == (learner, "North", False)
    with pytest.raises(ValueError, match="already in the cohort"):
        cohorts.add_user_to_cohort(south, "learner@example.com")

    assert models.CohortMembership.objects.count() == 1
    assert (list(north.users.all()), list(south.users.all())) == ([], [learner])
    assert cohorts.get_cohort(learner, KEY, assign=False) == south


@pytest.mark.parametrize(
    ("filter_type", "step", "error"),
    [
        (ASSIGNMENT_FILTER, "RefuseAssignment", models.CohortAssignmentNotAllowed),
        (CHANGE_FILTER, "RefuseChange", models.CohortChangeNotAllowed),
    ],
)
def test_filters_may_refuse(
    groups: Any, learner: Any, settings: Any, filter_type: str, step: str, error: Any
) -> None:
    north, south = groups
    cohorts.add_user_to_cohort(north, learner)
    settings.OPEN_EDX_FILTERS_CONFIG = pipeline(filter_type, step)

    with pytest.raises(error):
        cohorts.add_user_to_cohort(south, learner)

    assert cohorts.get_cohort(learner, KEY, assign=False) == north


def test_an_unknown_address_is_kept_and_used_later(groups: Any) -> None:
    north, _ = groups

    assert cohorts.add_user_to_cohort(north, "later@example.com") == (None, None, True)
    with pytest.raises(User.DoesNotExist):
        cohorts.add_user_to_cohort(north, "nobody")
    with pytest.raises(ValidationError):
        cohorts.add_user_to_cohort(north, "no@body@")

    from tests.mini_lms.helpers import make_user

    assert cohorts.get_cohort(make_user("later"), KEY) == north


def test_looking_assigns_unless_told_not_to(groups: Any, learner: Any) -> None:
    assert cohorts.get_cohort(learner, KEY, assign=False) is None
    assert cohorts.get_cohort(learner, KEY).name == cohorts.DEFAULT_COHORT_NAME


def test_cohorts_of_a_course_that_does_not_use_them(learner: Any) -> None:
    make_course()
    assert cohorts.is_course_cohorted(KEY) is False
    assert cohorts.get_cohort(learner, KEY) is None
    with pytest.raises(Http404):
        cohorts.is_course_cohorted(OTHER_KEY)


def test_finding_cohorts(groups: Any) -> None:
    north, south = groups

    assert cohorts.get_course_cohorts(course_id=KEY) == [north, south]
    assert cohorts.get_course_cohorts(course_id=KEY, ordering="desc") == [south, north]
    assert cohorts.get_course_cohorts(course_id=KEY, assignment_type="random") == []
    assert cohorts.get_cohort_by_name(KEY, "North") == north
    with pytest.raises(models.CourseUserGroup.DoesNotExist):
        cohorts.get_cohort_by_name(KEY, "West")
    with pytest.raises(AssertionError):
        cohorts.get_course_cohorts()
    with pytest.raises(ValueError, match="same name"):
        cohorts.add_cohort(KEY, "North", "manual")
    with pytest.raises(ValueError, match="Invalid"):
        cohorts.add_cohort(OTHER_KEY, "North", "manual")


def test_leaving_the_course_does_not_leave_the_cohort(groups: Any, learner: Any) -> None:
    CourseEnrollment.enroll(learner, KEY)
    cohorts.add_user_to_cohort(groups[0], learner)

    CourseEnrollment.unenroll(learner, KEY)

    assert cohorts.get_cohort(learner, KEY, assign=False) == groups[0]


def test_being_taken_out(groups: Any, learner: Any) -> None:
    cohorts.add_user_to_cohort(groups[0], learner)

    cohorts.remove_user_from_cohort(groups[0], "learner")

    assert not groups[0].users.exists()
    with pytest.raises(ValueError, match="not present"):
        cohorts.remove_user_from_cohort(groups[0], "learner")
