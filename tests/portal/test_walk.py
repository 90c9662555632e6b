"""The way through: payment, review, finish, receipt; and what people do on it."""

from __future__ import annotations

from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from tests import factories
from tests.portal.base import COURSE, CheckoutTestCase, url
from token_payments.hosts import host
from token_payments.models import CatalogueItem, Redemption
from token_payments.webhooks.recording import list_audience

OWN_QUERIES_OF_FINISH = 10  # of the plugin's tables, the last notes the receipt to be mailed


class PaymentTests(CheckoutTestCase):
    def test_shows_what_is_bought_and_the_methods(self):
        response = self.client.get(url("checkout"))
        self.assertContains(response, "Fire Safety")
        self.assertContains(response, "£149.00")
        self.assertContains(response, "Token Code")
        self.assertContains(response, 'name="token_code-code"')

    def test_price_follows_the_language(self):
        with override("fr"):
            response = self.client.get(url("checkout"), headers={"accept-language": "fr"})
        self.assertContains(response, "149,00")

    def test_seats_left_are_told_where_they_are_limited(self):
        CatalogueItem.objects.update(seats=2)
        self.assertContains(self.client.get(url("checkout")), "2 seats left")

    def test_no_method_chosen_is_an_error_at_the_choice(self):
        response = self.client.post(url("checkout"), {"token_code-code": self.codes[0]})
        self.assertContains(response, "Choose how to pay.")
        self.assertContains(response, 'href="#tp-method"')

    def test_unknown_method_is_refused_like_none(self):
        response = self.client.post(url("checkout"), {"method": "gold"})
        self.assertContains(response, "Choose how to pay.")

    def test_empty_code_is_an_error_at_the_field(self):
        response = self.enter("")
        self.assertContains(response, "Enter your Token Code.")
        self.assertContains(response, 'aria-invalid="true"')
        self.assertContains(response, 'aria-describedby="id_token_code-code-error"')

    def test_what_was_mistyped_stays_in_the_field(self):
        response = self.enter("7KQ2-M4ZD-W9TX-3VBNX")
        self.assertContains(response, "typing error")
        self.assertContains(response, 'value="7KQ2-M4ZD-W9TX-3VBNX"')

    def test_forgiving_input(self):
        response = self.enter(f"  {self.codes[0].lower().replace('-', ' ')} ")
        self.assertRedirects(response, url("review"))


class WalkTests(CheckoutTestCase):
    def test_paid_enrolled_and_told_so(self):
        self.assertRedirects(self.enter(self.codes[0]), url("review"))
        review = self.review()
        self.assertContains(review, f"Token Code ending in {self.codes[0][-4:]}")
        self.assertContains(review, "Verified")
        self.assertContains(review, "Lee Learner")
        receipt = self.client.post(
            url("finish"), {"idempotency_key": review.context["idempotency_key"]}, follow=True
        )
        self.assertContains(receipt, "You are enrolled")
        self.assertContains(receipt, f"/courses/{COURSE}/course/")
        self.assertContains(receipt, f"ending in {self.codes[0][-4:]}")
        enrolment = host.get_enrolment(self.learner, COURSE)
        self.assertTrue(enrolment.is_active)
        self.assertEqual(enrolment.mode, "verified")

    def test_the_receipt_is_mailed_once_however_often_the_form_is_sent(self):
        self.enter(self.codes[0])
        nonce = self.get_nonce()
        with self.captureOnCommitCallbacks(execute=True):
            self.finish(nonce)
            self.finish(nonce)
        (message,) = mail.outbox
        self.assertEqual(message.to, [self.learner.email])
        receipt = f"/token-payments/receipt/{Redemption.objects.get().uuid}/"
        self.assertIn(receipt, message.body)

    def test_review_takes_nothing(self):
        self.enter(self.codes[0])
        self.review()
        self.assert_untouched()

    def test_review_without_a_choice_goes_to_payment(self):
        self.assertRedirects(self.review(), url("checkout"))

    def test_back_from_review_offers_to_go_on(self):
        self.enter(self.codes[0])
        self.assertContains(self.client.get(url("checkout")), "Continue to the review")

    def test_free_to_paid(self):
        host.enrol(self.learner, COURSE, mode="audit", reference="free")
        self.pay(self.codes[0])
        self.assertEqual(host.get_enrolment(self.learner, COURSE).mode, "verified")

    def test_group_is_shown_before_and_after(self):
        factories.make_group(COURSE, "Night shift")
        order = factories.make_processed_order(
            self.item, buyer=self.buyer, group_name="Night shift"
        )
        self.enter(factories.list_codes(order)[0])
        self.assertContains(self.review(), "Night shift")
        with self.captureOnCommitCallbacks(execute=True):
            receipt = self.finish(follow=True)
        self.assertContains(receipt, "You will be placed in Night shift shortly")
        receipt = self.client.get(receipt.redirect_chain[-1][0])
        self.assertContains(receipt, "Night shift")
        self.assertNotContains(receipt, "shortly")
        self.assertEqual(factories.group_of(self.learner, COURSE), "Night shift")

    def test_group_that_is_gone_is_told_kindly(self):
        order = factories.make_processed_order(self.item, buyer=self.buyer, group_name="Gone")
        self.enter(factories.list_codes(order)[0])
        with self.captureOnCommitCallbacks(execute=True):
            self.finish()
        redemption = Redemption.objects.get()
        self.assertEqual(redemption.group_state, "failed")
        response = self.client.get(f"/token-payments/receipt/{redemption.uuid}/")
        self.assertContains(response, "You will be placed in Gone shortly")


