"""What happens to orders of codes: they are bought, given, taken back and cancelled."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from tests import factories
from tests.life.model import Code, Order, find_midnight
from tests.life.rules import precondition, rule
from tests.life.world import COURSES, FEW, LEARNERS, SOME_DAYS, World
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.models import CatalogueItem, CodeAssignment
from token_payments.orders import operations as order_operations

LEARNER = st.sampled_from(range(LEARNERS))
COURSE = st.sampled_from(range(len(COURSES)))


class CodeRules(World):
    def list_code_orders(self) -> list[Order]:
        return [order for order in self.orders if order.course is not None]

    def list_givable(self) -> list[Order]:
        """Orders with codes that are of use, and nobody's."""
        orders = [order for order in self.list_code_orders() if not order.is_late(self.now)]
        return [order for order in orders if order.count_free(self.now)]

    def list_given(self) -> list[tuple[Order, Code]]:
        orders = self.list_code_orders()
        return [(order, code) for order in orders for code in order.codes if code.holder]

    @rule(course=COURSE, quantity=FEW, days=st.none() | SOME_DAYS)
    def order_codes(
        self, data: st.DataObject, course: int, quantity: int, days: int | None
    ) -> None:
        ends = None if days is None else find_midnight(self.now, days)
        item = CatalogueItem.objects.get(item_key=COURSES[course])
        how = {"buyer": self.buyer, "quantity": quantity, "now": self.now, "redeem_by": ends}
        made = factories.make_order(item, **how)
        for _ in range(2):
            order_operations.start_processing(made.pk, **self.by())
        order_operations.generate(made.pk, clock=lambda: self.now)
        order = Order(made.pk, course, ends)
        self.add_new_codes(order)
        assert len(order.codes) == quantity
        self.orders.append(order)
        self.done["order_codes"] += 1

    @precondition(lambda self: self.list_code_orders())
    @rule(weight=2, learner=LEARNER, is_open=st.booleans())
    def assign(self, data: st.DataObject, learner: int, is_open: bool) -> None:
        order = self.prefer(data, self.list_givable(), self.list_code_orders())
        free = [code for code in order.codes if code.is_free]
        may = bool(free) and not order.is_cancelled and not order.is_late(self.now)
        recipients = [assignment_operations.Recipient(self.learners[learner].email)]
        how = self.keyed(is_open=is_open)
        if self.attempt(
            "assign", may, lambda: assignment_operations.assign_codes(order.pk, recipients, **how)
        ):
            free[0].holder, free[0].is_open = self.learners[learner].email, is_open

    @precondition(lambda self: self.list_given())
    @rule(weight=2, learner=st.none() | LEARNER)
    def take_away(self, data: st.DataObject, learner: int | None) -> None:
        """From whoever holds the code; for somebody else where there is a ``learner``."""
        given = self.list_given()
        unused = [pair for pair in given if pair[1].status == "available"]
        order, code = self.prefer(data, unused, given)
        assignment = CodeAssignment.objects.get(code=code.pk, live=True).pk
        may = code.status == "available"
        if learner is None:
            taken = self.attempt(
                "revoke", may, lambda: assignment_operations.revoke(assignment, **self.by())
            )
        else:
            may = may and not order.is_late(self.now)
            instead, how = (
                assignment_operations.Recipient(self.learners[learner].email),
                self.keyed(),
            )
            taken = self.attempt(
                "reassign", may, lambda: assignment_operations.reassign(assignment, instead, **how)
            )
        if taken is None:
            return
        code.status, code.holder = "replaced", ""
        self.add_new_codes(order)
        if learner is not None:
            order.codes[-1].holder = self.learners[learner].email

    @precondition(lambda self: self.list_code_orders())
    @rule(quantity=FEW, refund=st.integers(0, 100))
    def cancel_codes(self, data: st.DataObject, quantity: int, refund: int) -> None:
        orders = self.list_code_orders()
        good = [order for order in orders if order.count_free(self.now) >= quantity]
        order = self.prefer(data, good, orders)
        may = not order.is_cancelled and order.count_free(self.now) >= quantity
        how = self.keyed(quantity=quantity, refund_amount=Decimal(refund * quantity))
        if self.attempt(
            "cancel_codes", may, lambda: assignment_operations.cancel_unused(order.pk, **how)
        ):
            self.cancel_last(order, quantity)

    def cancel_last(self, order: Order, quantity: int) -> None:
        if order.lot is not None:
            order.lot.remaining -= quantity
            return
        for code in [code for code in order.codes if code.is_free][-quantity:]:
            code.status = "cancelled"

    @precondition(lambda self: self.orders)
    @rule(quantity=FEW)
    def wish_to_cancel(self, data: st.DataObject, quantity: int) -> None:
        good = [order for order in self.orders if order.count_free(self.now) >= quantity]
        order = self.prefer(data, good, self.orders)
        is_possible = not order.is_cancelled and order.wish is None
        may = is_possible and order.count_free(self.now) >= quantity
        how = self.keyed(quantity=quantity, reason="")
        wish = self.attempt(
            "wish", may, lambda: assignment_operations.request_cancellation(order.pk, **how)
        )
        if wish is not None:
            order.wish = (wish.pk, quantity)

    @precondition(lambda self: any(order.wish for order in self.orders))
    @rule(answer=st.sampled_from(["grant", "decline", "withdraw"]))
    def answer_wish(self, data: st.DataObject, answer: str) -> None:
        order = self.pick(data, [order for order in self.orders if order.wish])
        assert order.wish is not None
        wish, quantity = order.wish
        if answer == "withdraw":
            order_operations.withdraw_cancellation(wish, **self.by(self.staff))
        elif answer == "decline":
            order_operations.decline_cancellation(wish, answer="no", **self.by())
        else:
            may = order.count_free(self.now) >= quantity
            how = self.by(refund_amount=Decimal(0))
            if not self.attempt(
                "grant", may, lambda: assignment_operations.grant_cancellation(wish, **how)
            ):
                return
            self.cancel_last(order, quantity)
        order.wish = None

    @precondition(lambda self: self.orders)
    @rule(rarely=st.integers(0, 3))
    def cancel_order(self, data: st.DataObject, rarely: int) -> None:
        if rarely:
            return
        order = self.pick(data, self.orders)
        for _ in range(2):
            order_operations.cancel_order(order.pk, **self.by())
        self.done["cancel_order"] += not order.is_cancelled
        if order.lot is not None and not order.is_cancelled:
            order.lot.remaining -= order.lot.unspent(self.now)
        for code in order.codes:
            code.status = "cancelled" if code.status == "available" else code.status
        order.is_cancelled, order.wish = True, None

    @precondition(lambda self: self.list_code_orders())
    @rule()
    def name_helper(self, data: st.DataObject) -> None:
        order = factories.TokenOrder.objects.get(pk=self.pick(data, self.list_code_orders()).pk)
        assignment_operations.add_delegate(order, self.helper, **self.by(self.buyer))
        assert assignment_queries.find_access(self.helper, order.pk) is not None
        if data.draw(st.booleans()):
            assignment_operations.remove_delegate(order, self.helper, **self.by(self.buyer))
            assert assignment_queries.find_access(self.helper, order.pk) is None
        self.done["helper"] += 1
