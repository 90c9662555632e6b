import re

import ddt

from tests import factories
from tests.admin.base import AdminCase
from token_payments.models import CodeStatus, TokenOrder


@ddt.ddt
class CancelTokensTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=10)
        codes = factories.list_codes(self.order)
        factories.redeem(factories.make_user("lee"), self.item, codes[9])
        self.url = self.order_page(self.order, "cancel_tokens")

    def open_form(self, **query):
        return self.client.get(self.url, query).context["form"]

    def save(self, **fields):
        key = self.open_form()["idempotency_key"].value()
        return self.post(
            self.url,
            {"quantity": "4", "refund_amount": "596", "idempotency_key": key, **fields},
        )

    def count(self, status: str) -> int:
        return self.order.codes.filter(status=status).count()

    def test_it_cancels_that_many_unused_tokens_and_lists_the_refund(self) -> None:
        answer = self.save(reason="Two teams left")

        self.assertRedirects(answer, self.order_page(self.order, "cancellations"))
        self.assertContains(answer, "4 tokens were cancelled, £596.00 refunded.")
        for text in ("Two teams left", "Casey Admin", "Refunded so far: £596.00"):
            self.assertContains(answer, text)
        self.assertEqual(self.count(CodeStatus.CANCELLED), 4)
        self.assertEqual(self.count(CodeStatus.REDEEMED), 1)
        entry = self.order.log.get(action="codes_cancelled")
        self.assertEqual((entry.actor, entry.quantity), (self.course_admin, 4))

    def test_it_cancels_those_that_are_chosen(self) -> None:
        answer = self.save(serials="7, 1-3")

        self.assertContains(answer, "no. 1-3, 7")
        gone = self.order.codes.filter(status=CodeStatus.CANCELLED)
        self.assertEqual(sorted(gone.values_list("serial", flat=True)), [1, 2, 3, 7])

    @ddt.data(
        ("1-3", "quantity", "The numbers below are 3"),
        ("seven", "serials", "such as 3, 7-9"),
        ("7-10", "serials", "3 of these 4 can be cancelled"),
    )
    @ddt.unpack
    def test_chosen_ones_that_cannot_be_cancelled_keep_all_others(self, serials, field, text):
        answer = self.save(serials=serials)

        self.assertIn(text, str(answer.context["form"].errors[field]))
        self.assertEqual(self.count(CodeStatus.CANCELLED), 0)

    def test_the_refund_is_suggested_from_price_and_number_and_may_be_another(self) -> None:
        form = self.open_form(quantity=3)
        self.assertEqual(str(form["refund_amount"].value()), "447.00")
        self.assertIn('data-unit-price="149.000"', str(form["refund_amount"]))

        self.save(quantity="3", refund_amount="10.50")

        self.assertEqual(str(self.order.cancellations.get().refund_amount), "10.500")

    def test_an_empty_refund_tells_what_the_tokens_did_cost(self) -> None:
        answer = self.save(refund_amount="")

        self.assertIn("£596.00", str(answer.context["form"].errors["refund_amount"]))
        self.assertEqual(self.count(CodeStatus.CANCELLED), 0)

    def test_a_double_click_cancels_once(self) -> None:
        key = self.open_form()["idempotency_key"].value()

        self.save(idempotency_key=key)
        answer = self.save(idempotency_key=key)

        self.assertContains(answer, "4 tokens were cancelled")
        self.assertEqual(self.count(CodeStatus.CANCELLED), 4)
        self.assertEqual(self.order.cancellations.count(), 1)

    def test_the_same_form_with_other_numbers_is_refused(self) -> None:
        key = self.open_form()["idempotency_key"].value()
        self.save(idempotency_key=key)

        answer = self.save(idempotency_key=key, quantity="2", refund_amount="0")

        self.assertContains(answer, "This form was saved before, with other numbers.")
        self.assertEqual(self.count(CodeStatus.CANCELLED), 4)

    @ddt.data(
        ({"quantity": "10", "refund_amount": "0"}, "quantity", "Only 9 unused tokens are left"),
        ({"quantity": "0"}, "quantity", "greater than or equal to 1"),
        ({"quantity": ""}, "quantity", "required"),
        ({"quantity": "x"}, "quantity", "whole number"),
        ({"refund_amount": "1490.01"}, "refund_amount", "At most £1,490.00"),
        ({"refund_amount": "-1"}, "refund_amount", "greater than or equal to 0"),
        ({"refund_amount": "NaN"}, "refund_amount", "Enter a number"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field_and_nothing_is_cancelled(
        self, fields, field, text
    ) -> None:
        answer = self.save(**fields)

        self.assertIn(text, str(answer.context["form"].errors[field]))
        self.assertEqual(self.count(CodeStatus.CANCELLED), 0)

    def test_what_was_refunded_before_counts(self) -> None:
        self.save(quantity="1", refund_amount="1000")

        answer = self.save(quantity="1", refund_amount="500")

        self.assertContains(answer, "At most £490.00")

    def test_an_order_without_a_price_suggests_nothing_and_takes_any_refund(self) -> None:
        TokenOrder.objects.filter(pk=self.order.pk).update(unit_price=None, currency="")
        self.assertIsNone(self.open_form(quantity=3)["refund_amount"].value())

        answer = self.save(refund_amount="7")

        self.assertContains(answer, "4 tokens were cancelled, 7 refunded.")

    def test_only_the_tokens_of_a_processed_order_can_be_cancelled(self) -> None:
        requested = factories.make_order(self.item, buyer=self.buyer)

        answer = self.post(self.order_page(requested, "cancel_tokens"), {"quantity": "1"})

        self.assertContains(answer, "Only the tokens of a processed order")

    def test_without_cancellations_the_list_says_so(self) -> None:
        page = self.read(self.order_page(self.order, "cancellations"))

        self.assertIn("nothing has been refunded", page)

    def test_the_log_has_every_step_with_its_actor(self) -> None:
        self.save()

        page = re.sub(r"\s+", " ", self.read(self.order_page(self.order, "log")))

        for text in ("Requested", "Processing started", "the system", "Tokens cancelled", "Casey"):
            self.assertIn(text, page)
