"""Lists confirmed at once: each code goes to one learner, and each learner gets one."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.errors import CodeNotRedeemable, InvalidTransition, ListChanged
from token_payments.models import AssignmentBatch, CodeAssignment, TokenOrder
from token_payments.notifications.table import FOLLOWS
from token_payments.orders import queries as order_queries
from token_payments.outbox.steps import Step
from token_payments.presenters.once import make_key

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Race+R1+2026"


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> TokenOrder:
    monkeypatch.setitem(FOLLOWS, Step.MAILS_WAIT, ())
    item = factories.make_shop(COURSE, modes={"verified": 149})
    return factories.make_processed_order(item, buyer=factories.make_user("buyer"), quantity=6)


def assert_each_once() -> None:
    live = CodeAssignment.objects.filter(live=True)
    for column in ("code", "email"):
        values = list(live.values_list(column, flat=True))
        assert len(values) == len(set(values))


def confirm(order: TokenOrder, addresses: list[str], key: str) -> str:
    """What a preview's button does, by a request of its own; where it leads, or "preview"."""
    client = Client()
    client.force_login(order.buyer)
    url = reverse("token_payments:confirm_tokens", kwargs={"order_id": order.pk})
    rows = "".join(f"{address}\r\n" for address in addresses)
    answer = client.post(url, {"rows": rows, "idempotency_key": key, "is_open": ""})
    assert answer.status_code in (200, 302)
    return answer.get("Location", "preview")


def test_two_lists_for_the_last_codes_give_each_code_once(order: TokenOrder) -> None:
    lists = [[f"{name}{n}@example.com" for n in range(4)] for name in "ab"]
    outcome = race([partial(confirm, order, each, make_key()) for each in lists])
    assert not outcome.errors
    assert sorted(place == "preview" for place in outcome.results) == [False, True]
    assert CodeAssignment.objects.count() == 4
    assert_each_once()


def test_lists_that_share_people_give_each_person_one(order: TokenOrder) -> None:
    lists = [["ann@example.com", f"own{n}@example.com"] for n in range(8)]
    outcome = race([partial(confirm, order, each, make_key()) for each in lists])
    assert not outcome.errors
    assert sum(place != "preview" for place in outcome.results) == 1
    assert_each_once()


def test_one_form_sent_eight_times_at_once_is_one_batch(order: TokenOrder) -> None:
    addresses = [f"p{n}@example.com" for n in range(6)]
    outcome = race([partial(confirm, order, addresses, make_key())] * 8)
    assert not outcome.errors
    assert len(set(outcome.results)) == 1
    assert AssignmentBatch.objects.count() == 1
    assert CodeAssignment.objects.count() == 6


def test_six_lists_for_six_codes_all_fit(order: TokenOrder) -> None:
    racers = [partial(confirm, order, [f"p{n}@x.org"], make_key()) for n in range(6)]
    outcome = race(racers)
    assert not outcome.errors
    assert "preview" not in outcome.results
    assert CodeAssignment.objects.count() == 6
    assert_each_once()


def test_redeemed_against_taken_back_is_one_or_the_other(order: TokenOrder) -> None:
    item, learners = order.course, [factories.make_user(f"p{n}") for n in range(6)]
    batch = assignment_operations.assign_codes(
        order.pk,
        [assignment_operations.Recipient(learner.email) for learner in learners],
        actor=order.buyer,
        idempotency_key="1",
        now=timezone.now(),
    )
    codes = dict(order_queries.iterate_codes(order))
    rows = list(batch.assignments.select_related("code"))
    racers = []
    for learner, row in zip(learners, rows, strict=True):
        racers.append(partial(factories.redeem, learner, item, codes[row.code]))
        racers.append(
            partial(assignment_operations.revoke, row.pk, actor=order.buyer, now=timezone.now())
        )
    outcome = race(racers)
    assert not outcome.errors_other_than(CodeNotRedeemable, InvalidTransition, AssertionError)
    counts = order_queries.count_codes(order)
    assert counts.available + counts.redeemed == 6
    live = CodeAssignment.objects.filter(live=True)
    assert counts.redeemed == live.count()
    assert set(live.values_list("code__status", flat=True)) <= {"redeemed"}


def test_reassigned_twice_at_once_the_code_is_one_learners(order: TokenOrder) -> None:
    batch = assignment_operations.assign_codes(
        order.pk,
        [assignment_operations.Recipient("ann@example.com")],
        actor=order.buyer,
        idempotency_key="1",
        now=timezone.now(),
    )
    [row] = batch.assignments.all()
    racers = [
        partial(
            assignment_operations.reassign_to,
            row.pk,
            assignment_queries.Row(1, "", f"p{n}@example.com"),
            actor=order.buyer,
            idempotency_key=f"k{n}",
            now=timezone.now(),
        )
        for n in range(4)
    ]
    outcome = race(racers)
    assert len(outcome.results) == 1
    assert not outcome.errors_other_than(InvalidTransition, ListChanged)
    assert order.codes.count() == 7
    assert_each_once()
