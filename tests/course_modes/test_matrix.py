"""Every road in every course, and in every state of a course: what the table says happens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from edx_django_utils.cache import RequestCache

from tests import factories
from tests.course_modes.bypasses import BYPASSES, GROUPS, Case, Road
from tests.course_modes.courses import COURSES, KEY, STATES, Course, State
from tests.course_modes.matrix import STATE_TABLE, TABLE, read
from tests.course_modes.outcomes import Outcome, tell
from token_payments.hosts import host
from token_payments.models import Redemption

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    cache.clear()
    RequestCache.clear_all_namespaces()
    yield
    cache.clear()
    RequestCache.clear_all_namespaces()


def walk(road: Road, course: Course, state: State) -> Outcome:
    factories.allow_paid()
    item = course.make()
    order = factories.make_processed_order(item, buyer=factories.make_user("buyer"), quantity=2)
    learner = factories.make_user("learner")
    client = Client(raise_request_exception=False)
    client.force_login(learner)
    case = Case(course, learner, factories.list_codes(order), client)
    road.before(case)
    course.close(**state.list_fields())
    if state.prepare is not None:
        state.prepare(learner)
    live = Redemption.objects.filter(learner=learner, live=True)
    paid_before = live.count()
    with override_settings(**state.settings):
        answer = road.walk(case)
    enrolment = host.get_enrolment(learner, KEY)
    mode = enrolment.mode if enrolment and enrolment.is_active else None
    return tell(answer, mode=mode, paid=live.count(), paid_before=paid_before, sold=course.sold)


def test_every_cell_is_in_the_table_once() -> None:
    assert list(TABLE) == list(BYPASSES)
    assert sorted(road for group in GROUPS.values() for road in group) == sorted(BYPASSES)
    for row in TABLE.values():
        assert sorted(" ".join(row.values()).split()) == sorted(COURSES)
    for row in STATE_TABLE.values():
        assert sorted(" ".join(row.values()).split()) == sorted(STATES)


@pytest.mark.parametrize(
    ("road", "course", "expected"),
    [(road, *cell) for road, row in TABLE.items() for cell in read(row).items()],
)
def test_a_road_into_a_course(road: str, course: str, expected: Outcome) -> None:
    assert walk(BYPASSES[road], COURSES[course], STATES["open"]) is expected


@pytest.mark.parametrize(
    ("course", "road", "state", "expected"),
    [(*key, *cell) for key, row in STATE_TABLE.items() for cell in read(row).items()],
)
def test_a_road_in_a_state(course: str, road: str, state: str, expected: Outcome) -> None:
    assert walk(BYPASSES[road], COURSES[course], STATES[state]) is expected
