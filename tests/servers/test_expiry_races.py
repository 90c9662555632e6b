"""The sweep against debits, extensions, other sweeps and kill -9: no token lost, none twice."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from tests.servers.beside import run_beside
from token_payments.errors import InsufficientTokens, IssueExpired
from token_payments.models import (
    CatalogueItem,
    EntryKind,
    LedgerEntry,
    Redemption,
    TokenIssue,
    Wallet,
)
from token_payments.wallets import operations as wallet_operations

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

COURSE = "course-v1:Sweep+S1+2026"
LEARNERS = 16
PRICE = 3


@pytest.fixture
def wallet() -> Wallet:
    gold = factories.make_type()
    return Wallet.objects.create(account=factories.make_account(), token_type=gold)


@pytest.fixture
def item(wallet: Wallet) -> CatalogueItem:
    return factories.make_shop(
        COURSE, modes={"verified": 149}, methods=["wallet"], token_prices={wallet.token_type: PRICE}
    )


def add_issues(wallet: Wallet, number: int, quantity: int, *, ends: datetime) -> list[int]:
    now = ends - timedelta(days=9)
    issues = [
        factories.issue_tokens(
            wallet.account, wallet.token_type, quantity, now=now, expires_at=ends
        )
        for _ in range(number)
    ]
    return [issue.pk for issue in issues]


def pay(learner, item: CatalogueItem, wallet: Wallet, *, now: datetime) -> Redemption | None:
    try:
        return factories.pay(learner, item, wallet, now=now)
    except InsufficientTokens:
        return None


def make_members(wallet: Wallet) -> list:
    learners = [factories.make_user(f"racer{number}") for number in range(LEARNERS)]
    for learner in learners:
        wallet.account.members.create(user=learner)
    return learners


def sum_entries(*kinds: EntryKind) -> int:
    return LedgerEntry.objects.filter(kind__in=kinds).aggregate(n=Sum("amount", default=0))["n"]


def test_spenders_whose_clock_is_behind_race_the_sweep_over_the_same_issues(item, wallet) -> None:
    ends = timezone.now()
    add_issues(wallet, 12, 5, ends=ends)
    learners = make_members(wallet)
    before = ends - timedelta(seconds=1)
    racers = [partial(pay, learner, item, wallet, now=before) for learner in learners]
    sweeps = [partial(wallet_operations.expire_all_issues, now=ends, limit=2)] * 4
    outcome = race([*racers, *sweeps])
    assert not outcome.errors
    paid = [result for result in outcome.results if isinstance(result, Redemption)]
    swept = sum(
        done.tokens for done in outcome.results if isinstance(done, wallet_operations.Expired)
    )
    swept += wallet_operations.expire_all_issues(now=ends).tokens
    assert swept + PRICE * len(paid) == 60
    assert sum_entries(EntryKind.EXPIRY) == -swept
    assert sum_entries(EntryKind.DEBIT) == -PRICE * len(paid)
    assert TokenIssue.objects.aggregate(n=Sum("remaining"))["n"] == 0


def test_an_extension_and_the_sweep_agree_on_who_was_first(wallet) -> None:
    ends = timezone.now()
    issues = add_issues(wallet, 24, 5, ends=ends)
    later = ends + timedelta(days=30)

    def extend(issue_id: int) -> tuple[int, bool]:
        arguments = {"actor": None, "reason": "", "idempotency_key": uuid4().hex}
        before = ends - timedelta(seconds=1)
        try:
            wallet_operations.extend_expiry(issue_id, later, now=before, **arguments)
        except IssueExpired:
            return issue_id, False
        return issue_id, True

    sweeps = [partial(wallet_operations.expire_all_issues, now=ends, limit=3)] * 4
    outcome = race([*(partial(extend, pk) for pk in issues), *sweeps])
    assert not outcome.errors
    extended = dict(done for done in outcome.results if isinstance(done, tuple))
    assert len(extended) == len(issues)
    wallet_operations.expire_all_issues(now=ends)
    swept = set(LedgerEntry.objects.filter(kind=EntryKind.EXPIRY).values_list("issue", flat=True))
    for issue in TokenIssue.objects.all():
        was_first = extended[issue.pk]
        assert was_first != (issue.pk in swept)
        assert issue.expires_at == (later if was_first else ends)
        assert issue.remaining == (5 if was_first else 0)


def test_a_sweep_does_not_wait_for_a_debit_that_holds_an_issue(wallet) -> None:
    if not connection.features.has_select_for_update_skip_locked:
        pytest.fail("these servers can skip locked rows")
    ends = timezone.now()
    held, _ = add_issues(wallet, 2, 5, ends=ends)
    is_held, is_swept = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            TokenIssue.objects.select_for_update().get(pk=held)
            is_held.set()
            assert is_swept.wait(timeout=30)

    def sweep() -> wallet_operations.Expired:
        assert is_held.wait(timeout=30)
        try:
            return wallet_operations.expire_all_issues(now=ends)
        finally:
            is_swept.set()

    outcome = race([hold, sweep])
    assert not outcome.errors
    assert wallet_operations.Expired(1, 5) in outcome.results
    assert wallet_operations.expire_all_issues(now=ends) == wallet_operations.Expired(1, 5)


@contextmanager
def sweep_until(point: str) -> Iterator[subprocess.Popen[str]]:
    """A process that stands in the middle of its second batch of four issues."""
    with run_beside("sweeper", point, 4) as (process, line):
        assert line == "there"
        yield process


def wait_until_released(issue_ids: list[int]) -> None:
    """The server has noticed that the client is gone when its locks are."""
    with transaction.atomic():
        assert len(TokenIssue.objects.filter(pk__in=issue_ids).select_for_update()) == 10


@pytest.mark.parametrize("point", ["locked", "written"])
def test_killed_in_a_batch_the_batches_before_stand_and_the_next_run_does_the_rest(
    wallet, point
) -> None:
    ends = timezone.now()
    issues = add_issues(wallet, 10, 5, ends=ends)
    with sweep_until(point) as process:
        process.kill()
        process.wait(timeout=20)
    wait_until_released(issues)
    assert sum_entries(EntryKind.EXPIRY) == -20
    assert TokenIssue.objects.aggregate(n=Sum("remaining"))["n"] == 30
    assert wallet_operations.expire_all_issues(now=ends) == wallet_operations.Expired(6, 30)
    assert sum_entries(EntryKind.EXPIRY) == -50


def test_while_one_worker_stands_still_another_does_the_rest_and_nothing_twice(wallet) -> None:
    ends = timezone.now()
    add_issues(wallet, 10, 5, ends=ends)
    with sweep_until("locked") as process:
        assert wallet_operations.expire_all_issues(now=ends) == wallet_operations.Expired(2, 10)
        output, _ = process.communicate("go on\n", timeout=60)
    assert output == "done\n"
    assert LedgerEntry.objects.filter(kind=EntryKind.EXPIRY).count() == 10
    assert TokenIssue.objects.aggregate(n=Sum("remaining"))["n"] == 0
