import ddt
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.admin.base import AdminCase, admin_url
from token_payments.assignments import operations as assignment_operations
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations

LIST = "tokenorder"


@ddt.ddt
class OrderListTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        self.url = admin_url(LIST, "changelist")
        self.outstanding = factories.make_order(
            self.item, buyer=self.buyer, invoice_number="INV-77"
        )
        self.processed = factories.make_processed_order(
            self.item,
            buyer=factories.make_user("otto", name="Otto Office", email="o.office@example.org"),
            quantity=5,
            purchase_order="PO-88",
        )

    def list_orders(self, **query):
        answer = self.client.get(self.url, query, follow=True)
        self.assertEqual(answer.status_code, 200)
        return list(answer.context["cl"].result_list)

    def test_filters_are_the_states_of_orders(self) -> None:
        cancelled = factories.make_order(self.item, buyer=self.buyer)
        order_operations.cancel_order(cancelled.pk, actor=self.buyer, now=cancelled.created_at)

        found = {
            status: self.list_orders(status=status)
            for status in ("requested", "processing", "processed", "cancelled")
        }

        self.assertEqual(
            found,
            {
                "requested": [self.outstanding],
                "processing": [],
                "processed": [self.processed],
                "cancelled": [cancelled],
            },
        )
        self.assertIn("Requested (1)", self.read(self.url))

    def test_a_row_tells_what_became_of_the_tokens(self) -> None:
        codes = factories.list_codes(self.processed)
        factories.redeem(factories.make_user("lee"), self.item, codes[0])
        assignment_operations.cancel_unused(
            self.processed.pk,
            quantity=1,
            refund_amount=0,
            actor=self.buyer,
            idempotency_key="k",
            now=self.processed.created_at,
        )

        processed, outstanding = self.list_orders()

        counts = processed.counts
        self.assertEqual((counts.redeemed, counts.available, counts.cancelled), (1, 3, 1))
        self.assertEqual(outstanding.counts.total, 0)
        page = self.read(self.url)
        self.assertIn("£745.00", page)
        self.assertIn("Otto Office", page)

    @ddt.data("otto", "Otto Off", "o.office@example.org", "PO-88")
    def test_search_finds_by_buyer_and_purchase_order(self, text) -> None:
        self.assertEqual(self.list_orders(q=text), [self.processed])

    def test_search_finds_by_invoice_and_by_order_number_in_any_spelling(self) -> None:
        number = self.outstanding.pk
        for text in ("inv-77", f"TO-{number:06d}", f"to-{number}", str(number)):
            self.assertIn(self.outstanding, self.list_orders(q=text), text)

    def test_a_posted_code_leads_to_its_order_and_stays_out_of_every_address(self) -> None:
        code = factories.list_codes(self.processed)[1]
        for typed in (code, code.lower(), code.replace("-", " ")):
            answer = self.client.post(admin_url(LIST, "search"), {"q": typed}, follow=True)

            self.assertRedirects(answer, self.order_page(self.processed))
            self.assertContains(answer, f"…{code[-4:]} is token no. 2 of this order: available.")
            self.assertNotContains(answer, code)

    def test_a_code_in_the_address_leads_on_at_once(self) -> None:
        code = factories.list_codes(self.processed)[0]

        answer = self.client.get(self.url, {"q": code})

        self.assertRedirects(answer, self.order_page(self.processed))

    def test_a_mistyped_code_is_not_put_into_an_address(self) -> None:
        code = factories.list_codes(self.processed)[0]
        other_end = "0" if code[-1] != "0" else "1"
        for mistyped in (code[:-1] + other_end, code[:-1] + "~", code[:-2], code + "7"):
            answer = self.client.post(admin_url(LIST, "search"), {"q": mistyped}, follow=True)

            self.assertRedirects(answer, f"{self.url}?")
            self.assertContains(answer, "Check it for typing errors")

    @ddt.data("otto", "Alexander Hamilton", "PO-88")
    def test_any_other_text_becomes_the_lists_search_beside_the_filter(self, text) -> None:
        answer = self.client.post(admin_url(LIST, "search"), {"q": text, "status": "processed"})

        self.assertEqual(answer.status_code, 302)
        self.assertIn("status=processed&q=", answer["Location"])

    def test_an_invoice_number_that_looks_like_a_code_is_still_found(self) -> None:
        TokenOrder.objects.filter(pk=self.outstanding.pk).update(invoice_number="INV20261234567890")

        answer = self.client.post(
            admin_url(LIST, "search"), {"q": "INV20261234567890"}, follow=True
        )

        self.assertEqual(list(answer.context["cl"].result_list), [self.outstanding])

    def test_the_search_is_for_those_who_may_see_orders(self) -> None:
        code = factories.list_codes(self.processed)[0]
        self.sign_in("view_catalogueitem")

        for answer in (
            self.client.post(admin_url(LIST, "search"), {"q": code}),
            self.client.get(self.url, {"q": code}),
        ):
            self.assertEqual(answer.status_code, 403)

    def test_more_orders_and_codes_take_no_more_queries(self) -> None:
        self.list_orders()
        with CaptureQueriesContext(
            connection,
        ) as few:
            self.list_orders()
        for number in range(8):
            buyer = factories.make_user(f"buyer{number}")
            factories.make_processed_order(self.item, buyer=buyer, quantity=20)

        with self.assertNumQueries(len(few)):
            self.list_orders()
