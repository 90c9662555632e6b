"""A payment that is reversed while the learner comes back, pays, or another one reverses it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.concurrency import assert_healthy, race
from tests.servers.stage import COURSES, Stage, assert_books_agree
from token_payments.catalogue import operations as catalogue_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import AlreadyEnrolled, AlreadyPaid, InvalidTransition, NotOffered
from token_payments.models import CodeStatus, Redemption, TokenCode
from token_payments.orders import operations as order_operations

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    yield Stage()
    assert_books_agree()
    assert_healthy()


def leave(learner: object) -> None:
    CourseEnrollment.unenroll(learner, factories.key(COURSES[0]))


def test_who_comes_back_keeps_the_course_or_has_the_tokens_back_never_both(stage: Stage) -> None:
    outcomes = set()
    for learner in stage.learners[:16]:
        stage.issue(1)
        redemption = stage.pay(learner)
        leave(learner)
        now = timezone.now()
        judge = partial(
            checkout_operations.handle_unenrolment,
            redemption.pk,
            actor=learner,
            left_at=now,
            now=now,
        )
        back = partial(checkout_operations.enrol_again, learner=learner, item_key=COURSES[0])
        outcome = race([judge, back, judge])
        assert not outcome.errors_other_than(NotOffered, AlreadyEnrolled)
        redemption.refresh_from_db()
        is_enrolled = CourseEnrollment.is_enrolled(learner, factories.key(COURSES[0]))
        assert is_enrolled == (redemption.state == "completed")
        outcomes.add(redemption.state)
    assert outcomes <= {"completed", "reversed"}


def test_who_pays_again_at_once_has_paid_once(stage: Stage) -> None:
    for learner in stage.learners[:8]:
        stage.issue(1)
        redemption = stage.pay(learner)
        leave(learner)
        undo = partial(
            checkout_operations.reverse,
            redemption.pk,
            actor=stage.managers[0],
            reason="",
            now=timezone.now(),
        )
        outcome = race([undo, partial(stage.pay, learner), undo])
        assert not outcome.errors_other_than(AlreadyPaid, AlreadyEnrolled)
        assert Redemption.objects.filter(learner=learner, live=True).count() <= 1


def test_a_code_comes_back_once_while_its_order_is_cancelled(stage: Stage) -> None:
    item, buyer = stage.items[1], stage.managers[0]
    catalogue_operations.save_item(item, methods=["token_code"], token_prices={})
    for learner in stage.learners[:8]:
        order = factories.make_processed_order(item, buyer=buyer, quantity=2)
        redemption = factories.redeem(learner, item, factories.list_codes(order)[0])
        how = {"actor": buyer, "now": timezone.now()}
        undo = partial(checkout_operations.reverse, redemption.pk, reason="", unenrol=True, **how)
        outcome = race([undo, undo, partial(order_operations.cancel_order, order.pk, **how)])
        assert not outcome.errors_other_than(InvalidTransition)
        assert not TokenCode.objects.filter(order=order, status=CodeStatus.REDEEMED).exists()
