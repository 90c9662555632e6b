"""Two years of anything that may happen, in any order: the books are right at every step."""

from __future__ import annotations

from django.db.models import Sum
from django.test import TestCase
from edx_django_utils.cache import RequestCache
from hypothesis import given, settings
from hypothesis import strategies as st

from common.djangoapps.student.models import CourseEnrollment
from tests.conftest import LIFE_PROFILE
from tests.life.codes import CodeRules
from tests.life.learners import LearnerRules
from tests.life.moves import MoveRules
from tests.life.rules import list_rules, take_step
from tests.life.site import SiteRules
from tests.life.tokens import TokenRules
from tests.life.world import COURSES, END, WALLETS, World
from token_payments.doctor import Severity, examine
from token_payments.models import (
    CodeAssignment,
    EntryKind,
    LedgerEntry,
    Redemption,
    TokenCode,
    TokenIssue,
    TokenOrder,
)
from token_payments.orders import queries as order_queries
from token_payments.wallets import queries as wallet_queries

MUST_HAPPEN = (
    *("issue", "order_tokens", "adjust", "extend", "cancel_tokens", "sweep"),
    *("order_codes", "assign", "revoke", "reassign", "cancel_codes", "cancel_order", "helper"),
    *("wish", "grant", "redeem", "spend", "come_back", "reverse", "swept", "given_back"),
    *("leave_learner", "leave_staff", "leave_unseen", "keep_for_last"),
    *("transfer", "transfer_issue"),
)


class Life(TokenRules, MoveRules, CodeRules, LearnerRules, SiteRules):
    """All rules; a class of new ones is named here."""

    def begin(self, data: st.DataObject) -> None:
        for wallet in range(len(WALLETS)):
            self.issue(data, wallet, 5, 9 + wallet)
            self.issue(data, wallet, 9, None)
        for course in range(len(COURSES)):
            self.order_codes(data, course, 4, 200 * course or None)

    def assert_agrees(self) -> None:
        RequestCache.clear_all_namespaces()  # each step is a request of its own
        stored = TokenIssue.objects.values_list("pk", "remaining", "expires_at", "use_last")
        known = {(lot.pk, lot.remaining, lot.ends, lot.use_last) for lot in self.lots}
        assert set(stored) == known
        codes = dict(TokenCode.objects.values_list("pk", "status"))
        assert codes == {code.pk: code.status for order in self.orders for code in order.codes}
        live = dict(Redemption.objects.filter(live=True).values_list("pk", "left_at"))
        assert live == {one.pk: one.left for one in self.payments if not one.is_reversed}

    def end_well(self, data: st.DataObject) -> None:
        """At the end of the second year, with what is swept late swept."""
        self.now = max(self.now, END)
        self.sweep(data, 2)
        self.sweep_departures(data, 2)
        self.assert_agrees()
        self.assert_people_agree()
        self.assert_sums_agree()
        errors = [one for one in examine(now=self.now) if one.severity is Severity.ERROR]
        assert not errors, errors

    def assert_people_agree(self) -> None:
        active = CourseEnrollment.objects.filter(is_active=True)
        enrolled = {(row.user_id, str(row.course_id)) for row in active}
        assert enrolled == {(self.learners[who].pk, COURSES[what]) for who, what in self.enrolled}
        codes = [code for order in self.orders for code in order.codes]
        held = CodeAssignment.objects.filter(live=True, code__status="available")
        held_by = {code.pk: code.holder for code in codes if code.status == "available"}
        assert dict(held.values_list("code", "email")) == {
            code: holder for code, holder in held_by.items() if holder
        }

    def assert_sums_agree(self) -> None:
        for number, wallet in enumerate(self.wallets):
            lots = [lot for lot in self.lots if lot.wallet == number]
            balance = wallet_queries.get_balance(wallet, self.now)
            assert balance.available == self.expect_usable(number)
            assert balance.spent == sum(lot.spent for lot in lots)
            assert balance.expired == sum(lot.swept for lot in lots)
        total = LedgerEntry.objects.aggregate(total=Sum("amount", default=0))["total"]
        assert total == sum(lot.remaining for lot in self.lots)
        used = LedgerEntry.objects.filter(kind__in=(EntryKind.DEBIT, EntryKind.REVERSAL))
        drawn = sum(sum(one.drawn.values()) for one in self.payments if not one.is_reversed)
        assert used.aggregate(total=Sum("amount", default=0))["total"] == -drawn
        for order in self.orders:
            counts = order_queries.count_order(TokenOrder.objects.get(pk=order.pk), now=self.now)
            if order.lot is None:
                redeemed = sum(code.status == "redeemed" for code in order.codes)
                assert counts.redeemed == redeemed
            else:
                assert counts.redeemed == order.lot.spent


RULES = list_rules(Life)
#: Always the same lives; ``make test-life`` lives others, and many (``tests/conftest.py``).
FIXED = settings(settings.get_profile(LIFE_PROFILE), max_examples=16, derandomize=True)
STEPS = 100


def is_long() -> bool:
    return settings.get_current_profile_name() == LIFE_PROFILE


@given(data=st.data())
def live(data: st.DataObject) -> None:
    life = Life()
    try:
        life.begin(data)
        for _ in range(STEPS):
            take_step(life, RULES, data)
            life.assert_agrees()
        life.end_well(data)
    finally:
        life.end()


class TwoYears(TestCase):
    def test_the_books_are_right_whatever_happens(self) -> None:
        (live if is_long() else FIXED(live))()
        missing = [name for name in MUST_HAPPEN if not World.done[name]]
        assert not missing, f"never happened: {missing}"
