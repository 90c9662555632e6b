"""Cancelling what is unused and nobody's: by admins, by buyers, and as a wish of theirs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import ddt
import pytest
from django.conf import settings
from django.test import TestCase, override_settings

from tests import factories
from token_payments.assignments import operations as assignment_operations
from token_payments.assignments import queries as assignment_queries
from token_payments.assignments.cancelling import Cancellable
from token_payments.doctor import examine
from token_payments.errors import (
    CancellingNotAllowed,
    IdempotencyConflict,
    InvalidTransition,
    NotEnoughUnused,
    RefundTooHigh,
)
from token_payments.models import CancellationRequest, CodeAssignment
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries

COURSE = "course-v1:Acme+Fire+2026"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAY_CANCEL = {**settings.TOKEN_PAYMENTS, "BUYERS_MAY_CANCEL": True}


def set_up_case(case: TestCase) -> None:
    case.item = factories.make_shop(COURSE)
    case.buyer = factories.make_user("buyer")
    case.admin = factories.make_user("course_admin")
    case.order = factories.make_processed_order(case.item, buyer=case.buyer, quantity=5)


def assign(order, *names, key=None):
    """Give the order's first unassigned codes to these people."""
    return assignment_operations.assign_codes(
        order.pk,
        [assignment_operations.Recipient(f"{name}@example.com") for name in names],
        actor=order.buyer,
        idempotency_key=key or uuid.uuid4().hex,
        now=NOW,
    )


@ddt.ddt
class CancelUnusedTests(TestCase):
    def setUp(self):
        set_up_case(self)

    def cancel(self, quantity, *, key=None, order=None):
        return assignment_operations.cancel_unused(
            (order or self.order).pk,
            quantity=quantity,
            refund_amount=Decimal(0),
            actor=self.admin,
            idempotency_key=key or uuid.uuid4().hex,
            now=NOW,
        )

    def statuses(self):
        return list(self.order.codes.order_by("serial").values_list("status", flat=True))

    def test_codes_that_somebody_was_given_stay_wherever_they_stand(self):
        first = assign(self.order, "a", "b").assignments.order_by("code__serial").first()
        by = {"actor": self.buyer, "idempotency_key": "moved", "now": NOW}
        assignment_operations.reassign(
            first.pk, assignment_operations.Recipient("c@example.com"), **by
        )  # its code is the last one
        self.cancel(2)
        assert self.statuses() == [
            "replaced",
            "available",
            "available",
            "cancelled",
            "cancelled",
            "available",
        ]
        given = CodeAssignment.objects.filter(live=True)
        assert set(given.values_list("code__status", flat=True)) == {"available"}

    @ddt.data(3, 5, 6, 10**12)
    def test_more_than_are_nobodys_is_refused_with_both_numbers(self, quantity):
        assign(self.order, "a", "b", "c")
        with pytest.raises(NotEnoughUnused) as caught:
            self.cancel(quantity)
        assert (caught.value.available, caught.value.assigned) == (2, 3)
        assert self.statuses() == ["available"] * 5
        assert not self.order.cancellations.exists()

    def test_what_was_taken_back_can_be_cancelled(self):
        batch = assign(self.order, *"abcde")
        with pytest.raises(NotEnoughUnused):
            self.cancel(1)
        assignment_operations.revoke(batch.assignments.first().pk, actor=self.buyer, now=NOW)
        assert self.cancel(1).quantity == 1

    def test_the_same_key_answers_though_all_were_given_away_meanwhile(self):
        done = self.cancel(2, key="once")
        assign(self.order, *"abc")
        assert self.cancel(2, key="once") == done

    def test_a_redeemed_code_that_was_assigned_is_not_counted_twice(self):
        codes = factories.list_codes(self.order)
        assign(self.order, "ann", "ben")
        factories.redeem(factories.make_user("ann"), self.item, codes[0])
        left = assignment_queries.count_cancellable(self.order, now=NOW)
        assert left == Cancellable(free=3, assigned=1)
        self.cancel(3)
        assert assignment_queries.count_cancellable(self.order, now=NOW) == Cancellable(
            free=0, assigned=1
        )

    def test_cancelling_the_whole_order_takes_the_assigned_ones_too(self):
        assign(self.order, "a", "b")
        order_operations.cancel_order(self.order.pk, actor=self.admin, now=NOW)
        assert self.statuses() == ["cancelled"] * 5
        ann = factories.make_user("a")
        assert not assignment_queries.list_own_codes(ann, now=NOW).usable
        assert len(assignment_queries.list_own_codes(ann, now=NOW).past) == 1
        assert not list(examine(now=NOW))

    def test_wallet_tokens_are_nobodys_until_they_are_spent(self):
        account = factories.make_account(managers=[self.buyer])
        order = factories.make_wallet_order(account, factories.make_type(), buyer=self.buyer)
        order = order_operations.start_processing(order.pk, actor=self.admin, now=NOW)
        assert assignment_queries.count_cancellable(order, now=NOW) == Cancellable(free=10)
        self.cancel(4, order=order)
        assert assignment_queries.count_cancellable(order, now=NOW) == Cancellable(free=6)


