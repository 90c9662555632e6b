"""Declining orders, and buyers' wishes to cancel: asked, granted, declined."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import TestCase

from tests import factories
from token_payments import api
from token_payments.errors import (
    IdempotencyConflict,
    InvalidTransition,
    NotEnoughUnused,
    RefundTooHigh,
)
from token_payments.models import OrderStatus
from token_payments.orders import requests

COURSE = "course-v1:Acme+Fire+2026"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class RequestTestCase(TestCase):
    def setUp(self):
        factories.allow_paid()
        factories.make_course(COURSE)
        self.item = factories.make_item(COURSE)
        self.buyer = factories.make_user("buyer")
        self.admin = factories.make_user("course_admin")


class DeclineTests(RequestTestCase):
    def test_a_declined_order_is_cancelled_with_the_reason(self):
        order = factories.make_order(self.item, buyer=self.buyer)
        requests.decline_order(order.pk, reason="No contract.", actor=self.admin, now=NOW)
        again = requests.decline_order(order.pk, reason="Other.", actor=self.admin, now=NOW)
        assert (again.status, again.decline_reason) == (OrderStatus.CANCELLED, "No contract.")
        assert [entry.action for entry in order.log.all()] == ["declined", "requested"]

    def test_a_processed_one_is_not_declined(self):
        order = factories.make_processed_order(self.item, buyer=self.buyer)
        with pytest.raises(InvalidTransition):
            requests.decline_order(order.pk, reason="late", actor=self.admin, now=NOW)


class CancellationRequestTests(RequestTestCase):
    def setUp(self):
        super().setUp()
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=5)

    def ask(self, quantity=2, *, key="ask", order=None):
        return requests.request_cancellation(
            (order or self.order).pk,
            quantity=quantity,
            reason="people left",
            actor=self.buyer,
            idempotency_key=key,
            now=NOW,
        )

    def grant(self, request, refund=298):
        return requests.grant_cancellation(
            request.pk, refund_amount=Decimal(refund), actor=self.admin, now=NOW
        )

    def test_asking_cancels_nothing_and_asks_once(self):
        request = self.ask()
        assert self.ask() == request
        assert api.count_codes(self.order).available == 5
        assert requests.find_open_request(self.order) == request
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

    def test_granted_it_is_cancelled_and_refunded_once(self):
        request = self.ask()
        cancellation = self.grant(request)
        assert self.grant(request, 1) == cancellation
        assert (cancellation.quantity, cancellation.refund_amount) == (2, 298)
        assert api.count_codes(self.order) == api.OrderCounts(available=3, cancelled=2)
        assert requests.find_open_request(self.order) is None

    def test_a_grant_that_fails_leaves_the_wish_open(self):
        request = self.ask()
        with pytest.raises(RefundTooHigh):
            self.grant(request, 10_000)
        for code in factories.list_codes(self.order)[:4]:
            learner = factories.make_user(f"l{code}")
            factories.redeem(learner, self.item, code)
        with pytest.raises(NotEnoughUnused):
            self.grant(request)
        assert requests.find_open_request(self.order) == request

    def test_declined_it_says_why_and_is_not_answered_again(self):
        request = self.ask()
        answer = {"actor": self.admin, "now": NOW}
        requests.decline_cancellation(request.pk, answer="Too late.", **answer)
        request.refresh_from_db()
        assert (request.answer, request.answered_by) == ("Too late.", self.admin)
        with pytest.raises(InvalidTransition):
            requests.decline_cancellation(request.pk, answer="No.", **answer)
        with pytest.raises(InvalidTransition):
            self.grant(request)
        assert self.ask(1, key="next").answered_at is None

    def test_an_order_that_is_not_processed_has_nothing_to_cancel(self):
        order = factories.make_order(self.item, buyer=self.buyer)
        with pytest.raises(InvalidTransition):
            self.ask(order=order)
