from datetime import timedelta
from unittest.mock import patch

import ddt
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.admin.base import AdminCase
from token_payments import tasks
from token_payments.models import CodeStatus, OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations


class FinishProcessingTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        self.order = factories.make_order(self.item, buyer=self.buyer, quantity=25)
        self.url = self.order_page(self.order, "finish_processing")

    def test_the_change_menu_of_a_requested_order_has_three_steps(self) -> None:
        page = self.client.get(self.order_page(self.order))

        labels = [change.label for change in page.context["changes"]]
        self.assertEqual(labels, ["Finish Processing", "Decline", "Cancel"])
        self.assertContains(page, "<summary>Change</summary>")

    def test_it_asks_first_and_tells_the_number_and_does_nothing_yet(self) -> None:
        page = self.client.get(self.url)

        self.assertContains(page, "<strong>25</strong> tokens for <strong>Fire Safety</strong>")
        self.assertContains(page, "£3,725.00")
        self.order.refresh_from_db()
        self.assertEqual(self.order.status, OrderStatus.REQUESTED)

    def test_it_warns_when_learners_could_not_redeem(self) -> None:
        factories.allow_paid(enabled=False)

        self.assertContains(self.client.get(self.url), "Self-enrolment (Paid) is off")

    def test_it_warns_of_more_tokens_than_places_with_those_of_other_orders(self) -> None:
        factories.make_processed_order(self.item, buyer=self.buyer, quantity=6)
        factories.change_course(self.item.item_key, max_student_enrollments_allowed=31)
        self.assertNotContains(self.client.get(self.url), "Places left in the course")

        factories.change_course(self.item.item_key, max_student_enrollments_allowed=30)

        page = self.client.get(self.url)
        self.assertContains(page, "Places left in the course: 30.")
        self.assertContains(page, "with this order: 31.")

    def test_it_warns_that_enrolment_is_closed(self) -> None:
        over = timezone.now() - timedelta(days=1)
        factories.change_course(self.item.item_key, enrollment_end=over)

        self.assertContains(self.client.get(self.url), "Enrolment in the course is closed")

    def test_after_yes_the_tokens_exist_and_the_order_is_processed(self) -> None:
        answer = self.post(self.url)

        self.assertRedirects(answer, self.order_page(self.order))
        self.order.refresh_from_db()
        self.assertEqual(self.order.status, OrderStatus.PROCESSED)
        self.assertEqual(self.order.codes.count(), 25)
        started = self.order.log.get(action="processing")
        self.assertEqual(started.actor, self.course_admin)

    def test_yes_twice_makes_the_tokens_once_and_says_so(self) -> None:
        self.post(self.url)
        answer = self.post(self.url)

        self.assertContains(answer, "This order has been processed already.")
        self.assertEqual(self.order.codes.count(), 25)
        self.assertEqual(self.order.log.filter(action="processing").count(), 1)

    def test_a_cancelled_order_is_not_processed(self) -> None:
        order_operations.cancel_order(self.order.pk, actor=self.buyer, now=timezone.now())

        answer = self.post(self.url)

        self.assertContains(answer, "can&#x27;t be done any more: the order is cancelled")
        self.assertFalse(self.order.codes.exists())

    @override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {}})
    def test_without_a_secret_the_operator_is_asked_for_it(self) -> None:
        answer = self.post(self.url)

        self.assertContains(answer, "CODE_KEYS")
        self.order.refresh_from_db()
        self.assertEqual(self.order.status, OrderStatus.REQUESTED)

    def test_without_a_worker_it_says_processing_and_reports_how_far_it_is(self) -> None:
        with patch.object(tasks.work.process_order, "delay"):
            answer = self.post(self.url)

        self.assertContains(answer, "Processing")
        self.assertContains(answer, '<progress max="25" value="0"')
        self.assertContains(answer, 'http-equiv="refresh"')
        self.assertContains(answer, 'aria-live="polite"')
        progress = self.client.get(self.order_page(self.order, "progress")).json()
        self.assertEqual(progress, {"status": "processing", "made": 0, "quantity": 25})

    def test_resume_goes_on_where_a_dead_worker_stopped(self) -> None:
        with patch.object(tasks.work.process_order, "delay"):
            self.post(self.url)

        self.post(self.order_page(self.order, "resume"))

        self.assertNotIn("<progress", self.read(self.order_page(self.order)))
        self.assertEqual(self.order.codes.count(), 25)
        self.assertEqual(self.client.get(self.order_page(self.order, "resume")).status_code, 405)


@ddt.ddt
class CancelOrderTests(AdminCase):
    def cancel(self, order: TokenOrder, **data):
        return self.post(self.order_page(order, "cancel"), {"refund_amount": "0", **data})

    def make_used_order(self) -> TokenOrder:
        order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=5)
        for number, code in enumerate(factories.list_codes(order)[:2]):
            factories.redeem(factories.make_user(f"learner{number}"), self.item, code)
        return order

    def test_it_asks_first_with_both_numbers_and_suggests_the_refund(self) -> None:
        order = self.make_used_order()

        page = self.client.get(self.order_page(order, "cancel"))

        self.assertContains(page, "<strong>3</strong> unredeemed tokens become invalid")
        self.assertContains(page, "<strong>2</strong> redeemed tokens stay")
        self.assertEqual(str(page.context["form"]["refund_amount"].value()), "447.00")
        order.refresh_from_db()
        self.assertEqual(order.status, OrderStatus.PROCESSED)

    def test_after_yes_unredeemed_tokens_are_dead_and_redeemed_ones_stay(self) -> None:
        order = self.make_used_order()

        answer = self.cancel(order, refund_amount="400.50", reason="Project stopped")

        self.assertContains(answer, "2 redeemed tokens stay valid for their learners.")
        order.refresh_from_db()
        self.assertEqual(order.status, OrderStatus.CANCELLED)
        statuses = list(order.codes.order_by("serial").values_list("status", flat=True))
        self.assertEqual(statuses, [CodeStatus.REDEEMED] * 2 + [CodeStatus.CANCELLED] * 3)
        self.assertContains(
            self.client.get(self.order_page(order, "cancellations")), "Project stopped"
        )

    def test_yes_twice_refunds_once(self) -> None:
        order = self.make_used_order()
        self.cancel(order, refund_amount="100")

        answer = self.cancel(order, refund_amount="100")

        self.assertContains(answer, "has been cancelled already")
        self.assertEqual(order.cancellations.count(), 1)

    def test_a_requested_order_is_cancelled_and_no_refund_is_suggested(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)

        page = self.client.get(self.order_page(order, "cancel"))
        self.assertContains(page, "No tokens have been generated yet")
        self.assertEqual(page.context["form"]["refund_amount"].value(), 0)

        self.cancel(order)
        order.refresh_from_db()
        self.assertEqual(order.status, OrderStatus.CANCELLED)

    @ddt.data(
        ("745.01", "At most £745.00 can still be refunded"),
        ("-1", "greater than or equal to 0"),
        ("", "required"),
        ("much", "Enter a number"),
    )
    @ddt.unpack
    def test_a_wrong_refund_is_told_at_the_field_and_cancels_nothing(self, refund, text) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=5)

        answer = self.cancel(order, refund_amount=refund)

        self.assertIn(text, str(answer.context["form"].errors["refund_amount"]))
        order.refresh_from_db()
        self.assertEqual(order.status, OrderStatus.PROCESSED)
