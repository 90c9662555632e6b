"""Tokens that go to another account while they are spent, come back, or the process dies."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest
from django.db.models import Sum

from tests import factories
from tests.concurrency import assert_healthy, race
from tests.servers.beside import run_beside
from tests.servers.site import cut
from tests.servers.stage import Stage, assert_books_agree
from token_payments.errors import AccountFrozen, InsufficientTokens
from token_payments.models import Account, EntryKind, TokenIssue, TokenTransfer, Wallet
from token_payments.wallets import operations as wallet_operations

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@dataclass
class Two(Stage):
    """The stage's account, and another one of the same managers."""

    other: Account = field(init=False)
    there: Wallet = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.other = factories.make_account("Other", managers=self.managers)
        self.there = factories.find_wallet(self.other, self.gold)

    def transfer(self, quantity: int, *, back: bool = False, key: str = "") -> TokenTransfer:
        source, account = (self.there, self.account) if back else (self.wallet, self.other)
        arguments = self.by_manager() | ({"idempotency_key": key} if key else {})
        return wallet_operations.transfer_tokens(
            wallet_operations.WantedTransfer(source, account, quantity), **arguments
        )

    def sum_left(self, wallet: Wallet) -> int:
        issues = TokenIssue.objects.filter(wallet=wallet)
        return int(issues.aggregate(left=Sum("remaining", default=0))["left"])


@pytest.fixture
def two(transactional_db: None) -> Iterator[Two]:
    yield Two()
    assert_books_agree()
    assert_healthy()


def test_a_transfer_and_learners_who_pay_never_take_the_same_token(two: Two) -> None:
    for _ in range(4):
        two.issue(8)
    payers = [partial(two.pay, learner) for learner in two.learners]
    movers = [partial(two.transfer, 5) for _ in range(4)]
    outcome = race([*payers[::2], *movers, *payers[1::2]])
    assert not outcome.errors_other_than(InsufficientTokens)
    moved = 5 * TokenTransfer.objects.count()
    paid = sum(not isinstance(one, TokenTransfer) for one in outcome.results)
    assert two.sum_left(two.there) == moved
    assert two.sum_left(two.wallet) == 32 - moved - paid
    # whoever was refused was right to be: what was left was too little then, and is now
    assert two.sum_left(two.wallet) < 5


def test_transfers_that_cross_wait_for_each_other(two: Two) -> None:
    for _ in range(6):
        two.issue(5)
        factories.issue_tokens(two.other, two.gold, 5)
    for _ in range(4):
        there = [partial(two.transfer, 3) for _ in range(8)]
        back = [partial(two.transfer, 3, back=True) for _ in range(8)]
        outcome = race([racer for pair in zip(there, back, strict=True) for racer in pair])
        assert not outcome.errors_other_than(InsufficientTokens)
        assert two.sum_left(two.wallet) + two.sum_left(two.there) == 60


def test_transfers_that_cross_while_learners_pay_from_both(two: Two) -> None:
    for learner in two.learners[:16]:
        wallet_operations.set_member(two.other, learner, "member", actor=two.managers[0])
    for _ in range(3):
        two.issue(10)
        factories.issue_tokens(two.other, two.gold, 10)
    payers = [
        partial(factories.pay, learner, two.items[number % 2], [two.wallet, two.there][number % 2])
        for number, learner in enumerate(two.learners[:16])
    ]
    there = [partial(two.transfer, 7) for _ in range(4)]
    back = [partial(two.transfer, 7, back=True) for _ in range(4)]
    outcome = race([*payers[:8], *there, *back, *payers[8:]])
    assert not outcome.errors_other_than(InsufficientTokens)
    paid = sum(not isinstance(one, TokenTransfer) for one in outcome.results)
    assert two.sum_left(two.wallet) + two.sum_left(two.there) == 60 - paid


def test_the_same_form_sent_by_many_is_one_transfer(two: Two) -> None:
    two.issue(20)
    outcome = race([partial(two.transfer, 3, key="once")] * 12)
    assert not outcome.errors
    assert len({transfer.pk for transfer in outcome.results}) == 1
    assert two.sum_left(two.there) == 3


def test_one_key_between_other_accounts_is_one_transfer(two: Two) -> None:
    """No lock is common to them: the database decides, and the other one is told so."""
    thirds = [factories.make_account(f"Third {number}") for number in range(8)]
    wallets = [factories.find_wallet(third, two.gold) for third in thirds]
    for third in thirds:
        factories.issue_tokens(third, two.gold, 1)
    wishes = [
        wallet_operations.WantedTransfer(wallet, thirds[(number + 1) % 8], 1)
        for number, wallet in enumerate(wallets)
    ]
    key = two.by_manager(idempotency_key="shared")
    outcome = race([partial(wallet_operations.transfer_tokens, wanted, **key) for wanted in wishes])
    assert len(outcome.results) == 1
    assert {type(error).__name__ for error in outcome.errors} == {"IdempotencyConflict"}


def test_a_freeze_comes_before_or_after_never_between(two: Two) -> None:
    for _ in range(8):
        two.issue(4)
        freeze = partial(wallet_operations.freeze_account, two.other.pk, actor=two.managers[0])
        outcome = race([partial(two.transfer, 4), freeze])
        assert not outcome.errors_other_than(AccountFrozen)
        wallet_operations.unfreeze_account(two.other.pk, actor=two.managers[0])
        for issue in TokenIssue.objects.filter(wallet=two.wallet, remaining__gt=0):
            wallet_operations.adjust_issue(issue.pk, -issue.remaining, **two.by_manager())


def test_two_that_mark_one_issue_write_one_entry(two: Two) -> None:
    issue = two.issue(4)
    outcome = race(
        [
            partial(wallet_operations.set_use_last, issue.pk, True, **two.by_manager())
            for _ in range(8)
        ]
    )
    assert not outcome.errors
    assert issue.entries.filter(kind=EntryKind.USE_LAST).count() == 1


@contextmanager
def transfer_until(point: str, two: Two) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that stands at the point, and the id of its database connection."""
    ids = [two.wallet.pk, two.other.pk, 7, two.managers[0].pk]
    with run_beside("transferrer", point, *ids) as (process, line):
        yield process, int(line)


def assert_nothing_moved(two: Two) -> None:
    assert (two.sum_left(two.wallet), two.sum_left(two.there)) == (10, 0)
    assert not TokenTransfer.objects.exists()


@pytest.mark.parametrize("end", ["kill", "cut"])
@pytest.mark.parametrize("point", ["taken", "given"])
def test_a_process_that_dies_half_way_has_moved_nothing(two: Two, point: str, end: str) -> None:
    two.issue(5)
    two.issue(5)
    with transfer_until(point, two) as (process, connection_id):
        if end == "kill":
            process.kill()
            process.wait(timeout=20)
        else:
            cut(connection_id)
            output, _ = process.communicate("go on\n", timeout=60)
            assert output.strip().endswith("Error")
    assert_nothing_moved(two)
    two.transfer(7, key="killed")
    assert (two.sum_left(two.wallet), two.sum_left(two.there)) == (3, 7)
    # and the one that comes too late finds what was done
    assert two.transfer(7, key="killed") == TokenTransfer.objects.get()
