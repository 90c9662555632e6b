"""One wallet on which everything happens at once: paid from, corrected, extended, frozen, swept.

The refusals that an operation documents may come, nothing else may; and the sums agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from tests.concurrency import race
from tests.servers.stage import COURSES, LEARNERS, Stage, assert_books_agree, sum_entries
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import (
    AccountFrozen,
    ExpiryNotLater,
    InsufficientTokens,
    InvalidTransition,
    IssueExpired,
    NotEnoughUnused,
)
from token_payments.models import EntryKind, Redemption, TokenIssue, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets.issuing import take_back_tokens

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)
#: What the operations of the race say that they may refuse.
REFUSALS = (
    AccountFrozen,
    ExpiryNotLater,
    InsufficientTokens,
    InvalidTransition,
    IssueExpired,
    NotEnoughUnused,
)
Racer = Callable[[], object]


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    yield Stage()
    assert_books_agree()


def do_all(operations: list[Racer], refusals: tuple[type[Exception], ...] = REFUSALS) -> int:
    """Try each in turn; returns how many were done."""
    done = 0
    for operation in operations:
        try:
            operation()
        except refusals:
            continue
        done += 1
    return done


def pay_rest(stage: Stage, learner: Any, refusals: tuple[type[Exception], ...]) -> int:
    """The learner pays for every course that isn't paid yet."""
    paid = set(Redemption.objects.filter(learner=learner).values_list("item_id", flat=True))
    rest = [item for item in stage.items if item.pk not in paid]
    return do_all([partial(stage.pay, learner, item) for item in rest], refusals)


def make_payers(stage: Stage, *refusals: type[Exception]) -> list[Racer]:
    return [partial(pay_rest, stage, learner, refusals) for learner in stage.learners]


def make_correctors(stage: Stage, issue_ids: list[int]) -> list[Racer]:
    """Adjusting up and down, extending, taking back, and freezing meanwhile."""
    now = timezone.now()

    def adjust(amount: int) -> Racer:
        def once(pk: int) -> object:
            return wallet_operations.adjust_issue(pk, amount, **stage.by_manager())

        return partial(do_all, [partial(once, pk) for pk in issue_ids * 2])

    def extend(pk: int, days: int) -> object:
        return wallet_operations.extend_expiry(pk, now + days * DAY, **stage.by_manager())

    def take_back(pk: int) -> object:
        return take_back_tokens(pk, quantity=1, **stage.by_manager())

    changes = [wallet_operations.freeze_account, wallet_operations.unfreeze_account] * 4
    freeze = [partial(change, stage.account.pk, actor=stage.managers[1]) for change in changes]
    return [
        adjust(1),
        adjust(-1),
        partial(do_all, [partial(extend, pk, days) for days in (20, 21) for pk in issue_ids]),
        partial(do_all, [partial(take_back, pk) for pk in issue_ids]),
        partial(do_all, freeze),
    ]


def make_order_workers(stage: Stage, order: TokenOrder) -> list[Racer]:
    """One processes the order, the other one cancels a part and then the rest."""
    step = {"actor": stage.managers[0], "now": timezone.now()}

    def cancel_part() -> object:
        return assignment_operations.cancel_unused(
            order.pk, quantity=2, refund_amount=Decimal(0), **stage.by_manager()
        )

    process = partial(order_operations.start_processing, order.pk, **step)
    cancel = partial(order_operations.cancel_order, order.pk, **step)
    return [partial(do_all, [process] * 3), partial(do_all, [cancel_part, cancel_part, cancel])]


def test_everything_at_once_on_a_wallet_until_it_is_empty(stage: Stage) -> None:
    now, boss = timezone.now(), stage.managers[0]
    issues = [stage.issue(10, actor=boss, expires_at=now + days * DAY) for days in range(2, 9)]
    due = stage.issue(5, actor=boss, now=now - 2 * DAY, expires_at=now - DAY)
    others = make_correctors(stage, [issue.pk for issue in issues])
    orders = [stage.order() for _ in range(4)]
    for order in orders:
        others += make_order_workers(stage, order)
    others += [partial(do_all, [partial(wallet_operations.expire_issues, now=now)] * 5)] * 2
    payers = make_payers(stage, InsufficientTokens, AccountFrozen)
    outcome = race([*payers[::2], *others, *payers[1::2]])
    assert not outcome.errors
    # whoever was kept out by the frozen account comes again, until nothing is left
    wallet_operations.unfreeze_account(stage.account.pk, actor=boss)
    assert not race(make_payers(stage, InsufficientTokens)).errors
    raised = sum_entries(EntryKind.ISSUE, EntryKind.ADJUSTMENT_UP)
    gone = -sum_entries(EntryKind.ADJUSTMENT_DOWN, EntryKind.CANCELLATION, EntryKind.EXPIRY)
    spent = -sum_entries(EntryKind.DEBIT)
    assert raised - gone - spent == TokenIssue.objects.aggregate(left=Sum("remaining"))["left"]
    assert spent == min(raised - gone, LEARNERS * len(COURSES))
    assert spent == Redemption.objects.filter(live=True).count()
    assert due.entries.get(kind=EntryKind.EXPIRY).amount == -5
    for order in TokenOrder.objects.select_related("issue"):
        assert order.status in ("cancelled", "processed")
        assert order.issue is None or order.issue.quantity == order.quantity


def test_cancelling_an_order_while_it_is_spent_leaves_each_token_spent_or_cancelled(
    stage: Stage,
) -> None:
    order = stage.order(60)
    step = {"actor": stage.managers[0], "now": timezone.now()}
    order_operations.start_processing(order.pk, **step)
    payers = make_payers(stage, InsufficientTokens)
    cancel = partial(order_operations.cancel_order, order.pk, **step)
    outcome = race([*payers[::2], cancel, cancel, *payers[1::2]])
    assert not outcome.errors
    counts = order_queries.count_order(TokenOrder.objects.get(), now=timezone.now())
    assert (counts.available, counts.redeemed + counts.cancelled) == (0, 60)
    assert counts.cancelled == sum(row.quantity for row in order.cancellations.all())
