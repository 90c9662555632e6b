"""How many learners a course still takes, against the tokens that are about."""

from __future__ import annotations

from datetime import timedelta

from django.test import TestCase
from django.utils import timezone
from edx_django_utils.cache import RequestCache

from tests import factories
from token_payments.checkout import queries as checkout_queries
from token_payments.orders import operations as order_operations

COURSE = "course-v1:Acme+Fire+2026"


class PlacesTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE)
        cls.buyer = factories.make_user("buyer")

    def setUp(self) -> None:
        RequestCache.clear_all_namespaces()  # where the host keeps courses

    def find(self) -> checkout_queries.Places:
        return checkout_queries.get_places(self.item, user=self.buyer)

    def promised(self) -> int:
        return checkout_queries.count_promised(self.item, now=timezone.now())

    def test_without_a_limit_any_number_fits(self) -> None:
        self.assertEqual(self.find(), checkout_queries.Places(left=None))
        self.assertFalse(self.find().are_too_few(1_000_000))

    def test_the_smaller_limit_counts_less_those_who_have_paid(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=3)
        factories.change_course(COURSE, max_student_enrollments_allowed=9)
        self.item.seats = 4
        self.item.save()
        self.assertEqual(self.find().left, 4)
        factories.redeem(factories.make_user("ann"), self.item, factories.list_codes(order)[0])
        self.assertEqual(self.find().left, 3)
        self.assertFalse(self.find().are_too_few(3))
        self.assertTrue(self.find().are_too_few(4))

    def test_unused_tokens_of_orders_that_can_be_redeemed_are_promised(self) -> None:
        now = timezone.now()
        make = factories.make_processed_order
        order = make(self.item, buyer=self.buyer, quantity=5)
        factories.redeem(factories.make_user("ann"), self.item, factories.list_codes(order)[0])
        over = make(self.item, buyer=self.buyer, quantity=7, redeem_by=now + timedelta(days=1))
        cancelled = make(self.item, buyer=self.buyer, quantity=11)
        order_operations.cancel_order(cancelled.pk, actor=self.buyer, now=now)
        factories.make_order(self.item, buyer=self.buyer, quantity=13)
        self.assertEqual(self.promised(), 4 + 7)
        over.redeem_by = now - timedelta(days=1)
        over.save()
        self.assertEqual(self.promised(), 4)

    def test_a_course_whose_enrolment_is_over_or_that_is_gone_is_closed(self) -> None:
        factories.change_course(COURSE, enrollment_end=timezone.now() - timedelta(days=1))
        self.assertTrue(self.find().is_closed)
        self.item.item_key = "course-v1:Acme+Gone+2026"
        self.assertTrue(self.find().is_closed)

    def test_as_many_queries_for_many_orders(self) -> None:
        factories.make_processed_order(self.item, buyer=self.buyer, quantity=1)
        with self.assertNumQueries(2):
            self.promised()
        for _ in range(3):
            factories.make_processed_order(self.item, buyer=self.buyer, quantity=1)
        with self.assertNumQueries(2):
            self.promised()