@ddt.ddt
class ChosenTests(TestCase):
    """Codes that are chosen by their numbers."""

    def setUp(self):
        set_up_case(self)

    def cancel(self, serials, *, quantity=None, key=None):
        chosen = order_queries.Serials.read(serials)
        return assignment_operations.cancel_unused(
            self.order.pk,
            quantity=quantity or chosen.count(),
            serials=chosen,
            refund_amount=Decimal(0),
            actor=self.admin,
            idempotency_key=key or uuid.uuid4().hex,
            now=NOW,
        )

    def ask(self, serials, *, key=None):
        chosen = order_queries.Serials.read(serials)
        return assignment_operations.request_cancellation(
            self.order.pk,
            quantity=chosen.count(),
            serials=chosen,
            reason="",
            actor=self.buyer,
            idempotency_key=key or uuid.uuid4().hex,
            now=NOW,
        )

    def list_cancelled(self):
        rows = self.order.codes.filter(status="cancelled").order_by("serial")
        return list(rows.values_list("serial", flat=True))

    def test_these_very_codes_die_and_the_cancellation_names_them(self):
        done = self.cancel("4, 1-2")
        assert self.list_cancelled() == [1, 2, 4]
        assert (done.quantity, done.serials) == (3, "1-2, 4")
        assert not list(examine(now=NOW))

    @ddt.data(("2-4", 1, 1), ("1, 3-4", 1, 1), ("4-9", 3, 0), ("8", 0, 0), ("3", 0, 1))
    @ddt.unpack
    def test_one_that_is_not_free_keeps_them_all(self, serials, free, assigned):
        factories.redeem(factories.make_user("lee"), self.item, factories.list_codes(self.order)[0])
        assign(self.order, "b")
        assign(self.order, "c")
        assignment_operations.revoke(
            CodeAssignment.objects.get(email="b@example.com").pk, actor=self.buyer, now=NOW
        )
        # 1 is redeemed, 2 replaced by 6, 3 assigned
        for act in (self.cancel, self.ask):
            with pytest.raises(NotEnoughUnused) as caught:
                act(serials)
            error = caught.value
            assert (error.available, error.assigned, error.chosen) == (free, assigned, True)
        assert self.list_cancelled() == []
        assert not self.order.cancellations.exists()
        self.cancel("4-6")  # the replacement, too
        assert self.list_cancelled() == [4, 5, 6]

    def test_the_same_key_means_the_same_codes(self):
        done = self.cancel("1-2", key="once")
        assert self.cancel("2, 1", key="once") == done
        for other in ("2-3", "1"):
            with pytest.raises(IdempotencyConflict):
                self.cancel(other, key="once")
        with pytest.raises(IdempotencyConflict):
            assignment_operations.cancel_unused(
                self.order.pk,
                quantity=2,
                refund_amount=Decimal(0),
                actor=self.admin,
                idempotency_key="once",
                now=NOW,
            )
        assert self.list_cancelled() == [1, 2]

    def test_another_number_than_was_chosen_makes_no_sense(self):
        with pytest.raises(ValueError, match="3 codes"):
            self.cancel("1-2", quantity=3)
        assert self.list_cancelled() == []

    def test_a_granted_wish_cancels_the_codes_that_it_names(self):
        wish = self.ask("2, 4", key="wish")
        assert self.ask("4, 2", key="wish") == wish
        with pytest.raises(IdempotencyConflict):
            self.ask("2, 5", key="wish")
        by = {"actor": self.admin, "now": NOW}
        done = assignment_operations.grant_cancellation(wish.pk, refund_amount=Decimal(0), **by)
        assert (self.list_cancelled(), done.serials) == ([2, 4], "2, 4")

    def test_a_wish_whose_code_was_given_meanwhile_is_not_granted_in_part(self):
        wish = self.ask("1-2")
        assign(self.order, "ann")
        with pytest.raises(NotEnoughUnused) as caught:
            assignment_operations.grant_cancellation(
                wish.pk, refund_amount=Decimal(0), actor=self.admin, now=NOW
            )
        assert (caught.value.available, caught.value.assigned) == (1, 1)
        assert self.list_cancelled() == []
        assert order_queries.find_open_request(self.order) == wish

    @override_settings(TOKEN_PAYMENTS=MAY_CANCEL)
    def test_owners_choose_theirs(self):
        done = assignment_operations.cancel_own(
            self.order.pk,
            quantity=1,
            serials=order_queries.Serials.read("3"),
            reason="lost",
            actor=self.buyer,
            idempotency_key="own",
            now=NOW,
        )
        assert (self.list_cancelled(), done.refund_amount) == ([3], 149)


