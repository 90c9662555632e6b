"""The web process dies in the middle of Finish, or loses its database: both or neither."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.servers.beside import run_beside
from tests.servers.site import cut
from token_payments.checkout import operations as checkout_operations
from token_payments.hosts import host
from token_payments.models import Redemption, TokenOrder
from token_payments.orders import queries as order_queries

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Kill+K1+2026"
GROUP = "North"


@pytest.fixture
def order() -> TokenOrder:
    factories.allow_paid()
    factories.make_course(COURSE, modes={"verified": 149})
    factories.make_group(COURSE, GROUP)
    item = factories.make_item(COURSE)
    buyer = factories.make_user("buyer")
    return factories.make_processed_order(item, buyer=buyer, quantity=1, group_name=GROUP)


@contextmanager
def finish_until(point: str, order: TokenOrder) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that stands at the point, and the id of its database connection."""
    learner = factories.make_user("learner")
    [code] = factories.list_codes(order)
    with run_beside("finisher", point, learner.pk, COURSE, code, "key") as (process, line):
        yield process, int(line)


def assert_nothing_happened(order: TokenOrder) -> None:
    assert order_queries.count_codes(order).available == 1
    assert not Redemption.objects.exists()
    assert not CourseEnrollment.objects.exists()


def assert_paid_and_enrolled(order: TokenOrder) -> None:
    learner = factories.find_user("learner")
    assert order_queries.count_codes(order).redeemed == 1
    assert Redemption.objects.get().state == "completed"
    assert host.get_enrolment(learner, COURSE).mode == "verified"


def finish_again(order: TokenOrder) -> Redemption:
    """The same form, sent again."""
    [code] = factories.list_codes(order)
    return factories.redeem(factories.find_user("learner"), order.item, code, idempotency_key="key")


@pytest.mark.parametrize("point", ["reserved", "enrolled"])
def test_killed_before_the_commit_nothing_is_taken_and_nobody_enrolled(order, point) -> None:
    with finish_until(point, order) as (process, _):
        process.kill()
        process.wait(timeout=20)
    assert_nothing_happened(order)
    finish_again(order)
    assert_paid_and_enrolled(order)


def test_killed_after_the_commit_the_payment_stands_and_the_group_can_be_made_good(order) -> None:
    with finish_until("committed", order) as (process, _):
        process.kill()
        process.wait(timeout=20)
    assert_paid_and_enrolled(order)
    redemption = finish_again(order)
    assert redemption.group_state == "pending"
    assert checkout_operations.place_in_group(redemption, now=timezone.now()) == "placed"
    assert factories.group_of(redemption.learner, COURSE) == GROUP


@pytest.mark.parametrize("point", ["reserved", "enrolled"])
def test_a_connection_that_is_cut_before_the_commit_leaves_nothing(order, point) -> None:
    with finish_until(point, order) as (process, connection_id):
        cut(connection_id)
        output, _ = process.communicate("go on\n", timeout=60)
    assert output.strip().endswith("Error")
    assert_nothing_happened(order)
    finish_again(order)
    assert_paid_and_enrolled(order)
