"""The real thing and the model side by side: people, courses, wallets, and the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from django.db import transaction
from edx_django_utils.cache import TieredCache
from hypothesis import strategies as st

from tests import factories
from tests.life.model import Code, Lot, Order, Payment, Rule, find_midnight
from token_payments.errors import TokenPaymentsError
from token_payments.models import TokenCode, TokenIssue

T = TypeVar("T")
START = datetime(2026, 10, 20, 12, tzinfo=UTC)  # London's clocks go back five days later
END = START + timedelta(days=730)
DAY = timedelta(days=1)
COURSES = tuple(f"course-v1:Life+L{number}+2026" for number in range(3))
STARTS = (START - 30 * DAY, START + 90 * DAY, START + 400 * DAY)
LEARNERS = 4
#: Tokens that a seat of each course costs, by the number of the type.
PRICES: Sequence[dict[int, int]] = ({0: 2}, {0: 3, 1: 1}, {1: 2})
#: Account and type of each wallet.
WALLETS = ((0, 0), (0, 1), (1, 0))
RARELY = st.sampled_from([False, False, False, True])
FEW, SOME_DAYS = st.integers(1, 6), st.integers(0, 120)


class World:
    """One life, rolled back at its end. Numbers name people, courses, types and wallets."""

    done: Counter[str] = Counter()  # what went well, over all lives

    def __init__(self) -> None:
        self.life = transaction.atomic()
        self.life.__enter__()
        TieredCache.dangerous_clear_all_tiers()
        self.now = START
        self.lots: list[Lot] = []
        self.orders: list[Order] = []
        self.payments: list[Payment] = []
        self.enrolled: set[tuple[int, int]] = set()
        self.rules = [Rule() for _ in COURSES]
        self.frozen: set[int] = set()
        self.archived: set[int] = set()
        self.grace, self.code_reversal = 0, "same_learner"
        self._people()
        self._goods()
        self.members = {(0, number) for number in range(LEARNERS - 1)} | {(1, 0), (1, 3)}

    def _people(self) -> None:
        self.buyer, self.helper = (factories.make_user(name) for name in ("buyer", "helper"))
        self.staff = factories.make_user("olive", is_superuser=True)
        self.learners = [factories.make_user(f"learner{number}") for number in range(LEARNERS)]
        self.accounts = [
            factories.make_account("Acme", members=self.learners[:3], managers=[self.buyer]),
            factories.make_account("Beta", members=[self.learners[0], self.learners[3]]),
        ]

    def _goods(self) -> None:
        factories.allow_paid()
        self.types = [factories.make_type("Gold"), factories.make_type("Silver", days=200)]
        for course, starts, prices in zip(COURSES, STARTS, PRICES, strict=True):
            factories.make_course(course, modes={"verified": 149}, start=starts)
            factories.make_item(
                course,
                methods=["token_code", "wallet"],
                token_prices={self.types[number]: price for number, price in prices.items()},
            )
        self.wallets = [
            factories.find_wallet(self.accounts[account], self.types[kind])
            for account, kind in WALLETS
        ]

    def end(self) -> None:
        transaction.set_rollback(True)
        self.life.__exit__(None, None, None)

    # --- helpers of the rules -------------------------------------------------------------------
    def by(self, user: Any = None, **other: Any) -> dict[str, Any]:
        return {"actor": user or self.staff, "now": self.now, **other}

    def keyed(self, **other: Any) -> dict[str, Any]:
        return self.by(idempotency_key=uuid4().hex, **other)

    def pick(self, data: st.DataObject, among: Sequence[T]) -> T:
        return among[data.draw(st.integers(0, len(among) - 1))]

    def prefer(self, data: st.DataObject, good: Sequence[T], among: Sequence[T]) -> T:
        """Mostly one of the good ones, if there are any: what is refused is soon tried enough."""
        return self.pick(data, among if data.draw(RARELY) else good or among)

    def attempt(self, name: str, may: bool, operate: Callable[[], T]) -> T | None:
        """What the operation returns, if the model says that it ``may``; else it has to refuse."""
        if not may:
            with pytest.raises(TokenPaymentsError):
                operate()
            return None
        result = operate()
        self.done[name] += 1
        return result

    def add_lot(self, issue: TokenIssue, wallet: int, quantity: int, ends: datetime | None) -> Lot:
        lot = Lot(issue.pk, wallet, quantity, self.now, ends)
        self.lots.append(lot)
        return lot

    def is_live(self, learner: int, course: int) -> bool:
        return any(
            (one.learner, one.course) == (learner, course) and not one.is_reversed
            for one in self.payments
        )

    def is_paid_or_in(self, learner: int, course: int) -> bool:
        return (learner, course) in self.enrolled or self.is_live(learner, course)

    def add_new_codes(self, order: Order) -> None:
        """Those that the order has got beside the known ones, by serial."""
        known = [code.pk for code in order.codes]
        found = TokenCode.objects.filter(order=order.pk).exclude(pk__in=known).order_by("serial")
        order.codes += [Code(pk) for pk in found.values_list("pk", flat=True)]

    # --- what giving back does, for whoever does it ---------------------------------------------
    def undo(self, payment: Payment) -> None:
        payment.is_reversed = True
        if payment.order is not None:
            self._undo_code(payment, payment.order)
        for lot, tokens in sorted(payment.drawn.items(), key=lambda item: item[0].pk):
            lot.spent -= tokens
            if not lot.is_over(self.now):
                lot.remaining += tokens
                continue
            lot.swept += tokens
            if self.grace:
                self._add_grace(payment, lot, tokens)

    def _undo_code(self, payment: Payment, order: Order) -> None:
        code, learner = payment.code, self.learners[payment.learner]
        assert code is not None
        if order.is_cancelled:
            code.status, code.holder = "cancelled", ""
        elif self.code_reversal == "same_learner":
            code.status, code.holder, code.is_open = "available", learner.email, False
        else:
            code.status, code.holder = "replaced", ""
            self.add_new_codes(order)

    def _add_grace(self, payment: Payment, lot: Lot, tokens: int) -> None:
        issue = TokenIssue.objects.get(idempotency_key=f"refund:{payment.pk}:{lot.pk}")
        self.add_lot(issue, lot.wallet, tokens, find_midnight(self.now, self.grace))

    def judge(self, payment: Payment, *, by_staff: bool) -> None:
        """What the rule does, when somebody looks at an enrolment that has ended or not."""
        if payment.is_reversed:
            return
        if (payment.learner, payment.course) in self.enrolled:
            payment.left = None
            return
        payment.left = payment.left or self.now
        rule, starts = self.rules[payment.course], STARTS[payment.course]
        if rule.gives_back(payment.left, payment.paid, starts, by_staff=by_staff):
            self.undo(payment)

    def expect_usable(self, wallet: int) -> int:
        return sum(lot.unspent(self.now) for lot in self.lots if lot.wallet == wallet)
