"""People who load the same file at the same time, on real servers: everything is there once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.concurrency import race
from tests.imports.base import COURSE, problems, read
from tests.servers.stage import sum_entries
from token_payments.imports import operations
from token_payments.imports.planning import By
from token_payments.imports.verdicts import Plan
from token_payments.models import (
    Account,
    AccountMember,
    EntryKind,
    LedgerEntry,
    TokenIssue,
    TokenPrice,
)

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

ACCOUNTS, ROWS = 12, 60


def by() -> By:
    return By(None, "Race", timezone.now())


def each(kind: str, text: str) -> list[Plan]:
    return list(operations.load_each(read(kind, text), by()))


def together(kind: str, text: str) -> list[Plan]:
    loaded = operations.load_together(read(kind, text), by())
    assert loaded.is_kept, problems(loaded.plans)
    return list(loaded.plans)


def make_issues(*, is_reversed: bool = False, begin: int = 0) -> str:
    rows = [f"R-{begin + n},Account {n % ACCOUNTS},Gold,{n + 1}\n" for n in range(ROWS)]
    return "reference,account,token_type,quantity\n" + "".join(rows[::-1] if is_reversed else rows)


def count_outcomes(results: Sequence[Any]) -> Counter[str]:
    return Counter(plan.outcome.value for plans in results for plan in plans)


@pytest.fixture(autouse=True)
def _accounts(transactional_db: None) -> None:
    factories.make_type("Gold")
    for number in range(ACCOUNTS):
        factories.make_account(f"Account {number}")


@pytest.mark.parametrize("load", [each, together])
def test_each_issue_is_raised_once(load: Any) -> None:
    outcome = race([partial(load, "issues", make_issues()) for _ in range(4)])
    assert not outcome.errors
    assert count_outcomes(outcome.results) == {"create": ROWS, "unchanged": 3 * ROWS}
    assert TokenIssue.objects.count() == LedgerEntry.objects.count() == ROWS
    assert sum_entries(EntryKind.ISSUE) == ROWS * (ROWS + 1) // 2


def test_all_or_nothing_beside_row_by_row() -> None:
    racers = [partial(load, "issues", make_issues()) for load in (each, together, each, together)]
    outcome = race(racers)
    assert not outcome.errors
    assert count_outcomes(outcome.results)["create"] == ROWS
    assert TokenIssue.objects.count() == ROWS


def test_files_that_cross_wait_or_try_again() -> None:
    """They lock the accounts in opposite orders."""
    there, back = make_issues(), make_issues(is_reversed=True, begin=1000)
    outcome = race([partial(together, "issues", text) for text in (there, back)])
    assert not outcome.errors
    assert TokenIssue.objects.count() == 2 * ROWS


@pytest.mark.parametrize("load", [each, together])
def test_accounts_and_members_are_there_once(load: Any) -> None:
    for number in range(20):
        factories.make_user(f"user{number}")
    rows = "".join(f"New {number},N-{number}\n" for number in range(20))
    renamed = "".join(f"Account {number},A-{number}\n" for number in range(ACCOUNTS))
    text = "name,reference\n" + rows + renamed
    outcome = race([partial(load, "accounts", text) for _ in range(4)])
    assert not outcome.errors
    assert count_outcomes(outcome.results) == {"create": 20, "update": ACCOUNTS, "unchanged": 96}
    assert Account.objects.exclude(reference=None).count() == 20 + ACCOUNTS
    text = "account,user\n" + "".join(f"N-{number},user{number}\n" for number in range(20))
    outcome = race([partial(load, "members", text) for _ in range(4)])
    assert not outcome.errors
    assert "error" not in count_outcomes(outcome.results)
    assert AccountMember.objects.count() == AccountMember.history.count() == 20


def test_prices_of_one_course_dont_undo_each_other() -> None:
    names = [f"Type {number}" for number in range(8)]
    types = [factories.make_type(name) for name in names]
    factories.make_shop(COURSE, methods=["wallet"], token_prices={types[0]: 1})
    head = "course,token_type,tokens\n"
    racers = [partial(each, "prices", f"{head}{COURSE},{name},{9}\n") for name in names]
    outcome = race(racers)
    assert not outcome.errors
    assert "error" not in count_outcomes(outcome.results)
    assert list(TokenPrice.objects.values_list("quantity", flat=True)) == [9] * 8
