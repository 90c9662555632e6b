"""Codes with their learners, and the counts of an order, as the domain tells them."""

from __future__ import annotations

import ddt
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.portal.order_page.base import OrderCase
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.models import TokenCode, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries
from token_payments.presenters.code_lines import describe_codes


class DescribeTests(OrderCase):
    def test_it_takes_three_queries_for_any_number_of_codes(self) -> None:
        codes = list(self.order.codes.order_by("serial"))
        self.order.course  # noqa: B018 (loaded before)

        with self.assertNumQueries(3):
            lines = describe_codes(self.order, codes)

        self.assertEqual([line.serial for line in lines], [1, 2, 3, 4, 5, 6])
        self.assertEqual({line.code for line in lines}, {""})

    def test_codes_that_were_written_out_stand_in_their_lines(self) -> None:
        codes = list(self.order.codes.filter(serial=3))

        (line,) = describe_codes(self.order, codes, {3: "in full"})

        self.assertEqual(line.code, "in full")


@ddt.ddt
class SearchTests(OrderCase):
    def test_a_code_of_the_order_becomes_its_number(self) -> None:
        self.assertEqual(
            checkout_queries.read_search(self.order, f" {self.codes[3].lower()} "), "#4"
        )

    @ddt.data("Christopher Walken", "Anne-Marie Smith-Jones", "@example.com", "", "17")
    def test_what_people_are_called_stays_as_it_is(self, text) -> None:
        self.assertEqual(checkout_queries.read_search(self.order, text), text)

    def test_an_e_mail_address_becomes_the_numbers_of_its_codes(self) -> None:
        self.assign("ann@example.com")
        for text, found in (
            (" Ann@Example.com", "#2,3"),
            ("ann@", "#2,3"),
            (self.learner.email, "#1"),
            ("nobody@example.com", "#"),
            ("a\0@b", "#"),
        ):
            query = checkout_queries.read_search(self.order, text)
            self.assertEqual(query, found)
            serials = checkout_queries.filter_codes(self.order, text=query).values_list(
                "serial", flat=True
            )
            self.assertEqual(",".join(map(str, sorted(serials))), found[1:])
        self.assertEqual(
            checkout_queries.read_search(self.order, "ann@example.com", status="redeemed"), "#"
        )

    @ddt.data("VCDR-XZKZ-AHKZ-ABKDX", "vcdrxzkz2ahkzabkd", "VCDRXZKZAHKZABKDX")
    def test_what_may_be_a_code_is_kept_out_of_addresses(self, text) -> None:
        self.assertIsNone(checkout_queries.read_search(self.order, text))

    def test_a_long_name_with_a_digit_that_is_found_is_no_code(self) -> None:
        self.assign("x@example.com", "VCDRXZKZ2AHKZABKD")

        self.assertEqual(
            checkout_queries.read_search(self.order, "VCDRXZKZ2AHKZABKD"), "VCDRXZKZ2AHKZABKD"
        )


class CountTests(OrderCase):
    def count_one_by_one(self, order: TokenOrder) -> dict[str, int]:
        rows = TokenCode.objects.filter(order=order).order_by().values_list("status")
        return dict(rows.annotate(Count("id")))

    def assert_counted(self, order: TokenOrder, *, available: int) -> None:
        counts = order_queries.count_codes(order)
        really = self.count_one_by_one(order)
        self.assertEqual(counts.available, available)
        self.assertEqual(counts.available, really.get("available", 0))
        self.assertEqual(counts.redeemed, really.get("redeemed", 0))
        self.assertEqual(counts.cancelled, really.get("cancelled", 0))

    def test_they_are_exact_with_redeemed_assigned_and_cancelled_codes(self) -> None:
        self.assert_counted(self.order, available=4)

    def test_a_replaced_code_counts_once_in_the_code_that_took_its_place(self) -> None:
        assignment_operations.revoke(
            self.batch.assignments.get().pk, actor=self.buyer, now=timezone.now()
        )
        self.assertEqual(self.count_one_by_one(self.order)["replaced"], 1)

        self.assert_counted(self.order, available=4)

    def test_after_cancelling_what_is_left(self) -> None:
        assignment_operations.revoke(
            self.batch.assignments.get().pk, actor=self.buyer, now=timezone.now()
        )
        self.cancel(2)
        self.assert_counted(self.order, available=2)

        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=timezone.now())
        self.assert_counted(self.order, available=0)

    def test_a_refund_without_cancelled_codes_counts_none(self) -> None:
        order = self.make_order(1)
        factories.redeem(factories.make_user("zoe"), self.item, factories.list_codes(order)[0])
        order_operations.cancel_order(
            order.pk, actor=self.buyer, now=timezone.now(), refund_amount=1
        )

        self.assert_counted(order, available=0)

    def test_an_order_in_processing_has_the_codes_that_are_made(self) -> None:
        order = self.make_order(3)
        TokenOrder.objects.filter(pk=order.pk).update(status="processing", quantity=9)

        self.assert_counted(order, available=3)

    def test_an_order_that_was_cancelled_while_it_was_processed(self) -> None:
        order = self.make_order(3)
        TokenOrder.objects.filter(pk=order.pk).update(status="processing", quantity=9)
        order_operations.cancel_order(order.pk, actor=self.buyer, now=timezone.now())

        self.assert_counted(order, available=0)
        self.assertEqual(order_queries.count_codes(order).cancelled, 3)

    def test_a_requested_order_has_none_whatever_the_caller_holds(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)
        self.assertEqual(order_queries.count_codes(order), order_queries.OrderCounts())

        factories.process(TokenOrder.objects.get(pk=order.pk))

        self.assertEqual(order_queries.count_codes(order).available, 3)

    def test_codes_left_in_a_cancelled_order_are_not_hidden(self) -> None:
        order = self.make_order(3)
        TokenOrder.objects.filter(pk=order.pk).update(status="cancelled")

        self.assert_counted(order, available=3)

    def test_many_orders_take_one_query(self) -> None:
        orders = [self.order, self.make_order(2), factories.make_order(self.item, buyer=self.buyer)]

        with CaptureQueriesContext(connection) as captured:
            counts = order_queries.count_orders(orders, now=timezone.now())

        self.assertEqual(len(captured), 1)
        self.assertEqual([counts[order.pk].total for order in orders], [6, 2, 0])