class CancelOwnTests(TestCase):
    def setUp(self):
        set_up_case(self)

    def cancel(self, quantity=2, *, key="own", now=NOW, order=None):
        return assignment_operations.cancel_own(
            (order or self.order).pk,
            quantity=quantity,
            reason="people left",
            actor=self.buyer,
            idempotency_key=key,
            now=now,
        )

    def test_only_where_the_site_lets_buyers(self):
        with pytest.raises(CancellingNotAllowed):
            self.cancel()
        assert order_queries.count_codes(self.order).cancelled == 0

    @override_settings(TOKEN_PAYMENTS=MAY_CANCEL)
    def test_what_they_cost_is_recorded_as_refund_once(self):
        done = self.cancel()
        assert self.cancel() == done
        assert (done.quantity, done.refund_amount, done.currency) == (2, 298, "GBP")
        assert (done.actor, done.reason) == (self.buyer, "people left")
        assert order_queries.count_codes(self.order).cancelled == 2
        with pytest.raises(IdempotencyConflict):
            self.cancel(1)

    @override_settings(TOKEN_PAYMENTS=MAY_CANCEL)
    def test_the_tax_is_refunded_with_the_price(self):
        order = factories.make_processed_order(
            self.item, buyer=self.buyer, quantity=3, tax_rate=Decimal("7.7")
        )
        assert self.cancel(1, order=order).refund_amount == Decimal("160.47")
        assert self.cancel(2, key="rest", order=order).refund_amount == Decimal("320.95")
        assert order_queries.sum_refunds(order) == order.total

    @override_settings(TOKEN_PAYMENTS=MAY_CANCEL)
    def test_after_the_last_day_others_decide_what_is_refunded(self):
        day = datetime.now(UTC) + timedelta(days=5)
        order = factories.make_processed_order(self.item, buyer=self.buyer, redeem_by=day)
        assert assignment_queries.may_cancel_own(order, now=day - timedelta(seconds=1))
        self.cancel(1, key="early", order=order, now=day - timedelta(seconds=1))
        assert not assignment_queries.may_cancel_own(order, now=day)
        with pytest.raises(CancellingNotAllowed):
            self.cancel(1, key="late", order=order, now=day)
        assert self.cancel(1, key="early", order=order, now=day).quantity == 1
        asked = assignment_operations.request_cancellation(
            order.pk, quantity=1, reason="", actor=self.buyer, idempotency_key="x", now=day
        )
        assert asked.answered_at is None


