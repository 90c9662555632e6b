"""Orders: requested, processed, cancelled, and codes taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from ddt import data, ddt, unpack
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import TestCase, override_settings

from tests import factories
from tests.orders.base import NOW, CancelsUnused
from token_payments.errors import (
    ConfigurationError,
    IdempotencyConflict,
    InvalidTransition,
    NotEnoughUnused,
    NotOffered,
    NumberTaken,
    RefundTooHigh,
)
from token_payments.models import TokenCode, TokenOrder
from token_payments.orders import generation
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.orders.requests import decline_order
from token_payments.orders.states import ORDER_TRANSITIONS

COURSE = "course-v1:Orders+O1+2026"


def actions(order: TokenOrder) -> list[str]:
    return list(order.log.order_by("id").values_list("action", flat=True))


class OrderTestCase(CancelsUnused, TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE, modes={"verified": 149})
        cls.buyer = factories.make_user("buyer")
        cls.admin = factories.make_user("admin")

    def request(self, **fields) -> TokenOrder:
        return factories.make_order(self.item, buyer=self.buyer, **fields)

    def processed(self, quantity: int = 10) -> TokenOrder:
        order = self.request(quantity=quantity)
        factories.process(order)
        return order


class RequestTest(OrderTestCase):
    def test_a_requested_order_has_no_codes(self) -> None:
        order = self.request(quantity=5)
        assert order.status == "requested"
        assert not order.codes.exists()
        assert actions(order) == ["requested"]

    def test_the_same_request_again_is_the_same_order(self) -> None:
        order = self.request(quantity=5)
        again = self.request(quantity=5, uuid=order.uuid)
        assert again.pk == order.pk
        assert actions(order) == ["requested"]

    def test_its_key_with_another_number_is_a_conflict(self) -> None:
        order = self.request(quantity=5)
        with pytest.raises(IdempotencyConflict):
            self.request(quantity=6, uuid=order.uuid)

    def test_nothing_is_ordered_for_an_item_that_takes_no_payment(self) -> None:
        self.item.payment_methods.all().delete()
        with pytest.raises(NotOffered):
            self.request(quantity=5)
        assert not TokenOrder.objects.exists()

    def test_it_keeps_the_price_of_its_day(self) -> None:
        order = self.request(quantity=5)
        assert (order.unit_price, order.currency) == (Decimal(149), "GBP")
        self.item.price, self.item.currency = Decimal(99), "GBP"
        self.item.save()
        order.refresh_from_db()
        assert order.total == Decimal(745)

    def test_a_change_to_a_requested_order_is_logged_with_its_fields(self) -> None:
        order = self.request(quantity=5)
        order.quantity = 6
        order_operations.change_order(order, actor=self.admin, now=NOW, changed=["quantity"])
        order.refresh_from_db()
        assert order.quantity == 6
        assert order.log.latest("id").detail == "quantity"

    def test_a_change_after_processing_began_is_refused(self) -> None:
        order = self.processed(2)
        stale = TokenOrder.objects.get(pk=order.pk)
        stale.quantity = 100
        with pytest.raises(InvalidTransition):
            order_operations.change_order(stale, actor=self.admin, now=NOW, changed=["quantity"])
        assert TokenOrder.objects.get(pk=order.pk).quantity == 2

    def test_blank_numbers_may_recur_but_given_ones_are_unique(self) -> None:
        self.request(invoice_number=None)
        self.request(invoice_number=None)
        self.request(invoice_number="INV-1")
        with pytest.raises(NumberTaken) as caught:
            self.request(invoice_number="INV-1")
        assert caught.value.field == "invoice_number"

    def test_the_database_refuses_a_quantity_out_of_range(self) -> None:
        for quantity in (0, 1_000_001):
            with pytest.raises(IntegrityError), transaction.atomic():
                self.request(quantity=quantity)

    def test_nothing_that_was_ordered_can_be_deleted(self) -> None:
        order = self.processed(1)
        for thing in (order, self.item, self.buyer):
            with pytest.raises(ProtectedError):
                thing.delete()


class ProcessingTest(OrderTestCase):
    def test_makes_exactly_the_quantity_numbered_from_one(self) -> None:
        order = self.processed(25)
        serials = list(order.codes.order_by("serial").values_list("serial", flat=True))
        assert serials == list(range(1, 26))
        assert actions(order) == ["requested", "processing", "processed"]
        assert TokenOrder.objects.get(pk=order.pk).status == "processed"

    @override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {"k": "k" * 32}, "CODES_PER_CHUNK": 7})
    def test_goes_on_after_the_last_chunk_that_was_stored(self) -> None:
        order = self.request(quantity=25)
        order_operations.start_processing(order.pk, actor=self.admin, now=NOW)
        assert generation._generate_chunk(order.pk, now=NOW) == 7
        assert order_queries.count_generated(order) == 7
        before = set(order.codes.values_list("code_hash", flat=True))
        assert order_operations.generate(order.pk, clock=lambda: NOW) == 18
        after = set(order.codes.values_list("code_hash", flat=True))
        assert before < after
        assert len(after) == 25

    def test_processing_a_processed_order_makes_nothing(self) -> None:
        order = self.processed(3)
        assert order_operations.generate(order.pk, clock=lambda: NOW) == 0
        with pytest.raises(InvalidTransition):
            order_operations.start_processing(order.pk, actor=self.admin, now=NOW)
        assert order.codes.count() == 3

    def test_starting_again_while_processing_is_allowed_and_not_logged_twice(self) -> None:
        order = self.request()
        for _ in range(2):
            order_operations.start_processing(order.pk, actor=self.admin, now=NOW)
        assert actions(order) == ["requested", "processing"]

    @override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {"k": "k" * 32}, "CODES_PER_CHUNK": 2})
    def test_cancelling_meanwhile_ends_the_work(self) -> None:
        order = self.request(quantity=10)
        order_operations.start_processing(order.pk, actor=self.admin, now=NOW)
        generation._generate_chunk(order.pk, now=NOW)
        order_operations.cancel_order(order.pk, actor=self.admin, now=NOW)
        assert order_operations.generate(order.pk, clock=lambda: NOW) == 0
        assert order_queries.count_codes(order) == order_queries.OrderCounts(cancelled=2)

    @override_settings(TOKEN_PAYMENTS={})
    def test_without_a_key_the_order_stays_requested(self) -> None:
        order = self.request()
        with pytest.raises(ConfigurationError):
            order_operations.start_processing(order.pk, actor=self.admin, now=NOW)
        assert TokenOrder.objects.get(pk=order.pk).status == "requested"

    def test_the_database_alone_gives_nobody_a_code(self) -> None:
        order = self.processed(3)
        stored = str(list(TokenCode.objects.values())) + str(list(TokenOrder.objects.values()))
        for code in factories.list_codes(order):
            assert code not in stored
            assert code.replace("-", "") not in stored

    def test_the_buyer_can_be_given_the_codes_again(self) -> None:
        order = self.processed(3)
        for row, code in order_queries.iterate_codes(order):
            assert order_queries.find_code(code) == row
            assert code.endswith(row.last_four)


class CancelOrderTest(OrderTestCase):
    def test_nobody_cancels_no_codes_that_there_are(self) -> None:
        """Without an actor only an order that has none yet is cancelled."""
        order = self.processed(2)
        with pytest.raises(ValueError, match="somebody has to cancel"):
            order_operations.cancel_order(order.pk, actor=None, now=NOW)
        order.refresh_from_db()
        assert order.status == "processed"
        assert set(order.codes.values_list("status", flat=True)) == {"available"}

    def test_unredeemed_codes_die_and_redeemed_ones_stay(self) -> None:
        order = self.processed(5)
        factories.redeem(factories.make_user("learner"), self.item, factories.list_codes(order)[0])
        order_operations.cancel_order(
            order.pk, actor=self.admin, now=NOW, refund_amount=Decimal(596)
        )
        assert order_queries.count_codes(order) == order_queries.OrderCounts(
            redeemed=1, cancelled=4
        )
        [cancellation] = order.cancellations.all()
        assert (cancellation.quantity, cancellation.refund_amount) == (4, Decimal(596))

    def test_cancelling_again_changes_nothing(self) -> None:
        order = self.processed(2)
        for _ in range(2):
            order_operations.cancel_order(order.pk, actor=self.admin, now=NOW)
        assert order.cancellations.count() == 1
        assert actions(order)[-1:] == ["cancelled"]

    def test_a_requested_order_is_cancelled_without_codes(self) -> None:
        order = self.request()
        order_operations.cancel_order(order.pk, actor=self.admin, now=NOW)
        assert not order.cancellations.exists()
        with pytest.raises(InvalidTransition):
            order_operations.start_processing(order.pk, actor=self.admin, now=NOW)


@ddt
class CancelCodesTest(OrderTestCase):
    def test_cancels_exactly_so_many_unused_codes(self) -> None:
        order = self.processed(10)
        cancellation = self.cancel_part(order, 4, refund_amount=Decimal(596), reason="too many")
        assert order_queries.count_codes(order) == order_queries.OrderCounts(
            available=6, cancelled=4
        )
        assert set(cancellation.codes.values_list("serial", flat=True)) == {7, 8, 9, 10}
        assert order.log.latest("id").detail == "too many"

    def test_never_touches_a_redeemed_code(self) -> None:
        order = self.processed(3)
        last = factories.list_codes(order)[-1]
        factories.redeem(factories.make_user("learner"), self.item, last)
        self.cancel_part(order, 2)
        assert order_queries.count_codes(order) == order_queries.OrderCounts(
            redeemed=1, cancelled=2
        )

    def test_more_than_available_is_refused_with_the_number(self) -> None:
        order = self.processed(3)
        with pytest.raises(NotEnoughUnused) as caught:
            self.cancel_part(order, 4)
        assert (caught.value.wanted, caught.value.available) == (4, 3)
        assert order_queries.count_codes(order).cancelled == 0
        assert not order.cancellations.exists()

    def test_the_same_key_cancels_once(self) -> None:
        order = self.processed(5)
        first = self.cancel_part(order, 2)
        assert self.cancel_part(order, 2) == first
        assert order_queries.count_codes(order).cancelled == 2

    def test_the_same_key_answers_even_when_no_code_is_left(self) -> None:
        order = self.processed(2)
        first = self.cancel_part(order, 2)
        assert self.cancel_part(order, 2) == first

    @data({"quantity": 3}, {"refund_amount": Decimal(1)})
    def test_the_same_key_with_other_arguments_is_an_error(self, other: dict) -> None:
        order = self.processed(5)
        self.cancel_part(order, 2)
        with pytest.raises(IdempotencyConflict):
            self.cancel_part(order, **({"quantity": 2} | other))

    def test_no_more_is_refunded_than_was_paid(self) -> None:
        order = self.processed(2)
        self.cancel_part(order, 1, refund_amount=Decimal(200))
        with pytest.raises(RefundTooHigh) as caught:
            self.cancel_part(order, 1, refund_amount=Decimal(99), idempotency_key="next")
        assert caught.value.limit == Decimal(98)

    @data("requested", "processing", "cancelled")
    def test_only_a_processed_order_gives_codes_back(self, status: str) -> None:
        order = self.processed(2)
        TokenOrder.objects.filter(pk=order.pk).update(status=status)
        with pytest.raises(InvalidTransition):
            self.cancel_part(order, 1)

    def test_the_suggested_refund_is_the_price_of_the_codes(self) -> None:
        assert order_queries.suggest_refund(self.processed(5), 3) == Decimal(447)

    @data(("GBP", "0.13"), ("JPY", "0"))
    @unpack
    def test_the_suggested_refund_can_be_paid(self, currency: str, expected: str) -> None:
        order = self.processed(5)
        order.unit_price, order.currency = Decimal("0.125"), currency
        assert str(order_queries.suggest_refund(order, 1)) == expected


@ddt
class StateTableTest(OrderTestCase):
    """Every state with every operation: it ends where the table says, or nothing changes."""

    @data(
        *[(s, o) for s in TokenOrder._meta.get_field("status").choices for o in ORDER_TRANSITIONS]
    )
    @unpack
    def test_walk(self, state: tuple[str, str], operation: str) -> None:
        order = self.processed(2) if state[0] != "requested" else self.request(quantity=2)
        TokenOrder.objects.filter(pk=order.pk).update(status=state[0], code_key="test")
        order.refresh_from_db()
        call = {
            "change": lambda: order_operations.change_order(
                order, actor=self.admin, now=NOW, changed=["x"]
            ),
            "start_processing": lambda: order_operations.start_processing(
                order.pk, actor=self.admin, now=NOW
            ),
            "complete_processing": lambda: order_operations.generate(order.pk, clock=lambda: NOW),
            "cancel": lambda: order_operations.cancel_order(order.pk, actor=self.admin, now=NOW),
            "cancel_unused": lambda: self.cancel_part(order, 1),
            "decline": lambda: decline_order(
                order.pk, reason="no budget", actor=self.admin, now=NOW
            ),
            "withdraw": lambda: order_operations.withdraw_order(
                order.pk, actor=self.admin, now=NOW
            ),
        }[operation]
        expected = ORDER_TRANSITIONS[operation].get(state[0], state[0])
        quietly = operation == "complete_processing" or (operation, state[0]) == (
            "cancel",
            "cancelled",
        )
        if state[0] in ORDER_TRANSITIONS[operation] or quietly:
            call()
        else:
            with pytest.raises(InvalidTransition):
                call()
        assert TokenOrder.objects.get(pk=order.pk).status == expected
