"""The database connection is cut in the middle of a payment, a reversal or a sweep.

Each runs in a thread with a connection of its own, which another one ends at a chosen point:
afterwards all of it has happened or nothing, and doing it again finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core import mail
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.concurrency import race
from tests.servers.stage import COURSES, Stage
from token_payments import tasks
from token_payments.catalogue import operations as catalogue_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.models import (
    CodeStatus,
    EntryKind,
    LedgerEntry,
    PendingTask,
    Redemption,
    TokenCode,
    TokenIssue,
)
from token_payments.wallets import operations as wallet_operations

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

HOST = "token_payments.hosts.edxapp.EdxappHost"
SPENDING = "token_payments.wallets.spending"
LOST = (OperationalError, InterfaceError)


def cut_own() -> None:
    """End this thread's connection, as an administrator would from another one."""
    is_postgresql = connection.vendor == "postgresql"
    other = connection.copy()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()" if is_postgresql else "SELECT connection_id()")
        own = cursor.fetchone()[0]
    with other.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_terminate_backend({own}, 5000)" if is_postgresql else f"KILL {own}"
        )
    other.close()


@contextmanager
def cutting(where: str, when: str, *, time: int = 1) -> Iterator[None]:
    """Before or after the function's so-manieth call the connection is cut."""
    owner, name = where.rsplit(".", 1)
    real = getattr(import_string(owner), name) if owner == HOST else import_string(where)
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == time and when == "before":
            cut_own()
        result = real(*args, **kwargs)
        if calls == time and when == "after":
            cut_own()
        return result

    with patch(where, staticmethod(call)):  # the host's methods are static
        yield


def run_and_lose(operate: Callable[[], Any], where: str, when: str, *, time: int = 1) -> None:
    """It ends with the database's error, not with a result."""
    with cutting(where, when, time=time):
        outcome = race([operate])
    assert not outcome.results
    assert not outcome.errors_other_than(*LOST)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def remaining() -> list[int]:
    return list(TokenIssue.objects.order_by("id").values_list("remaining", flat=True))


def count_entries(kind: EntryKind) -> int:
    return LedgerEntry.objects.filter(kind=kind).count()


@pytest.mark.parametrize(
    ("where", "when"),
    [(f"{SPENDING}._take", "before"), (f"{SPENDING}._take", "after"), (f"{HOST}.enrol", "after")],
)
def test_a_payment(stage: Stage, where: str, when: str) -> None:
    learner = stage.learners[0]
    stage.issue(1)
    pay = partial(stage.pay, learner, idempotency_key=uuid4().hex)
    run_and_lose(pay, where, when)
    assert remaining() == [1]
    assert not Redemption.objects.exists()
    assert not CourseEnrollment.objects.exists()
    assert pay() == pay()
    assert remaining() == [0]
    assert CourseEnrollment.is_enrolled(learner, factories.key(COURSES[0]))


@pytest.mark.parametrize(
    ("where", "when"),
    [
        ("token_payments.wallets.returns._return", "after"),  # of the first of two issues
        (f"{HOST}.unenrol", "before"),
        (f"{HOST}.unenrol", "after"),
    ],
)
def test_a_reversal_of_tokens(stage: Stage, where: str, when: str) -> None:
    catalogue_operations.save_item(stage.items[0], methods=["wallet"], token_prices={stage.gold: 2})
    stage.issue(1)
    stage.issue(1)
    redemption = stage.pay(stage.learners[0])
    now, staff = timezone.now(), stage.managers[0]
    undo = partial(
        checkout_operations.reverse, redemption.pk, actor=staff, reason="", now=now, unenrol=True
    )
    run_and_lose(undo, where, when)
    assert remaining() == [0, 0]
    assert count_entries(EntryKind.REVERSAL) == 0
    assert CourseEnrollment.is_enrolled(redemption.learner, factories.key(COURSES[0]))
    assert undo().state == "reversed"
    assert remaining() == [1, 1]
    assert not CourseEnrollment.is_enrolled(redemption.learner, factories.key(COURSES[0]))


@pytest.mark.parametrize("code_reversal", ["same_learner", "new_for_buyer"])
def test_a_reversal_of_a_code(stage: Stage, code_reversal: str) -> None:
    factories.allow_paid(code_reversal=code_reversal)
    item, staff = stage.items[1], stage.managers[0]
    catalogue_operations.save_item(item, methods=["token_code"], token_prices={})
    order = factories.make_processed_order(item, buyer=staff, quantity=1)
    redemption = factories.redeem(stage.learners[0], item, factories.list_codes(order)[0])
    undo = partial(
        checkout_operations.reverse, redemption.pk, actor=staff, reason="", now=timezone.now()
    )
    run_and_lose(undo, "token_payments.checkout.code_returns.add_log_entry", "before")
    assert [code.status for code in order.codes.all()] == ["redeemed"]
    assert undo().state == "reversed"
    assert TokenCode.objects.filter(status=CodeStatus.AVAILABLE).count() == 1


def test_a_sweep_of_departures_keeps_what_it_did_tells_of_it_and_goes_on(stage: Stage) -> None:
    learners = stage.learners[:3]
    stage.issue(3)
    for learner in learners:
        stage.pay(learner)
    CourseEnrollment.objects.update(is_active=False)  # without an event

    run_and_lose(
        tasks.scheduled.run_sweep, "token_payments.wallets.returns._return", "after", time=2
    )

    assert remaining() == [1]
    assert Redemption.objects.filter(state="reversed").count() == 1
    told = [learners[0].email, *sorted(manager.email for manager in stage.managers)]
    assert sorted(one.to[0] for one in mail.outbox) == sorted(told)
    assert not PendingTask.objects.exists()

    assert tasks.scheduled.run_sweep().given_back == 2
    assert remaining() == [3]
    assert len(mail.outbox) == len({(*one.to, one.body) for one in mail.outbox}) == 9


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_sweep_of_expiry_keeps_its_first_batch_and_goes_on(stage: Stage, when: str) -> None:
    now = timezone.now()
    ends = now + timedelta(seconds=1)
    for _ in range(3):
        stage.issue(5, now=now, expires_at=ends)
    sweep = partial(wallet_operations.expire_all_issues, now=ends, limit=1)
    run_and_lose(sweep, f"{SPENDING}._write_expiries", when, time=2)
    assert remaining() == [0, 5, 5]
    assert count_entries(EntryKind.EXPIRY) == 1
    assert sweep().issues == 2
    assert sweep().issues == 0
    assert remaining() == [0, 0, 0]