class CancellationRequestTests(TestCase):
    def setUp(self):
        set_up_case(self)

    def ask(self, quantity=2, *, key="ask", order=None):
        return assignment_operations.request_cancellation(
            (order or self.order).pk,
            quantity=quantity,
            reason="people left",
            actor=self.buyer,
            idempotency_key=key,
            now=NOW,
        )

    def grant(self, request, refund=298):
        return assignment_operations.grant_cancellation(
            request.pk, refund_amount=Decimal(refund), actor=self.admin, now=NOW
        )

    def test_asking_cancels_nothing_and_asks_once(self):
        request = self.ask()
        assert self.ask() == request
        assert order_queries.count_codes(self.order).available == 5
        assert order_queries.find_open_request(self.order) == request
        with pytest.raises(IdempotencyConflict):
            self.ask(3)

    def test_one_wish_at_a_time(self):
        self.ask()
        with pytest.raises(InvalidTransition):
            self.ask(1, key="next")

    def test_not_more_than_is_unused(self):
        with pytest.raises(NotEnoughUnused):
            self.ask(6)
        with pytest.raises(ValueError, match="can't be cancelled"):
            self.ask(0)

    def test_a_key_doesnt_stand_for_another_reason(self):
        by = {"quantity": 2, "actor": self.buyer, "idempotency_key": "why", "now": NOW}
        assignment_operations.request_cancellation(self.order.pk, reason="too many", **by)
        with pytest.raises(IdempotencyConflict):
            assignment_operations.request_cancellation(self.order.pk, reason="too dear", **by)
        by["refund_amount"] = Decimal(0)
        assignment_operations.cancel_unused(self.order.pk, reason="too many", **by)
        with pytest.raises(IdempotencyConflict):
            assignment_operations.cancel_unused(self.order.pk, reason="too dear", **by)

    def test_granted_it_is_cancelled_and_refunded_once(self):
        request = self.ask()
        cancellation = self.grant(request)
        assert self.grant(request, 1) == cancellation
        assert (cancellation.quantity, cancellation.refund_amount) == (2, 298)
        assert order_queries.count_codes(self.order) == order_queries.OrderCounts(
            available=3, cancelled=2
        )
        assert order_queries.find_open_request(self.order) is None

    def test_a_grant_that_fails_leaves_the_wish_open(self):
        request = self.ask()
        with pytest.raises(RefundTooHigh):
            self.grant(request, 10_000)
        for code in factories.list_codes(self.order)[:4]:
            learner = factories.make_user(f"l{code}")
            factories.redeem(learner, self.item, code)
        with pytest.raises(NotEnoughUnused):
            self.grant(request)
        assert order_queries.find_open_request(self.order) == request

    def test_declined_it_says_why_and_is_not_answered_again(self):
        request = self.ask()
        answer = {"actor": self.admin, "now": NOW}
        order_operations.decline_cancellation(request.pk, answer="Too late.", **answer)
        request.refresh_from_db()
        assert (request.answer, request.answered_by) == ("Too late.", self.admin)
        with pytest.raises(InvalidTransition):
            order_operations.decline_cancellation(request.pk, answer="No.", **answer)
        with pytest.raises(InvalidTransition):
            self.grant(request)
        assert self.ask(1, key="next").answered_at is None

    def test_an_order_that_is_not_processed_has_nothing_to_cancel(self):
        order = factories.make_order(self.item, buyer=self.buyer)
        with pytest.raises(InvalidTransition):
            self.ask(order=order)

    def test_what_learners_were_given_is_not_asked_for(self):
        assign(self.order, *"abcd")
        with pytest.raises(NotEnoughUnused) as caught:
            self.ask(2)
        assert (caught.value.available, caught.value.assigned) == (1, 4)

    def test_given_away_meanwhile_the_wish_stays_open(self):
        request = self.ask(3)
        assign(self.order, *"abcd")
        with pytest.raises(NotEnoughUnused):
            self.grant(request, 0)
        assert order_queries.find_open_request(self.order) == request


class WithdrawTests(TestCase):
    def setUp(self):
        set_up_case(self)
        self.request = self.ask()

    def ask(self, *, key="ask"):
        return assignment_operations.request_cancellation(
            self.order.pk, quantity=2, reason="", actor=self.buyer, idempotency_key=key, now=NOW
        )

    def withdraw(self, *, actor=None, request=None):
        actor = actor or self.buyer
        return order_operations.withdraw_cancellation(
            (request or self.request).pk, actor=actor, now=NOW
        )

    def test_a_wish_is_withdrawn_once_and_another_one_may_follow(self):
        self.withdraw()
        self.withdraw()
        assert order_queries.find_open_request(self.order) is None
        withdrawn = CancellationRequest.objects.get()
        assert (withdrawn.answered_by, withdrawn.answer) == (self.buyer, "Withdrawn.")
        entry = self.order.log.first()
        assert (entry.action, entry.actor, entry.quantity) == ("changed", self.buyer, 2)
        assert self.order.log.filter(action="changed").count() == 1
        assert self.ask(key="next") == order_queries.find_open_request(self.order)

    def test_what_was_answered_is_not_withdrawn(self):
        by = {"actor": self.admin, "now": NOW}
        order_operations.decline_cancellation(self.request.pk, answer="Too late.", **by)
        with pytest.raises(InvalidTransition):
            self.withdraw()
        granted = self.ask(key="granted")
        assignment_operations.grant_cancellation(granted.pk, refund_amount=Decimal(0), **by)
        for actor in (self.buyer, self.admin):
            with pytest.raises(InvalidTransition):
                self.withdraw(request=granted, actor=actor)
        assert order_queries.count_codes(self.order).cancelled == 2

    def test_what_was_withdrawn_is_not_granted(self):
        self.withdraw()
        with pytest.raises(InvalidTransition):
            assignment_operations.grant_cancellation(
                self.request.pk, refund_amount=Decimal(0), actor=self.admin, now=NOW
            )
        assert order_queries.count_codes(self.order).cancelled == 0
