"""A transaction that the database gave up is run again as a whole, whoever caught the error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import Mock, patch

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import override_settings
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries
from token_payments.db import transactions
from token_payments.db.transactions import LostRace, in_transaction
from token_payments.hosts import host
from token_payments.models import Account, Redemption, TokenCode

pytestmark = pytest.mark.django_db(transaction=True)

DEADLOCK = (1213, "Deadlock found when trying to get lock; try restarting transaction")


class PostgresqlError(Exception):
    """What psycopg raises, as far as it is looked at."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def make_error(*arguments: object, sqlstate: str = "") -> OperationalError:
    error = OperationalError(*arguments)
    error.__cause__ = PostgresqlError(sqlstate) if sqlstate else None
    return error


@contextmanager
def losing(text: str, *, times: int = 1, error: OperationalError | None = None) -> Iterator[list]:
    """The database gives the transaction up at statements with this text, so often."""
    real, lost = CursorWrapper._execute, []

    def execute(cursor, sql, params, *ignored):
        if text in sql and len(lost) < times:
            lost.append(sql)
            raise error or make_error(*DEADLOCK)
        return real(cursor, sql, params, *ignored)

    with patch.object(CursorWrapper, "_execute", execute):
        yield lost


@pytest.fixture(autouse=True)
def pauses() -> Iterator[list[float]]:
    """What was waited, in seconds; nobody waits."""
    waited: list[float] = []
    with patch.object(transactions.time, "sleep", waited.append):
        yield waited


def add_account(reference: str) -> Account:
    return Account.objects.create(name=reference, reference=reference)


@pytest.mark.parametrize(
    "error",
    [
        make_error(*DEADLOCK),
        make_error(1205, "Lock wait timeout exceeded; try restarting transaction"),
        make_error("deadlock detected", sqlstate="40P01"),
        make_error("could not serialize access", sqlstate="40001"),
    ],
)
def test_what_was_lost_is_run_again(error) -> None:
    with losing("INSERT", error=error) as lost:
        account = in_transaction(lambda: add_account("A-1"))
    assert len(lost) == 1
    assert list(Account.objects.all()) == [account]


def test_with_locks_from_the_second_time_on() -> None:
    runs = []
    with losing("INSERT", times=2):
        in_transaction(
            lambda: (runs.append("plain"), add_account("A-1")),
            with_locks=lambda: (runs.append("locks"), add_account("A-1")),
        )
    assert runs == ["plain", "locks", "locks"]


def test_many_times_and_after_pauses_of_random_length(pauses) -> None:
    with losing("INSERT", times=30):
        in_transaction(lambda: add_account("A-1"))
    assert len(pauses) == 30
    assert len(set(pauses)) > 25
    assert max(pauses) <= transactions.LONGEST_PAUSE


def test_not_for_ever() -> None:
    with (
        override_settings(TOKEN_PAYMENTS={"RETRY_SECONDS": 0}),
        losing("INSERT", times=99) as lost,
        pytest.raises(OperationalError),
    ):
        in_transaction(lambda: add_account("A-1"))
    assert len(lost) == 1


def test_a_lost_race_is_tried_until_the_time_is_over() -> None:
    runs = []

    def lose() -> None:
        runs.append(1)
        raise LostRace

    clock = Mock(monotonic=Mock(side_effect=range(100)))  # a second passes at each look at it
    with (
        override_settings(TOKEN_PAYMENTS={"RETRY_SECONDS": 5}),
        patch.object(transactions, "time", clock),
        pytest.raises(LostRace),
    ):
        in_transaction(lose)
    assert len(runs) == 5


def test_an_error_that_became_another_one_is_still_a_lost_transaction() -> None:
    def work() -> Account:
        try:
            return add_account("A-1")
        except OperationalError as error:
            raise ValueError("refused") from error

    with losing("INSERT"):
        assert in_transaction(work).name == "A-1"


