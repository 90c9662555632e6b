"""Request Token Order: what is entered, the review with its price, and what sending it makes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

import ddt
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.portal.orders.base import COURSE, REQUEST, TEXTS, OrdersCase
from tests.portal.told import assert_told
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import ItemNotFound, NotOffered
from token_payments.models import TokenOrder
from token_payments.presenters.once import make_key


def with_tax(rate: object) -> override_settings:
    from django.conf import settings

    return override_settings(TOKEN_PAYMENTS={**settings.TOKEN_PAYMENTS, "TAX_RATE": rate})


class RequestingCodesTest(OrdersCase):
    def test_price_tax_and_total_are_shown_before_anything_is_ordered(self) -> None:
        with with_tax(20):
            review = self.review(purchase_order="PO-7", note="By <May>\nplease")
        for text in ("Fire Safety", "£149.00", "£2,980.00", "Tax (20%)", "£596.00", "£3,576.00"):
            self.assertContains(review, text)
        for text in ("Acme Ltd", "London", "United Kingdom", "PO-7", "By &lt;May&gt;<br>please"):
            self.assertContains(review, text)
        self.assertContains(review, "Save Enrolment Token Order")
        self.assertFalse(TokenOrder.objects.exists())

    def test_more_tokens_than_places_are_told_before_anything_is_ordered(self) -> None:
        factories.change_course(COURSE, max_student_enrollments_allowed=20)
        self.assertNotContains(self.review(), "place")
        factories.change_course(COURSE, max_student_enrollments_allowed=19)
        self.assertContains(self.review(), "Only 19 places are left in this course")
        factories.change_course(COURSE, max_student_enrollments_allowed=0)
        review = self.review()
        self.assertContains(review, "No place is left in this course")
        self.assertContains(review, "Ask whoever sells the training")
        answer = self.send(review)
        self.assertRedirects(answer, self.order_url(TokenOrder.objects.get()))

    def test_that_enrolment_is_closed_is_told_before_anything_is_ordered(self) -> None:
        over = timezone.now() - timedelta(days=1)
        factories.change_course(COURSE, enrollment_end=over)
        self.assertContains(self.review(), "Enrolment in this course is closed")

    def test_sending_makes_the_order_that_was_reviewed(self) -> None:
        with with_tax("7.7"):
            order = self.request_it(purchase_order=" PO-7 ", note="Please")
        self.assertEqual((order.status, order.kind, order.quantity), ("requested", "codes", 20))
        self.assertEqual((order.buyer, order.item, order.account), (self.buyer, self.item, None))
        self.assertEqual((order.unit_price, order.tax_rate), (Decimal(149), Decimal("7.7")))
        self.assertEqual((order.purchase_order, order.note), ("PO-7", "Please"))
        self.assertEqual((order.billing_name, order.billing_country.code), ("Acme Ltd", "GB"))
        self.assertEqual(order.invoice_number, None)
        self.assertEqual(order.codes.count(), 0)
        self.queue_mail.assert_called_once_with(order.pk, "requested")

    def test_the_orders_page_says_what_happens_next(self) -> None:
        answer = self.send(self.review())
        order = TokenOrder.objects.get()
        page = assert_told(self, answer, self.order_url(order), "Your order is requested.")
        self.assertContains(page, "Your order waits to be processed")

    def test_what_was_entered_is_carried_through_the_review_and_back(self) -> None:
        review = self.review(note='Say "hello"\r\nto <all>', purchase_order="")
        form = {**dict(review.context["entered"]), "edit": "1"}
        page = self.client.post(REQUEST, form)
        self.assertContains(page, "Say &quot;hello&quot;\nto &lt;all&gt;".replace("\n", "\r\n"))
        self.assertContains(page, f'<option value="{self.item.pk}" selected>')
        self.assertNotContains(page, "Please check what you entered")
        self.assertFalse(TokenOrder.objects.exists())

    def test_the_same_review_sent_twice_orders_once(self) -> None:
        review = self.review(purchase_order="PO-7")
        first, second = self.send(review), self.send(review)
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        self.assertEqual(TokenOrder.objects.count(), 1)

    def test_sent_again_after_the_price_rose_it_still_leads_to_its_order(self) -> None:
        review = self.review()
        first = self.send(review)
        self.set_price(200)
        self.assertEqual(self.send(review).headers["Location"], first.headers["Location"])

    def test_sent_again_with_other_entries_it_orders_nothing_and_says_so(self) -> None:
        review = self.review()
        first = self.send(review)
        for changed in ({"quantity": "21"}, {"quantity": "0"}, {"item": "999"}):
            second = self.send(review, **changed)
            address = first.headers["Location"]
            self.assertRedirects(second, address, fetch_redirect_response=False)
            self.assertContains(self.client.get(address), "Nothing else was ordered")
        self.assertEqual(TokenOrder.objects.get().quantity, 20)
        self.queue_mail.assert_called_once()

    def test_a_price_that_changed_is_shown_again_before_anything_is_ordered(self) -> None:
        review = self.review()
        self.set_price(200)
        again = self.send(review)
        self.assertContains(again, "The price has changed")
        self.assertContains(again, "£4,000.00")
        self.assertFalse(TokenOrder.objects.exists())
        self.send(again)
        self.assertEqual(TokenOrder.objects.get().unit_price, Decimal(200))

    def test_so_is_a_tax_that_changed(self) -> None:
        review = self.review()
        with with_tax(20):
            self.assertContains(self.send(review), "The price has changed")
        self.assertFalse(TokenOrder.objects.exists())

    def test_nobody_sets_the_price_by_what_is_sent(self) -> None:
        review = self.review()
        for price in ("1", "148.999", "-149", "NaN", "1e999999", "", "149\x00", "149,00"):
            answer = self.send(review, **{"agreed-unit_price": price})
            self.assertContains(answer, "Save Enrolment Token Order")
        self.assertFalse(TokenOrder.objects.exists())

    def set_price(self, price: int) -> None:
        self.item.price, self.item.currency = Decimal(price), "GBP"
        catalogue_operations.save_item(self.item, methods=["token_code"])


class KeyTest(OrdersCase):
    """Codes are derived from an order's uuid: nobody may choose it, nor use another one's."""

    def test_a_key_that_was_made_up_orders_nothing_and_is_replaced(self) -> None:
        other = make_key(self.stranger.pk)
        for key in (uuid.uuid4().hex, other, "", "x" * 5000):
            review = self.send(self.review(), idempotency_key=key)
            self.assertContains(review, "Save Enrolment Token Order")
            self.assertFalse(TokenOrder.objects.exists())
            self.assertNotIn(("idempotency_key", key), review.context["hidden"])
        order = TokenOrder.objects.get(pk=self.send(review).headers["Location"].split("/")[-2])
        self.assertEqual(order.quantity, 20)

    def test_the_order_has_the_uuid_of_its_form(self) -> None:
        review = self.review()
        signed = dict(review.context["hidden"])["idempotency_key"]
        self.send(review)
        self.assertEqual(TokenOrder.objects.get().uuid.hex, signed.partition(":")[0])


@ddt.ddt
class RefusedEntriesTest(OrdersCase):
    @ddt.data(
        ({"quantity": ""}, "quantity", "Enter how many tokens you need."),
        ({"quantity": "ten"}, "quantity", "in digits"),
        ({"quantity": "0"}, "quantity", "from 1 to 1,000,000"),
        ({"quantity": "1000001"}, "quantity", "from 1 to 1,000,000"),
        ({"item": ""}, "item", "Choose a course"),
        ({"item": "999999"}, "item", "any more"),
        ({"billing_name": ""}, "billing_name", "made out to"),
        ({"billing_street": " "}, "billing_street", "street"),
        ({"billing_city": ""}, "billing_city", "town"),
        ({"billing_country": ""}, "billing_country", "country"),
        ({"billing_country": "XX"}, "billing_country", "valid choice"),
        ({"note": "x" * 1001}, "note", "at most 1000"),
        ({"purchase_order": "x" * 65}, "purchase_order", "at most 64"),
        ({"kind": "wallet"}, "kind", "valid choice"),
        ({"kind": "gift"}, "kind", "valid choice"),
    )
    @ddt.unpack
    def test_is_told_at_its_field(self, fields, field, text) -> None:
        self.assert_refused(self.review(**fields), field, text)

    def test_errors_are_listed_in_the_order_of_the_page(self) -> None:
        answer = self.review(note="x" * 1001, quantity="0", item="", billing_city="")
        ids = [field for field, _ in answer.context["errors"]]
        self.assertEqual(ids, ["tp-item", "tp-quantity", "tp-billing_city", "tp-note"])

    def test_a_purchase_order_number_that_is_taken(self) -> None:
        factories.make_order(self.item, buyer=self.stranger, purchase_order="PO-7")
        answer = self.review(purchase_order="PO-7")
        self.assertContains(answer, "Another order has this purchase order number.")
        self.assertEqual(TokenOrder.objects.count(), 1)

    def test_one_that_is_taken_between_review_and_sending(self) -> None:
        review = self.review(purchase_order="PO-7")
        factories.make_order(self.item, buyer=self.stranger, purchase_order="PO-7")
        answer = self.send(review)
        self.assertContains(answer, "Another order has this purchase order number.")
        self.assertEqual(TokenOrder.objects.count(), 1)
        self.queue_mail.assert_not_called()

    def test_a_course_that_the_host_lost(self) -> None:
        gone = patch("token_payments.orders.queries.quote_order", side_effect=ItemNotFound(COURSE))
        with gone:
            self.assert_refused(self.review(), "item", "isn't there any more")

    def test_a_course_that_stops_taking_codes_between_review_and_sending(self) -> None:
        review = self.review()
        gone = patch(
            "token_payments.orders.operations.request_order", side_effect=NotOffered(COURSE)
        )
        with gone:
            self.assert_refused(self.send(review), "item", "can't be ordered for this course")

    @ddt.data(*TEXTS)
    def test_nonsense_in_any_field_is_no_error_page(self, text) -> None:
        for field in (*self.form(), "code_account", "purchase_order", "note", "idempotency_key"):
            self.assertEqual(self.review(**{field: text}).status_code, 200, field)
        for field in ("agreed-currency", "agreed-tax_rate", "agreed-unit_price"):
            answer = self.client.post(REQUEST, self.form(**{field: text}))
            self.assertEqual(answer.status_code, 200, field)
        answer = self.client.get(REQUEST, {"kind": text, "item": text, "account": text})
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(TokenOrder.objects.exists())


class OfferedTest(OrdersCase):
    def test_only_paid_courses_that_take_codes_are_offered_by_title(self) -> None:
        for number, (name, fields) in enumerate(
            (
                ("Apples", {"methods": ["token_code", "wallet"], "token_prices": {self.gold: 1}}),
                ("Wallets only", {"methods": ["wallet"], "token_prices": {self.gold: 1}}),
                ("Free of charge", {"enrolment_method": "free"}),
            )
        ):
            key = f"course-v1:Acme+C{number}+2026"
            factories.make_course(key, display_name=name)
            factories.make_item(key, **fields)
        titles = [item.title for item in catalogue_queries.list_orderable_items()]
        self.assertEqual(titles, ["Apples", "Fire Safety"])
        page = self.client.get(REQUEST)
        self.assertContains(page, "Apples – course-v1:Acme+C0+2026")
        self.assertNotContains(page, "Wallets only")

    def test_without_any_course_the_page_says_so(self) -> None:
        self.item.payment_methods.all().delete()
        page = self.client.get(REQUEST)
        self.assertContains(page, "There is nothing to order at the moment.")
        self.assertNotContains(page, '<button type="submit" class="tp-button">')

    def test_the_same_queries_for_many_courses(self) -> None:
        few = self.count_queries(REQUEST)
        for number in range(5):
            key = f"course-v1:Acme+C{number}+2026"
            factories.make_course(key)
            factories.make_item(key)
        self.assertEqual(self.count_queries(REQUEST), few)

    def test_the_last_orders_billing_address_is_filled_in(self) -> None:
        factories.make_order(self.item, buyer=self.stranger, billing_name="Somebody else")
        factories.make_order(self.item, buyer=self.buyer, billing_name="Older Ltd")
        factories.make_order(self.item, buyer=self.buyer, billing_name="Newer & Co")
        page = self.client.get(REQUEST)
        self.assertContains(page, 'value="Newer &amp; Co"')
        self.assertContains(page, '<option value="GB" selected>')

    def test_without_an_order_the_accounts_address_is(self) -> None:
        self.client.force_login(self.manager)
        self.account.billing_name = "Acme Head Office"
        self.account.save()
        self.assertContains(self.client.get(REQUEST), 'value="Acme Head Office"')
