import uuid
from datetime import UTC, date, datetime, timedelta

import ddt
from django.utils import timezone

from tests import factories
from tests.admin.base import COURSE, AdminCase, admin_url
from token_payments.catalogue import operations as catalogue_operations
from token_payments.l10n.dates import last_day
from token_payments.models import OrderStatus, TokenCode, TokenOrder
from token_payments.orders import operations as order_operations


def make_groups(*names: str) -> None:
    from opaque_keys.edx.keys import CourseKey

    from openedx.core.djangoapps.course_groups import cohorts

    key = CourseKey.from_string(COURSE)
    cohorts.set_course_cohorted(key, True)
    for name in names:
        cohorts.add_cohort(key, name, "manual")


@ddt.ddt
class OrderFormTests(AdminCase):
    def fill_in(self, **fields):
        return {
            "buyer": "buyer",
            "item": self.item.pk,
            "quantity": "25",
            **factories.ADDRESS,
            **fields,
        }

    def add(self, **fields):
        return self.post(admin_url("tokenorder", "add"), self.fill_in(**fields))

    def test_an_order_is_saved_as_requested_and_has_no_codes(self) -> None:
        answer = self.add(invoice_number="INV-1", purchase_order="PO-1")

        order = TokenOrder.objects.get()
        self.assertRedirects(answer, self.order_page(order))
        self.assertContains(answer, f"{order.number} is requested")
        self.assertEqual((order.status, order.quantity), (OrderStatus.REQUESTED, 25))
        self.assertEqual((order.buyer, order.item), (self.buyer, self.item))
        self.assertEqual((order.unit_price, order.currency), (149, "GBP"))
        self.assertEqual(order.billing_country.code, "GB")
        self.assertFalse(TokenCode.objects.exists())
        self.assertEqual(order.log.get().actor, self.course_admin)

    def test_a_course_that_nobody_can_pay_for_is_refused_at_the_field(self) -> None:
        self.item.payment_methods.all().delete()

        page = self.add()

        self.assertContains(page, "take Token Codes. Add that payment method there first")
        self.assertFalse(TokenOrder.objects.exists())

    def test_a_course_that_takes_wallet_tokens_only_is_refused_at_the_field(self) -> None:
        gold = factories.make_type()
        catalogue_operations.save_item(self.item, methods=["wallet"], token_prices={gold: 3})

        page = self.add()

        self.assertContains(page, "take Token Codes. Add that payment method there first")
        self.assertFalse(TokenOrder.objects.exists())

    def test_a_form_that_is_saved_twice_requests_one_order(self) -> None:
        form = self.client.get(admin_url("tokenorder", "add")).context["adminform"].form

        first = self.add(idempotency_key=form["idempotency_key"].value())
        second = self.add(idempotency_key=form["idempotency_key"].value())

        order = TokenOrder.objects.get()
        self.assertRedirects(first, self.order_page(order))
        self.assertRedirects(second, self.order_page(order))
        self.assertEqual(order.log.count(), 1)

    def test_a_form_that_was_saved_and_is_saved_with_another_number_is_refused(self) -> None:
        form = self.client.get(admin_url("tokenorder", "add")).context["adminform"].form
        self.add(idempotency_key=form["idempotency_key"].value())

        answer = self.add(idempotency_key=form["idempotency_key"].value(), quantity="26")

        self.assertContains(answer, "This form was saved before")
        self.assertEqual(TokenOrder.objects.get().quantity, 25)

    def test_nobody_chooses_what_codes_are_derived_from(self) -> None:
        chosen = uuid.uuid4()
        self.add(idempotency_key=chosen.hex)

        self.assertNotEqual(TokenOrder.objects.get().uuid, chosen)

    @ddt.data("buyer", "buyer@example.com", "BUYER@example.com", " buyer ")
    def test_the_buyer_is_found_by_user_name_or_address(self, text) -> None:
        self.add(buyer=text)

        self.assertEqual(TokenOrder.objects.get().buyer, self.buyer)

    def test_empty_unique_numbers_are_null_so_that_many_orders_can_go_without(self) -> None:
        self.add(invoice_number="", purchase_order="  ")
        self.add(invoice_number="", purchase_order="")

        numbers = TokenOrder.objects.values_list("invoice_number", "purchase_order")
        self.assertEqual(list(numbers), [(None, None), (None, None)])

    @ddt.data(
        ({"buyer": ""}, "buyer", "required"),
        ({"buyer": "nobody"}, "buyer", "Nobody has the user name"),
        ({"buyer": "gone"}, "buyer", "not active"),
        ({"item": "0"}, "item", "valid choice"),
        ({"quantity": "0"}, "quantity", "greater than or equal to 1"),
        ({"quantity": "1000001"}, "quantity", "less than or equal to 1000000"),
        ({"quantity": "a dozen"}, "quantity", "whole number"),
        ({"invoice_number": "INV-1"}, "invoice_number", "Another token order has this invoice"),
        ({"purchase_order": "PO-1"}, "purchase_order", "Another token order has this customer"),
        ({"billing_country": ""}, "billing_country", "required"),
        ({"billing_country": "XX"}, "billing_country", "valid choice"),
        ({"redeem_by": "2020-01-01"}, "redeem_by", "This day is over"),
        ({"redeem_by": "soon"}, "redeem_by", "valid date"),
        ({"redeem_by": "03/12/2099"}, "redeem_by", "valid date"),
        ({"group_name": "Night"}, "group_name", "Its groups: Early shift, Late shift."),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field(self, fields, field, text) -> None:
        factories.make_user("gone", is_active=False)
        make_groups("Early shift", "Late shift")
        factories.make_order(
            self.item, buyer=self.buyer, invoice_number="INV-1", purchase_order="PO-1"
        )

        answer = self.add(**fields)

        errors = answer.context["adminform"].form.errors
        self.assertEqual(list(errors), [field])
        self.assertIn(text, str(errors[field]))
        self.assertEqual(TokenOrder.objects.count(), 1)

    def test_one_address_of_two_users_asks_for_the_user_name(self) -> None:
        factories.make_user("twin1", email="twin@example.com")
        factories.make_user("twin2", email="TWIN@example.com")

        answer = self.add(buyer="twin@example.com")

        self.assertContains(answer, "enter the user name instead")

    def test_a_user_name_that_is_somebody_elses_address_is_not_taken_for_it(self) -> None:
        factories.make_user("buyer@example.com", email="thief@example.com")

        self.assertContains(self.add(buyer="buyer@example.com"), "enter the user name instead")

    def test_a_group_of_the_course_is_kept_and_a_course_without_groups_says_so(self) -> None:
        answer = self.add(group_name="Early shift")
        self.assertContains(answer, "This course has no groups")

        make_groups("Early shift")
        self.add(group_name="Early shift")
        self.assertEqual(TokenOrder.objects.get().group_name, "Early shift")

    def test_redeem_by_is_the_end_of_the_day_in_the_sites_zone_which_is_shown(self) -> None:
        self.assertIn("Europe/London", self.read(admin_url("tokenorder", "add")))

        self.add(redeem_by="2099-07-01")

        order = TokenOrder.objects.get()
        self.assertEqual(order.redeem_by, datetime(2099, 7, 1, 23, tzinfo=UTC))
        self.assertEqual(last_day(order.redeem_by), date(2099, 7, 1))
        form = self.client.get(self.order_page(order)).context["adminform"].form
        self.assertEqual(form["redeem_by"].value(), date(2099, 7, 1))

    def test_today_may_be_the_last_day(self) -> None:
        self.add(redeem_by=last_day(timezone.now() + timedelta(seconds=1)).isoformat())

        self.assertEqual(TokenOrder.objects.count(), 1)

    def test_a_requested_order_can_be_changed_and_the_log_names_the_fields(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)

        self.post(self.order_page(order), self.fill_in(quantity="7", invoice_number="INV-9"))

        order.refresh_from_db()
        self.assertEqual((order.quantity, order.invoice_number), (7, "INV-9"))
        entry = order.log.first()
        self.assertEqual((entry.action, entry.actor), ("changed", self.course_admin))
        self.assertEqual(set(entry.detail.split(", ")), {"quantity", "invoice_number"})

    def test_saving_without_a_change_is_not_logged(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)

        self.post(self.order_page(order), self.fill_in(quantity="3"))

        self.assertEqual([entry.action for entry in order.log.all()], ["requested"])

    def test_a_past_redeem_by_does_not_keep_other_fields_from_being_changed(self) -> None:
        past = datetime(2020, 1, 2, tzinfo=UTC)
        order = factories.make_order(self.item, buyer=self.buyer, redeem_by=past)

        self.post(self.order_page(order), self.fill_in(quantity="7", redeem_by="2020-01-01"))

        order.refresh_from_db()
        self.assertEqual((order.quantity, order.redeem_by), (7, past))

    @ddt.data(OrderStatus.PROCESSING, OrderStatus.PROCESSED, OrderStatus.CANCELLED)
    def test_later_it_is_read_only(self, status) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)
        TokenOrder.objects.filter(pk=order.pk).update(status=status)

        page = self.read(self.order_page(order))
        answer = self.client.post(self.order_page(order), self.fill_in(quantity="7"))

        self.assertNotIn('name="quantity"', page)
        self.assertIn("1 High Street", page)
        self.assertEqual(answer.status_code, 403)
        order.refresh_from_db()
        self.assertEqual(order.quantity, 3)

    def test_an_order_for_a_course_that_the_lms_lost_is_refused_at_the_course(self) -> None:
        from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

        CourseOverview.objects.all().delete()

        answer = self.add()

        self.assertContains(answer, "any more")
        self.assertEqual(TokenOrder.objects.count(), 0)

    def test_saving_loses_to_processing_that_began_after_the_form_was_checked(self) -> None:
        from unittest.mock import patch

        order = factories.make_order(self.item, buyer=self.buyer)
        change = order_operations.change_order

        def processed_first(*args, **kwargs):
            factories.process(TokenOrder.objects.get(pk=order.pk))
            return change(*args, **kwargs)

        with patch("token_payments.orders.operations.change_order", processed_first):
            answer = self.post(self.order_page(order), self.fill_in(quantity="7"))

        self.assertContains(answer, "can&#x27;t be done any more")
        self.assertEqual(TokenOrder.objects.get().quantity, 3)


class SuggestionTests(AdminCase):
    def test_people_are_suggested_by_the_beginning_of_their_names(self) -> None:
        factories.make_user("beaten", name="Other", is_active=False)
        url = admin_url("tokenorder", "people")

        expected = [{"value": "buyer", "label": "Bea Buyer · buyer@example.com"}]
        for text in ("bea", "buy", "Buyer@"):
            self.assertEqual(self.client.get(url, {"q": text}).json()["options"], expected)
        self.assertEqual(self.client.get(url, {"q": "b"}).json()["options"], [])

    def test_groups_are_those_of_the_chosen_course(self) -> None:
        make_groups("Early shift")
        url = admin_url("tokenorder", "groups")

        for item, groups in ((self.item.pk, ["Early shift"]), ("0", []), ("x", []), ("", [])):
            self.assertEqual(self.client.get(url, {"item": item}).json()["groups"], groups)

    def test_only_those_who_fill_in_orders_are_told(self) -> None:
        self.sign_in("view_tokenorder")

        for page in ("people", "groups"):
            self.assertEqual(self.client.get(admin_url("tokenorder", page)).status_code, 403)
