"""Declining and withdrawing orders that nobody has begun to process."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import TestCase

from tests import factories
from token_payments.errors import InvalidTransition
from token_payments.models import OrderStatus, TokenOrderAction
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries

COURSE = "course-v1:Acme+Fire+2026"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class DeclineTests(TestCase):
    def setUp(self):
        self.item = factories.make_shop(COURSE)
        self.buyer = factories.make_user("buyer")
        self.admin = factories.make_user("course_admin")

    def test_a_declined_order_is_cancelled_with_the_reason(self):
        order = factories.make_order(self.item, buyer=self.buyer)
        order_operations.decline_order(order.pk, reason="No contract.", actor=self.admin, now=NOW)
        again = order_operations.decline_order(order.pk, reason="Other.", actor=self.admin, now=NOW)
        assert (again.status, again.decline_reason) == (OrderStatus.CANCELLED, "No contract.")
        assert [entry.action for entry in order.log.all()] == ["declined", "requested"]

    def test_a_processed_one_is_not_declined(self):
        order = factories.make_processed_order(self.item, buyer=self.buyer)
        with pytest.raises(InvalidTransition):
            order_operations.decline_order(order.pk, reason="late", actor=self.admin, now=NOW)


class WithdrawTests(TestCase):
    def setUp(self):
        self.item = factories.make_shop(COURSE)
        self.buyer = factories.make_user("buyer")

    def test_a_withdrawn_order_is_cancelled_once_and_by_its_name(self):
        order = factories.make_order(self.item, buyer=self.buyer)
        for _ in range(2):
            withdrawn = order_operations.withdraw_order(order.pk, actor=self.buyer, now=NOW)
            assert withdrawn.status == OrderStatus.CANCELLED
        logged = [(entry.action, entry.actor) for entry in order.log.all()]
        assert logged == [("withdrawn", self.buyer), ("requested", self.buyer)]
        assert order_queries.was_withdrawn(withdrawn)
        with pytest.raises(InvalidTransition):
            order_operations.start_processing(order.pk, actor=self.buyer, now=NOW)

    def test_what_has_begun_or_ended_otherwise_is_not_withdrawn(self):
        processed = factories.make_processed_order(self.item, buyer=self.buyer)
        begun = factories.make_order(self.item, buyer=self.buyer)
        order_operations.start_processing(begun.pk, actor=self.buyer, now=NOW)
        declined = factories.make_order(self.item, buyer=self.buyer)
        order_operations.decline_order(declined.pk, reason="No", actor=self.buyer, now=NOW)
        for order in (processed, begun, declined):
            with pytest.raises(InvalidTransition):
                order_operations.withdraw_order(order.pk, actor=self.buyer, now=NOW)
            assert not order.log.filter(action=TokenOrderAction.WITHDRAWN).exists()
