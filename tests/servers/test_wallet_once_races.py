"""Two or more who want the same thing of a wallet at once: it is done once, or for one of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.concurrency import race
from tests.servers.stage import LEARNERS, Stage, assert_books_agree, sum_entries
from token_payments.assignments import operations as assignment_operations
from token_payments.catalogue import operations as catalogue_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.errors import (
    AlreadyEnrolled,
    AlreadyPaid,
    InsufficientTokens,
    InvalidTransition,
)
from token_payments.models import EntryKind, TokenIssue
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    yield Stage()
    assert_books_agree()


def test_two_managers_who_pay_for_the_same_member_pay_once(stage: Stage) -> None:
    stage.issue(100)
    for learner in stage.learners[:10]:
        outcome = race([partial(stage.pay, learner, actor=boss) for boss in stage.managers])
        assert len(outcome.results) == 1
        assert not outcome.errors_other_than(AlreadyEnrolled, AlreadyPaid)
    assert TokenIssue.objects.get().remaining == 90


def test_of_two_members_with_the_last_tokens_one_pays(stage: Stage) -> None:
    for pair in zip(stage.learners[::2], stage.learners[1::2], strict=True):
        stage.issue(1)
        outcome = race([partial(stage.pay, learner) for learner in pair])
        assert len(outcome.results) == 1
        assert not outcome.errors_other_than(InsufficientTokens)
    assert sum_entries(EntryKind.DEBIT) == -LEARNERS // 2


def test_a_learners_tabs_are_told_the_truth_even_with_the_last_tokens(stage: Stage) -> None:
    for learner in stage.learners[:16]:
        stage.issue(1)
        outcome = race([partial(stage.pay, learner)] * 4)
        assert len(outcome.results) == 1
        assert not outcome.errors_other_than(AlreadyEnrolled, AlreadyPaid)


def test_a_reversal_by_many_gives_back_once(stage: Stage) -> None:
    catalogue_operations.save_item(stage.items[0], methods=["wallet"], token_prices={stage.gold: 8})
    for _ in range(5):
        stage.issue(2)
    redemption = stage.pay(stage.learners[0])

    back = partial(
        checkout_operations.reverse,
        redemption.pk,
        actor=stage.managers[0],
        reason="",
        now=timezone.now(),
        unenrol=True,
    )
    assert not race([back] * 8).errors
    assert sum_entries(EntryKind.REVERSAL) == 8
    assert set(TokenIssue.objects.values_list("remaining", flat=True)) == {2}


def test_no_correction_is_lost_and_none_goes_below_zero(stage: Stage) -> None:
    issue = stage.issue(20)

    def adjust() -> object:
        return wallet_operations.adjust_issue(issue.pk, -1, **stage.by_manager())

    outcome = race([adjust] * 32)
    assert len(outcome.results) == 20
    assert not outcome.errors_other_than(InsufficientTokens)
    assert TokenIssue.objects.get().remaining == 0


def test_an_order_that_many_process_issues_once(stage: Stage) -> None:
    order = stage.order(10)
    process = partial(
        order_operations.start_processing, order.pk, actor=stage.managers[0], now=timezone.now()
    )
    outcome = race([process] * 8)
    assert len(outcome.results) == 1
    assert not outcome.errors_other_than(InvalidTransition)
    assert TokenIssue.objects.get().remaining == 10


@pytest.mark.parametrize("operation", ["redeem", "issue", "adjust", "extend", "cancel", "request"])
def test_the_same_request_by_eight_connections_is_done_once(stage: Stage, operation: str) -> None:
    now = timezone.now()
    order = stage.order(10, redeem_by=now + DAY)
    issue = order_operations.start_processing(order.pk, actor=stage.managers[0], now=now).issue
    assert issue is not None
    same = stage.by_manager(now=now)
    call = {
        "redeem": partial(stage.pay, stage.learners[0], idempotency_key="key"),
        "issue": partial(stage.issue, 5, idempotency_key="key"),
        "adjust": partial(wallet_operations.adjust_issue, issue.pk, -10, **same),
        "extend": partial(wallet_operations.extend_expiry, issue.pk, now + 9 * DAY, **same),
        "cancel": partial(
            assignment_operations.cancel_unused,
            order.pk,
            quantity=10,
            refund_amount=Decimal(0),
            **same,
        ),
        "request": partial(stage.order, uuid=uuid4(), now=now),
    }[operation]
    outcome = race([call] * 8)
    assert not outcome.errors
    assert len(outcome.results) == 8
    assert len({result.pk for result in outcome.results}) == 1