def test_at_commit() -> None:
    real, commits = connection._commit, []

    def commit() -> None:
        commits.append(1)
        if len(commits) == 1:
            raise make_error(*DEADLOCK)
        real()

    with patch.object(connection, "_commit", commit):
        in_transaction(lambda: add_account("A-1"))
    assert len(commits) == 2
    assert Account.objects.count() == 1


def test_other_errors_of_the_database_are_not_tried_again() -> None:
    error = make_error(2006, "Server has gone away")
    with losing("INSERT", times=9, error=error) as lost, pytest.raises(OperationalError):
        in_transaction(lambda: add_account("A-1"))
    assert len(lost) == 1


def test_only_the_owner_of_the_transaction_starts_over() -> None:
    with (
        losing("INSERT") as lost,
        pytest.raises(OperationalError),
        transaction.atomic(),
    ):
        in_transaction(lambda: add_account("A-1"))
    assert len(lost) == 1

    with losing("INSERT") as lost:
        in_transaction(lambda: in_transaction(lambda: add_account("A-1")))
    assert len(lost) == 1
    assert Account.objects.count() == 1


class TestPaying:
    """A code is redeemed though the transaction is lost in the middle; once, and not refused."""

    COURSE = "course-v1:Acme+Lost+2026"

    def redeem(self) -> Redemption:
        item = factories.make_shop(self.COURSE, modes={"verified": 149})
        order = factories.make_processed_order(item, buyer=factories.make_user("buyer"))
        self.learner = factories.make_user("learner")
        code = factories.list_codes(order)[0]
        with losing(self.text, times=2) as lost:
            redemption = factories.redeem(self.learner, item, code)
        assert len(lost) == 2
        return redemption

    @pytest.mark.parametrize("text", ["INSERT", "UPDATE"])
    def test_wherever_it_is_lost(self, text: str) -> None:
        self.text = text
        redemption = self.redeem()
        assert redemption.state == "completed"
        assert TokenCode.objects.filter(status="redeemed").count() == 1
        assert CourseEnrollment.objects.get(user=self.learner).is_active

    def test_in_the_gate(self) -> None:
        """Which takes every error for a reason to prevent the enrolment."""
        calls = []
        must_pay_first = queries.must_pay_first

        def lose(*arguments):
            calls.append(arguments)
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 AS in_the_gate")
            return must_pay_first(*arguments)

        self.text = "in_the_gate"
        with patch.object(queries, "must_pay_first", lose):
            assert self.redeem().state == "completed"
        assert len(calls) == 3

    def test_that_the_host_kept_to_itself(self) -> None:
        """MySQL has undone all that came before then, and goes on; here the row is taken away."""
        enrol, calls = host.enrol, []

        def enrol_after_a_deadlock(*arguments, **named):
            calls.append(arguments)
            if len(calls) == 1:
                Redemption.objects.all().delete()
            return enrol(*arguments, **named)

        self.text = "UPDATE"
        with patch.object(host.__class__, "enrol", staticmethod(enrol_after_a_deadlock)):
            assert self.redeem().state == "completed"
        assert len(calls) > 1
        assert Redemption.objects.count() == 1

    def test_that_the_host_kept_to_itself_while_it_unenrolled(self) -> None:
        self.text = "UPDATE"
        redemption = self.redeem()
        unenrol, calls = host.unenrol, []

        def unenrol_after_a_deadlock(*arguments):
            calls.append(arguments)
            if len(calls) == 1:
                Redemption.objects.update(state="completed", live=True, reversed_at=None)
            return unenrol(*arguments)

        by = {"actor": self.learner, "reason": "x", "now": timezone.now(), "unenrol": True}
        with patch.object(host.__class__, "unenrol", staticmethod(unenrol_after_a_deadlock)):
            assert checkout_operations.reverse(redemption.pk, **by).state == "reversed"
        assert len(calls) == 2
        assert Redemption.objects.get().state == "reversed"
        assert not CourseEnrollment.objects.get(user=self.learner).is_active
