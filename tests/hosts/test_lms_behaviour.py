"""How the LMS behaves where the plugin relies on it and no function's name tells.

What enrolling, leaving and retiring do is in ``tests/mini_lms``: that the filter is asked before an
enrolment and its refusal shown (``test_enroll``, ``test_change_enrollment``,
``test_enrollment_rest``, ``test_enrollment_rest_v2``), that the enrolment API hides the mode
(``test_enrollments_api``), that events leave before the commit (``test_enroll``).
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment
from common.djangoapps.student.roles import CourseStaffRole
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.site_configuration.helpers import get_value, get_value_for_org
from openedx.core.djangoapps.user_api.models import UserRetirementRequest
from tests import factories

pytestmark = pytest.mark.django_db

NO_COURSE = CourseKey.from_string("course-v1:TokenPayments+NoSuchCourse+Probe")
NO_VALUE = "TOKEN_PAYMENTS_NO_SUCH_VALUE"


@pytest.fixture
def learner() -> Any:
    return factories.make_user("learner")


def test_a_course_without_modes_is_free_to_the_lms() -> None:
    found = [(mode.slug, mode.min_price) for mode in CourseMode.modes_for_course(NO_COURSE)]
    assert found == [(settings.COURSE_MODE_DEFAULTS["slug"], 0)]


def test_an_unknown_course_is_not_found() -> None:
    with pytest.raises(CourseOverview.DoesNotExist):
        CourseOverview.get_from_id(NO_COURSE)


def test_it_can_be_asked_who_may_enrol(learner: Any) -> None:
    factories.make_course("course-v1:Acme+Fire+2026")
    course = CourseOverview.objects.get()
    assert CourseEnrollment.is_enrollment_closed(learner, course) in (True, False)


def test_users_have_profiles_with_names(learner: Any) -> None:
    assert isinstance(learner.profile.name, str)


def test_it_can_be_asked_who_is_leaving_for_good(learner: Any) -> None:
    assert UserRetirementRequest.has_user_requested_retirement(learner) in (True, False)


def test_site_configuration_answers_with_the_default() -> None:
    default = object()
    assert get_value(NO_VALUE, default) is default
    assert get_value_for_org("TokenPaymentsNoSuchOrganisation", NO_VALUE, default) is default


def test_somebody_without_a_role_is_no_staff(learner: Any) -> None:
    assert not CourseStaffRole(NO_COURSE).has_user(learner)


def test_it_is_known_who_sent_a_request() -> None:
    """Staff who enrol learners would be taken for learners otherwise."""
    assert any(path.endswith("CurrentRequestUserMiddleware") for path in settings.MIDDLEWARE)


def test_a_request_is_one_transaction() -> None:
    assert settings.DATABASES["default"].get("ATOMIC_REQUESTS")
