"""Cancelling against assigning, for real: a code that a learner was given is never cancelled."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.errors import CodeNotRedeemable, InvalidTransition, NotEnoughUnused
from token_payments.models import CancellationRequest, CodeAssignment, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Race+C1+2026"


@pytest.fixture
def order() -> TokenOrder:
    item = factories.make_shop(COURSE, modes={"verified": 149})
    return factories.make_processed_order(item, buyer=factories.make_user("buyer"), quantity=30)


def cancel(order: TokenOrder, quantity: int) -> None:
    assignment_operations.cancel_unused(
        order.pk,
        quantity=quantity,
        refund_amount=Decimal(0),
        actor=order.buyer,
        idempotency_key=uuid4().hex,
        now=timezone.now(),
    )


def assign(order: TokenOrder, name: str, quantity: int) -> None:
    people = [
        assignment_operations.Recipient(f"{name}{number}@example.com") for number in range(quantity)
    ]
    by = {"actor": order.buyer, "idempotency_key": uuid4().hex, "now": timezone.now()}
    assignment_operations.assign_codes(order.pk, people, **by)


def test_codes_are_either_assigned_or_cancelled(order: TokenOrder) -> None:
    assigners = [partial(assign, order, f"team{number}", 5) for number in range(5)]
    cancellers = [partial(cancel, order, 5) for _ in range(5)]
    pairs = zip(assigners, cancellers, strict=True)
    outcome = race([racer for pair in pairs for racer in pair])
    assert not outcome.errors_other_than(NotEnoughUnused)
    live = CodeAssignment.objects.filter(live=True)
    assert set(live.values_list("code__status", flat=True)) <= {"available"}
    cancelled = order_queries.count_codes(order).cancelled
    assert cancelled + live.count() == 30
    assert cancelled == order.codes.filter(status="cancelled").count()
    assert assignment_queries.count_cancellable(order, now=timezone.now()).free == 0


def test_learners_with_their_codes_and_cancelling_do_not_meet(order: TokenOrder) -> None:
    assign(order, "learner", 10)
    texts = {code.pk: text for code, text in order_queries.iterate_codes(order)}
    given = CodeAssignment.objects.filter(live=True).order_by("pk")
    racers = [
        partial(
            factories.redeem,
            factories.make_user(assignment.email.partition("@")[0]),
            order.course,
            texts[assignment.code_id],
        )
        for assignment in given
    ]
    outcome = race([*racers[:5], partial(cancel, order, 20), *racers[5:]])
    assert not outcome.errors_other_than(CodeNotRedeemable)
    assert not outcome.errors
    counts = order_queries.count_codes(order)
    assert (counts.redeemed, counts.cancelled, counts.available) == (10, 20, 0)


def test_taking_back_while_cancelling_cancels_what_is_nobodys(order: TokenOrder) -> None:
    assign(order, "learner", 30)
    ids = list(CodeAssignment.objects.values_list("pk", flat=True))
    by = {"actor": order.buyer, "now": timezone.now()}
    revokers = [partial(assignment_operations.revoke, pk, **by) for pk in ids[:10]]
    outcome = race([*revokers[:5], partial(cancel, order, 5), *revokers[5:]])
    assert not outcome.errors_other_than(NotEnoughUnused)
    left = assignment_queries.count_cancellable(order, now=timezone.now())
    assert left.assigned == 20
    assert left.free == 10 - order_queries.count_codes(order).cancelled


def test_a_request_is_withdrawn_or_granted_never_both(order: TokenOrder) -> None:
    now = timezone.now()
    wish = assignment_operations.request_cancellation(
        order.pk, quantity=5, reason="", actor=order.buyer, idempotency_key="wish", now=now
    )
    admin = factories.make_user("admin")
    grant = partial(
        assignment_operations.grant_cancellation,
        wish.pk,
        refund_amount=Decimal(0),
        actor=admin,
        now=now,
    )
    withdraw = partial(order_operations.withdraw_cancellation, wish.pk, actor=order.buyer, now=now)
    outcome = race([grant, withdraw] * 4)
    assert not outcome.errors_other_than(InvalidTransition)
    wish = CancellationRequest.objects.get()
    assert (wish.answered_by == admin) == (wish.cancellation is not None)
    assert order_queries.count_codes(order).cancelled == (5 if wish.cancellation else 0)


def test_one_own_cancellation_sent_eight_times_at_once_is_one(order: TokenOrder, settings) -> None:
    settings.TOKEN_PAYMENTS = {**settings.TOKEN_PAYMENTS, "BUYERS_MAY_CANCEL": True}
    once = {"quantity": 4, "reason": "", "actor": order.buyer, "idempotency_key": "once"}
    outcome = race(
        [partial(assignment_operations.cancel_own, order.pk, now=timezone.now(), **once)] * 8
    )
    assert not outcome.errors
    assert len({done.pk for done in outcome.results}) == 1
    assert order_queries.count_codes(order).cancelled == 4