class RepeatTests(CheckoutTestCase):
    """Reload, back, double click, retry: one payment."""

    def setUp(self):
        super().setUp()
        self.enter(self.codes[0])
        self.nonce = self.get_nonce()

    def test_nonce_stays_over_reload_and_the_same_code_again(self):
        self.assertEqual(self.get_nonce(), self.nonce)
        self.enter(self.codes[0].lower())
        self.assertEqual(self.get_nonce(), self.nonce)

    def test_another_code_is_another_payment(self):
        self.enter(self.codes[1])
        self.assertNotEqual(self.get_nonce(), self.nonce)

    def test_form_of_an_earlier_choice_goes_back_to_review(self):
        self.enter(self.codes[1])
        self.assertRedirects(self.finish(self.nonce), url("review"))
        self.assert_untouched()

    def test_finish_sent_again_answers_with_the_same_receipt(self):
        first, second = self.finish(self.nonce), self.finish(self.nonce)
        self.assertEqual(first.status_code, 302)
        self.assertEqual(first["Location"], second["Location"])
        self.assertEqual(Redemption.objects.count(), 1)

    def test_second_click_that_read_the_session_before_finds_the_same(self):
        session = self.client.session
        kept = dict(session)
        first = self.finish(self.nonce)
        session.update(kept)
        session.save()
        self.assertEqual(self.finish(self.nonce)["Location"], first["Location"])
        self.assertEqual(Redemption.objects.count(), 1)

    def test_going_back_after_success_tells_of_the_enrolment(self):
        self.finish(self.nonce)
        response = self.client.get(url("review"), follow=True)
        self.assert_refused(response, 409, "You are already enrolled")
        self.assertContains(response, "See the receipt", status_code=409)

    def test_finish_without_a_nonce_or_with_nonsense_takes_nothing(self):
        for nonce in ("", "x", "0" * 32, "{" * 500):
            self.assertRedirects(
                self.client.post(url("finish"), {"idempotency_key": nonce}), url("review")
            )
        self.assert_untouched()

    def test_finish_asked_for_by_get_takes_nothing(self):
        self.assertRedirects(self.client.get(url("finish")), url("review"))
        self.assert_untouched()

    def test_queries_of_finish(self):
        list_audience()  # whether anybody wants webhooks is asked once a minute
        with CaptureQueriesContext(connection) as queries:
            self.finish(self.nonce)
        own = [query["sql"] for query in queries if "token_payments_" in query["sql"]]
        self.assertEqual(len(own), OWN_QUERIES_OF_FINISH, "\n".join(own))
