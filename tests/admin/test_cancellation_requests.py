"""Wishes to have tokens cancelled: shown on every page of the order, granted or declined."""

import ddt
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.admin.base import AdminCase
from token_payments.assignments import operations as assignment_operations
from token_payments.models import CancellationRequest, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.orders import queries as order_queries


@ddt.ddt
class WishTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        self.order = factories.make_processed_order(self.item, buyer=self.buyer, quantity=5)
        self.wish = self.ask(self.order)
        self.grant_url = self.order_page(self.order, "grant_cancellation")
        self.decline_url = self.order_page(self.order, "decline_cancellation")

    def ask(self, order: TokenOrder, quantity: int = 2, **fields) -> CancellationRequest:
        return assignment_operations.request_cancellation(
            order.pk,
            **{
                "quantity": quantity,
                "reason": "Two <b>left</b>",
                "actor": self.buyer,
                "idempotency_key": f"ask-{order.pk}",
                "now": timezone.now(),
                **fields,
            },
        )

    def grant(self, **fields):
        data = {"asked": self.wish.pk, "refund_amount": "298", "answer": "As agreed", **fields}
        return self.post(self.grant_url, data)

    def decline(self, **fields):
        return self.post(self.decline_url, {"asked": self.wish.pk, "answer": "Too late", **fields})

    def counts(self) -> tuple[int, int]:
        counts = order_queries.count_codes(self.order)
        return counts.available, counts.cancelled

    @ddt.data("change", "tokens", "cancellations", "log", "helpers")
    def test_an_open_wish_stands_above_every_page(self, page) -> None:
        text = self.read(self.order_page(self.order, page))

        self.assertIn("Cancellation requested", text)
        self.assertIn("Bea Buyer asked on", text)
        self.assertIn("<strong>2</strong> unused tokens", text)
        self.assertIn("Two &lt;b&gt;left&lt;/b&gt;", text)
        self.assertIn(self.grant_url, text)

    def test_a_viewer_sees_it_and_is_offered_no_answer(self) -> None:
        self.sign_in("view_tokenorder")

        text = self.read(self.order_page(self.order))

        self.assertIn("Cancellation requested", text)
        self.assertNotIn(self.grant_url, text)

    def test_the_refund_is_not_filled_in_and_what_the_tokens_cost_is_told(self) -> None:
        page = self.client.get(self.grant_url)

        self.assertIsNone(page.context["form"]["refund_amount"].value())
        self.assertContains(page, "These tokens did cost £298.00.")
        answer = self.grant(refund_amount="")
        self.assertEqual(set(answer.context["form"].errors), {"refund_amount"})
        self.assertEqual(self.counts(), (5, 0))

    def test_granting_cancels_what_was_asked_for_and_tells_who_asked(self) -> None:
        answer = self.grant()

        self.assertRedirects(answer, self.order_page(self.order, "cancellations"))
        self.assertContains(answer, "2 tokens were cancelled, £298.00 refunded.")
        self.assertContains(answer, "Granted")
        self.assertContains(answer, "As agreed")
        self.assertNotContains(answer, "Cancellation requested</h2>")
        self.assertEqual(self.counts(), (3, 2))
        (sent,) = mail.outbox
        self.assertEqual(sent.to, [self.buyer.email])
        self.grant()
        self.assertEqual(self.counts(), (3, 2))
        self.assertEqual(len(mail.outbox), 1)

    def test_declining_cancels_nothing_and_tells_who_asked(self) -> None:
        answer = self.decline()

        self.assertContains(answer, "The request is declined.")
        self.assertContains(answer, "Not granted")
        self.assertContains(answer, "Too late")
        self.assertEqual(self.counts(), (5, 0))
        (sent,) = mail.outbox
        self.assertIn("Too late", sent.body)

    def test_declining_needs_an_answer(self) -> None:
        for text in ("", " ", "a\0b"):
            self.assertTrue(self.decline(answer=text).context["form"].errors)
        self.wish.refresh_from_db()
        self.assertIsNone(self.wish.answered_at)

    def test_what_was_declined_meanwhile_cannot_be_granted(self) -> None:
        now = timezone.now()
        order_operations.decline_cancellation(
            self.wish.pk, answer="No", actor=self.course_admin, now=now
        )

        answer = self.grant()

        self.assertContains(answer, "This request was answered meanwhile")
        self.assertEqual(self.counts(), (5, 0))

    def test_what_was_granted_meanwhile_cannot_be_declined(self) -> None:
        self.grant()

        answer = self.decline()

        self.assertContains(answer, "This request was answered meanwhile")
        self.wish.refresh_from_db()
        self.assertEqual(self.wish.answer, "As agreed")

    def test_when_too_few_are_left_nothing_is_cancelled_and_it_says_so(self) -> None:
        codes = factories.list_codes(self.order)
        for number, code in enumerate(codes[:4]):
            factories.redeem(factories.make_user(f"learner{number}"), self.item, code)

        answer = self.grant()

        self.assertContains(answer, "Only 1 unused token is left to cancel. Decline the request")
        self.assertEqual(self.counts(), (1, 0))
        self.assertEqual(mail.outbox, [])

    def test_assigned_tokens_are_not_cancelled(self) -> None:
        people = [assignment_operations.Recipient(f"p{number}@example.com") for number in range(4)]
        assignment_operations.assign_codes(
            self.order.pk, people, actor=self.buyer, idempotency_key="a", now=timezone.now()
        )

        answer = self.grant()

        self.assertContains(answer, "Only 1 unused token is left to cancel.")
        self.assertContains(answer, "4 more are assigned to learners")
        self.assertEqual(self.counts(), (5, 0))

    def test_a_refund_beyond_what_was_paid_is_refused_at_its_field(self) -> None:
        answer = self.grant(refund_amount="745.01")

        self.assertEqual(set(answer.context["form"].errors), {"refund_amount"})
        self.assertEqual(self.counts(), (5, 0))

    @ddt.data("grant_cancellation", "decline_cancellation")
    def test_another_orders_wish_is_not_found(self, page) -> None:
        other = factories.make_processed_order(self.item, buyer=self.buyer)
        theirs = self.ask(other, 1)

        for number in (theirs.pk, 0, "", "x", "\0", 2**63):
            data = {"asked": number, "refund_amount": "0", "answer": "x"}
            answer = self.client.post(self.order_page(self.order, page), data)
            self.assertEqual(answer.status_code, 404)
        theirs.refresh_from_db()
        self.assertIsNone(theirs.answered_at)

    @ddt.data("grant_cancellation", "decline_cancellation")
    def test_without_a_wish_there_is_nothing_to_answer(self, page) -> None:
        self.decline()

        answer = self.client.get(self.order_page(self.order, page), follow=True)

        self.assertContains(answer, "There is no open cancellation request")

    def test_more_answered_wishes_take_no_more_queries(self) -> None:
        url = self.order_page(self.order, "cancellations")
        now = timezone.now()

        def answer_and_ask(number: int) -> None:
            open_one = order_queries.find_open_request(self.order)
            order_operations.decline_cancellation(
                open_one.pk, answer="No", actor=self.course_admin, now=now
            )
            self.ask(self.order, idempotency_key=f"again-{number}")

        answer_and_ask(0)
        self.read(url)
        with CaptureQueriesContext(connection) as few:
            self.read(url)
        for number in range(1, 5):
            answer_and_ask(number)

        with self.assertNumQueries(len(few)):
            self.read(url)
