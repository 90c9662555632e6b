"""Token Codes under real concurrency: on PostgreSQL and MariaDB, with a connection per learner."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.concurrency import race
from tests.enqueued import unheard
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import (
    AlreadyEnrolled,
    CodeNotRedeemable,
    IdempotencyConflict,
    NoSeats,
    NotEnoughUnused,
)
from token_payments.models import CatalogueItem, Redemption, TokenCode, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.orders.codes import hash_with_all_keys, normalise

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Race+R1+2026"
PAID = {"verified": 149}


@pytest.fixture
def item() -> CatalogueItem:
    return factories.make_shop(COURSE, modes=PAID)


def make_codes(item: CatalogueItem, quantity: int) -> tuple[TokenOrder, list[str]]:
    order = factories.make_order(item, buyer=factories.make_user("buyer"), quantity=quantity)
    factories.process(order)
    return order, factories.list_codes(order)


def make_learners(count: int) -> list:
    return [factories.make_user(f"racer{number}") for number in range(count)]


def redeem(learner, code: str, *, key: str | None = None, item_key: str = COURSE) -> Redemption:
    return checkout_operations.redeem(
        learner=learner,
        item_key=item_key,
        method="token_code",
        reference={"hashes": ",".join(hash_with_all_keys(normalise(code)))},
        idempotency_key=key or uuid4().hex,
        now=timezone.now(),
    )


def assert_paid_equals_enrolled(item: CatalogueItem) -> None:
    """Nothing taken without the enrolment, nobody enrolled without the payment."""
    redemptions = Redemption.objects.filter(item=item, live=True)
    paid = set(redemptions.values_list("learner_id", flat=True))
    enrolled = CourseEnrollment.objects.filter(is_active=True)
    assert paid == set(enrolled.values_list("user_id", flat=True))
    assert set(redemptions.values_list("state", flat=True)) <= {"completed"}
    used = TokenCode.objects.filter(status="redeemed")
    assert set(used.values_list("id", flat=True)) == set(
        redemptions.values_list("code_id", flat=True)
    )


def test_of_32_learners_with_one_code_exactly_one_is_enrolled(item: CatalogueItem) -> None:
    _, [code] = make_codes(item, 1)
    outcome = race([partial(redeem, learner, code) for learner in make_learners(32)])
    assert len(outcome.results) == 1
    assert not outcome.errors_other_than(CodeNotRedeemable)
    assert Redemption.objects.count() == 1
    assert_paid_equals_enrolled(item)


def test_50_learners_sharing_10_codes_by_five_end_as_10_enrolled(item: CatalogueItem) -> None:
    _, codes = make_codes(item, 10)
    racers = [
        partial(redeem, learner, codes[number % 10])
        for number, learner in enumerate(make_learners(50))
    ]
    outcome = race(racers)
    assert len(outcome.results) == 10
    assert {result.code_id for result in outcome.results} == set(
        TokenCode.objects.values_list("id", flat=True)
    )
    assert not outcome.errors_other_than(CodeNotRedeemable)
    assert_paid_equals_enrolled(item)


def test_finish_against_cancel_tokens_leaves_each_code_redeemed_or_cancelled(
    item: CatalogueItem,
) -> None:
    order, codes = make_codes(item, 20)
    admin = get_user_model().objects.create_user("admin")

    def cancel() -> None:
        assignment_operations.cancel_unused(
            order.pk,
            quantity=10,
            refund_amount=Decimal(0),
            actor=admin,
            idempotency_key=uuid4().hex,
            now=timezone.now(),
        )

    racers = [partial(redeem, *pair) for pair in zip(make_learners(20), codes, strict=True)]
    outcome = race([*racers[:10], cancel, *racers[10:]])
    assert not outcome.errors_other_than(CodeNotRedeemable, NotEnoughUnused)
    counts = order_queries.count_codes(order)
    assert counts.total == 20
    assert counts.cancelled == sum(row.quantity for row in order.cancellations.all())
    assert counts.cancelled in (0, 10)
    assert counts.redeemed == Redemption.objects.count()
    assert_paid_equals_enrolled(item)


def test_finish_against_cancelling_the_order(item: CatalogueItem) -> None:
    order, codes = make_codes(item, 16)
    admin = get_user_model().objects.create_user("admin")
    cancel = partial(order_operations.cancel_order, order.pk, actor=admin, now=timezone.now())
    racers = [partial(redeem, *pair) for pair in zip(make_learners(16), codes, strict=True)]
    outcome = race([*racers[:8], cancel, *racers[8:]])
    assert not outcome.errors_other_than(CodeNotRedeemable)
    counts = order_queries.count_codes(order)
    assert counts.available == 0
    assert sum(row.quantity for row in order.cancellations.all()) == counts.cancelled
    assert_paid_equals_enrolled(item)


def test_two_cancellations_at_once_never_cancel_more_than_there_is(item: CatalogueItem) -> None:
    order, _ = make_codes(item, 10)
    admin = get_user_model().objects.create_user("admin")

    def cancel() -> None:
        assignment_operations.cancel_unused(
            order.pk,
            quantity=6,
            refund_amount=Decimal(0),
            actor=admin,
            idempotency_key=uuid4().hex,
            now=timezone.now(),
        )

    outcome = race([cancel, cancel])
    [error] = outcome.errors
    assert isinstance(error, NotEnoughUnused)
    assert error.available == 4
    assert order_queries.count_codes(order).cancelled == 6


def test_finish_twice_at_once_with_one_key_is_one_redemption(item: CatalogueItem) -> None:
    _, [code, _] = make_codes(item, 2)
    [learner] = make_learners(1)
    outcome = race([partial(redeem, learner, code, key="k")] * 8)
    assert [result.pk for result in outcome.results] == [Redemption.objects.get().pk] * 8
    assert not outcome.errors
    assert_paid_equals_enrolled(item)


def test_one_learner_with_two_codes_burns_one(item: CatalogueItem) -> None:
    order, codes = make_codes(item, 2)
    [learner] = make_learners(1)
    outcome = race([partial(redeem, learner, code) for code in codes])
    assert len(outcome.results) == 1
    assert not outcome.errors_other_than(AlreadyEnrolled)
    assert order_queries.count_codes(order).available == 1
    assert_paid_equals_enrolled(item)


def test_one_key_for_two_learners_is_a_conflict(item: CatalogueItem) -> None:
    order, codes = make_codes(item, 2)
    racers = [
        partial(redeem, learner, code, key="shared")
        for learner, code in zip(make_learners(2), codes, strict=True)
    ]
    outcome = race(racers)
    assert len(outcome.results) == 1
    assert not outcome.errors_other_than(IdempotencyConflict)
    assert order_queries.count_codes(order).available == 1
    assert_paid_equals_enrolled(item)


def test_the_last_seats_are_sold_once(item: CatalogueItem) -> None:
    item.seats = 3
    item.save()
    order, codes = make_codes(item, 12)
    racers = [partial(redeem, *pair) for pair in zip(make_learners(12), codes, strict=True)]
    outcome = race(racers)
    assert len(outcome.results) == 3
    assert not outcome.errors_other_than(NoSeats)
    assert order_queries.count_codes(order).available == 9
    assert_paid_equals_enrolled(item)


def test_two_workers_on_one_order_make_each_code_once(item: CatalogueItem, settings) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, "CODES_PER_CHUNK": 50}
    order = factories.make_order(item, buyer=factories.make_user("buyer"), quantity=1000)
    unheard(order_operations.start_processing)(order.pk, actor=order.buyer, now=timezone.now())
    outcome = race([partial(order_operations.generate, order.pk, clock=timezone.now)] * 4)
    assert not outcome.errors
    assert sum(outcome.results) == 1000
    serials = list(order.codes.order_by("serial").values_list("serial", flat=True))
    assert serials == list(range(1, 1001))
    order.refresh_from_db()
    assert order.status == "processed"
