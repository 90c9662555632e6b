"""What the stories about wallets use: courses priced in tokens, accounts and their members.

`stock_up` runs in the demo's own Django. Each story has learners of its own; all of them are
members of the accounts that their name's beginning tells.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from scripts.browser import PASSWORD
from scripts.demo import REPOSITORY, Demo

TOKENS = "course-v1:Demo+ROPE140+2026"  # nothing but tokens pays for it
BOTH = "course-v1:Demo+SLING141+2026"  # tokens or a code
TITLE = "Rope Access Basics"
MANAGER = "harbour_manager"
LEARNERS = {
    "two": 12,  # members of two accounts that can pay, and of one that is frozen
    "one": 4,  # members of one account
    "last": 2,  # members of an account that has tokens for one of them
    "poor": 2,  # members of an account that hasn't enough
    "none": 2,
}
STOCK_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.wallet_stock import stock_up; stock_up()"
)


class Members:
    """``take("two")``: a learner who is in two accounts and has not paid for anything yet."""

    def __init__(self) -> None:
        self._learners = {kind: iter(_list_names(kind)) for kind in LEARNERS}

    def take(self, kind: str) -> str:
        return next(self._learners[kind])


def make_members(demo: Demo) -> Members:
    demo.manage("shell", "--no-imports", "-c", STOCK_UP)
    return Members()


def stock_up() -> None:
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from tests import factories
    from token_payments.l10n.dates import end_of_day
    from token_payments.wallets import operations as wallet_operations

    now = timezone.now()
    platinum, copper = factories.make_type("Platinum"), factories.make_type("Copper")
    prices = {platinum: 7, copper: 10}
    for key, title, methods in (
        (TOKENS, TITLE, ["wallet"]),
        (BOTH, "Slings and Hoists", ["token_code", "wallet"]),
    ):
        factories.make_course(key, display_name=title, modes={"professional": 120})
        factories.make_item(key, methods=methods, token_prices=prices)
    names = [MANAGER, *(name for kind in LEARNERS for name in _list_names(kind))]
    people: dict[str, Any] = {name: factories.make_user(name, password=None) for name in names}
    users = type(people[MANAGER]).objects
    users.filter(username__in=names).update(password=make_password(PASSWORD))
    two, one, last, poor = (
        [people[name] for name in _list_names(kind)] for kind in ("two", "one", "last", "poor")
    )
    harbour = factories.make_account(
        "Harbour Pilots Ltd", members=[*two, *one], managers=[people[MANAGER]]
    )
    rail = factories.make_account("Northern Rail Training Consortium", members=two)
    frozen = factories.make_account("Quayside Foods", members=two)
    tight = factories.make_account("Last Of It Ltd", members=last)
    short = factories.make_account("Little Left Ltd", members=poor)

    def issue(account: Any, kind: Any, quantity: int, days: int | None = None) -> None:
        expires_at = None if days is None else end_of_day((now + timedelta(days=days)).date())
        factories.issue_tokens(account, kind, quantity, now=now, expires_at=expires_at)

    issue(harbour, platinum, 5, days=7)
    issue(harbour, platinum, 10_000, days=30)
    issue(harbour, copper, 4)
    issue(rail, platinum, 250)
    issue(frozen, platinum, 20)
    issue(tight, platinum, 7, days=30)
    issue(short, platinum, 4, days=30)
    wallet_operations.freeze_account(frozen.pk, actor=people[MANAGER])


def _list_names(kind: str) -> list[str]:
    return [f"{kind}{number}" for number in range(1, LEARNERS[kind] + 1)]
