"""What the stories use up beside the demo's own data: learners, and Token Codes.

`stock_up` runs in the demo's own Django; `Stock` hands out what it made, each thing once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripts.browser import PASSWORD
from scripts.demo import REPOSITORY, Demo

FREE = "course-v1:Demo+FREE101+2026"
PAID = "course-v1:Demo+SAFE201+2026"
COHORTED = "course-v1:Demo+LEAD240+2026"
FULL = "course-v1:Demo+COACH220+2026"
CLOSED = "course-v1:Demo+GDPR130+2025"
BY_INVITATION = "course-v1:Demo+BOARD310+2026"
GROUP = "South team"

LEARNERS = [f"pupil{number:02}" for number in range(1, 61)]
NAMES = ("Priya Raman", "Joe Lindqvist", "Maeve Byrne", "Idris Cole", "Hanna Weber")
CODES = {PAID: 40, FULL: 4}
USED = 4  # codes, of the paid course
STOCK_UP = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + (
    "from tests.browser.stock import stock_up; stock_up()"
)


class Stock:
    """Learners with an account and nothing else, available codes by course, and used ones."""

    def __init__(self, codes: dict[str, list[str]]) -> None:
        self._learners = iter(LEARNERS[USED:])
        self._used = iter([codes[PAID].pop() for _ in range(USED)])
        self._codes: dict[str, Iterator[str]] = {key: iter(row) for key, row in codes.items()}

    def take_learner(self) -> str:
        """A user name."""
        return next(self._learners)

    def take_code(self, course: str = PAID) -> str:
        return next(self._codes[course])

    def take_used_code(self) -> str:
        """A code that somebody else is enrolled with."""
        return next(self._used)


def make_stock(demo: Demo) -> Stock:
    printed = demo.manage("shell", "--no-imports", "-c", STOCK_UP)
    return Stock(json.loads(printed.splitlines()[-1]))


def stock_up() -> None:
    from django.contrib.auth.hashers import make_password

    from tests import factories
    from token_payments.models import CatalogueItem

    for number, username in enumerate(LEARNERS):
        factories.make_user(username, name=NAMES[number % len(NAMES)], password=None)
    users: Any = type(factories.find_user("buyer")).objects
    users.filter(username__in=LEARNERS).update(password=make_password(PASSWORD))
    codes = {}
    for course, quantity in CODES.items():
        order = factories.make_processed_order(
            CatalogueItem.objects.get(item_key=course),
            buyer=factories.find_user("buyer"),
            quantity=quantity,
        )
        codes[course] = factories.list_codes(order)
    paid = CatalogueItem.objects.get(item_key=PAID)
    for username, code in zip(LEARNERS, codes[PAID][-USED:], strict=False):
        factories.redeem(factories.find_user(username), paid, code)
    print(json.dumps(codes))
