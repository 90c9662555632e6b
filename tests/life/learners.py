"""What learners do, and what is done for them: paying, leaving, coming back, reversals."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.life.codes import LEARNER
from tests.life.model import Code, Lot, Order, Payment, plan
from tests.life.rules import precondition, rule
from tests.life.world import COURSES, LEARNERS, PRICES, RARELY, WALLETS, World
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.models import TokenCode


class LearnerRules(World):
    @precondition(lambda self: any(order.codes for order in self.orders))
    @rule(weight=3, learner=LEARNER)
    def redeem(self, data: st.DataObject, learner: int) -> None:
        pairs = [(order, code) for order in self.orders for code in order.codes]
        good = [pair for pair in pairs if self.may_redeem(*pair, learner)]
        order, code = self.prefer(data, good, pairs)
        assert order.course is not None
        course = 0 if data.draw(RARELY) else order.course
        reference = checkout_queries.refer_to_code(TokenCode.objects.get(pk=code.pk))
        may = course == order.course and self.may_redeem(order, code, learner)
        paid = self.pay("redeem", may, learner, course, "token_code", reference)
        if paid is not None:
            paid.order, paid.code, code.status = order, code, "redeemed"

    def may_redeem(self, order: Order, code: Code, learner: int) -> bool:
        assert order.course is not None
        is_theirs = not code.holder or code.is_open
        is_theirs = is_theirs or code.holder == self.learners[learner].email
        is_good = code.status == "available" and not order.is_cancelled
        is_new = not self.is_paid_or_in(learner, order.course)
        return is_theirs and is_good and is_new and not order.is_late(self.now)

    @rule(weight=3, by_manager=st.booleans())
    def spend(self, data: st.DataObject, by_manager: bool) -> None:
        every = list(product(range(LEARNERS), range(len(COURSES)), range(len(WALLETS))))
        good = [one for one in every if self.may_spend(*one, by_manager)]
        learner, course, wallet = self.prefer(data, good, every)
        may = self.may_spend(learner, course, wallet, by_manager)
        drawn = self.plan(course, wallet)
        reference = {"wallet": str(self.wallets[wallet].pk)}
        actor = {"actor": self.buyer} if by_manager else {}
        paid = self.pay("spend", may, learner, course, "wallet", reference, **actor)
        if paid is not None:
            assert drawn is not None
            paid.drawn = drawn
            for lot, tokens in drawn.items():
                lot.remaining, lot.spent = lot.remaining - tokens, lot.spent + tokens

    def plan(self, course: int, wallet: int) -> dict[Lot, int] | None:
        price = PRICES[course].get(WALLETS[wallet][1])
        return plan(self.lots, wallet, price, self.now) if price else None

    def may_spend(self, learner: int, course: int, wallet: int, by_manager: bool) -> bool:
        account = WALLETS[wallet][0]
        is_allowed = (account, learner) in self.members and account not in self.frozen
        is_allowed = is_allowed and not (by_manager and account)  # the buyer manages the first one
        has_tokens = self.plan(course, wallet) is not None
        return is_allowed and has_tokens and not self.is_paid_or_in(learner, course)

    def pay(
        self, name: str, may: bool, learner: int, course: int, method: str, ref: Any, **by: Any
    ) -> Payment | None:
        """Sent twice, as impatient people do."""
        request = {
            "learner": self.learners[learner],
            "item_key": COURSES[course],
            "method": method,
            "reference": ref,
            "idempotency_key": uuid4().hex,
            "now": self.now,
            **by,
        }
        redemption = self.attempt(name, may, lambda: checkout_operations.redeem(**request))
        if redemption is None:
            return None
        assert checkout_operations.redeem(**request) == redemption
        self.enrolled.add((learner, course))
        self.payments.append(Payment(redemption.pk, learner, course, self.now))
        return self.payments[-1]

    @precondition(lambda self: self.enrolled)
    @rule(weight=2, how=st.sampled_from(["learner", "staff", "unseen"]))
    def leave(self, data: st.DataObject, how: str) -> None:
        """``unseen``: past every event, so that the sweep has to find it."""
        learner, course = self.pick(data, sorted(self.enrolled))
        user, key = self.learners[learner], factories.key(COURSES[course])
        self.enrolled.remove((learner, course))
        self.done[f"leave_{how}"] += 1
        if how == "unseen":
            CourseEnrollment.objects.filter(user=user, course_id=key).update(is_active=False)
            return
        CourseEnrollment.unenroll(user, key)
        found = checkout_queries.find_ended_payment(learner_id=user.pk, item_key=COURSES[course])
        live = [one for one in self.payments if (one.learner, one.course) == (learner, course)]
        live = [one for one in live if not one.is_reversed]
        assert [one.pk for one in live] == ([found.pk] if found else [])
        if found is not None:
            actor = self.staff if how == "staff" else user
            for _ in range(2):
                checkout_operations.handle_unenrolment(found.pk, left_at=self.now, **self.by(actor))
            self.judge(live[0], by_staff=how == "staff")
            self.done["given_back"] += live[0].is_reversed

    @precondition(lambda self: self.payments)
    @rule(weight=2)
    def come_back(self, data: st.DataObject) -> None:
        away = [one for one in self.payments if one.left and not one.is_reversed]
        payment = self.prefer(data, away, self.payments)
        learner, course = payment.learner, payment.course
        may = self.is_live(learner, course) and (learner, course) not in self.enrolled
        who = {"learner": self.learners[learner], "item_key": COURSES[course]}
        if self.attempt("come_back", may, lambda: checkout_operations.enrol_again(**who)):
            self.enrolled.add((learner, course))
            for one in self.payments:
                if (one.learner, one.course) == (learner, course) and not one.is_reversed:
                    one.left = None

    @precondition(lambda self: self.payments)
    @rule(weight=2, unenrol=st.booleans())
    def reverse(self, data: st.DataObject, unenrol: bool) -> None:
        good = [one for one in self.payments if not one.is_reversed]
        payment = self.prefer(data, good, self.payments)
        for _ in range(2):
            checkout_operations.reverse(payment.pk, reason="ill", unenrol=unenrol, **self.by())
        if not payment.is_reversed:
            self.undo(payment)
            self.done["reverse"] += 1
        if unenrol:
            self.enrolled.discard((payment.learner, payment.course))

    @precondition(lambda self: self.enrolled)
    @rule(weight=1, hours=st.integers(0, 40))
    def leave_and_be_found(self, data: st.DataObject, hours: int) -> None:
        self.leave(data, "unseen")
        self.now += timedelta(hours=hours)
        self.sweep_departures(data, 2)

    @rule(times=st.integers(1, 2))
    def sweep_departures(self, data: st.DataObject, times: int) -> None:
        before = sum(one.is_reversed for one in self.payments)
        swept = [checkout_operations.sweep_departures(now=self.now) for _ in range(times)]
        assert not any(one.failed for one in swept)
        for payment in self.payments:
            is_in = (payment.learner, payment.course) in self.enrolled
            if is_in == (payment.left is not None):
                self.judge(payment, by_staff=False)
        given_back = sum(one.is_reversed for one in self.payments) - before
        assert sum(one.given_back for one in swept) == given_back
        self.done["swept"] += bool(given_back)
