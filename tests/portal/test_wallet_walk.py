"""Paying from a wallet, step by step: what is shown, what is taken, and that it is taken once."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.portal.base import COURSE, url
from tests.portal.wallet_base import LATER, SOON, WalletTestCase
from token_payments.catalogue import operations as catalogue_operations
from token_payments.hosts import host
from token_payments.models import Redemption, TokenIssue
from token_payments.wallets import queries as wallet_queries


class PaymentTests(WalletTestCase):
    def test_card_tells_account_cost_balance_and_what_is_drawn(self):
        response = self.open()
        for text in (
            "Harbour",
            "7 Gold",
            "15 Gold",
            "5 expire November 29, 2026",
            "2 expire December 22, 2026",
            "8 Gold",
        ):
            self.assertContains(response, text)

    def test_the_only_one_that_can_pay_is_chosen_already(self):
        poor = factories.make_account("Poor", members=[self.learner])
        self.issue(poor, 4)
        self.assertContains(self.open(), f'value="{self.wallet.pk}"')
        self.assertContains(self.open(), " checked", count=1)

    def test_of_two_that_can_pay_none_is_chosen_for_the_learner(self):
        self.issue(factories.make_account("Rich", members=[self.learner]), 100)
        self.assertNotContains(self.open(), " checked")

    def test_issues_of_one_expiry_are_told_as_one(self):
        self.issue(self.account, 1, expires_at=SOON)
        self.assertContains(self.open(), "6 expire November 29, 2026")
        self.assertContains(self.open(), "1 expires December 22, 2026")

    def test_tokens_that_never_expire_say_so(self):
        TokenIssue.objects.update(expires_at=None)
        self.assertContains(self.open(), "7 never expire")

    def test_what_is_short_is_shown_with_what_is_missing_and_cannot_be_chosen(self):
        poor = factories.make_account("Poor", members=[self.learner])
        issue = self.issue(poor, 4)
        response = self.open()
        self.assertContains(response, "3 Gold short: 4 of 7.")
        self.assertNotContains(response, f'value="{issue.wallet_id}"')

    def test_frozen_account_is_shown_and_cannot_be_chosen(self):
        self.freeze(self.account)
        response = self.open()
        self.assertContains(response, "Harbour")
        self.assertContains(response, "The account is frozen")
        self.assertNotContains(response, 'type="radio"')

    def test_a_type_of_which_the_account_has_nothing_is_left_out_beside_one_that_it_has(self):
        prices = {self.gold: 7, self.silver: 10}
        catalogue_operations.save_item(self.item, methods=["wallet"], token_prices=prices)
        self.assertNotContains(self.open(), "Silver short")
        self.issue(self.account, 1, self.silver)
        self.assertContains(self.open(), "9 Silver short: 1 of 10.")

    def test_without_any_tokens_the_whole_price_is_short(self):
        TokenIssue.objects.update(remaining=0)
        response = self.open()
        self.assertContains(response, "7 Gold short: 0 of 7.")
        self.assertContains(response, "You can't pay for this course yet")
        self.assertNotContains(response, "Next")

    def test_who_is_in_no_account_is_told_what_to_do(self):
        self.client.force_login(factories.make_user("stranger"))
        response = self.open()
        self.assertContains(response, "You aren't a member of an account")
        self.assertNotContains(response, "Harbour")
        self.assertNotContains(response, "Next")

    def test_visitors_choose_the_account_after_signing_in(self):
        self.client.logout()
        response = self.open()
        self.assertContains(response, "You choose the account after signing in.")
        self.assertNotContains(response, "Harbour")
        self.assertContains(response, "Next")

    def test_the_only_method_is_not_asked_for(self):
        response = self.open()
        self.assertNotContains(response, "Payment method")
        self.assertContains(response, '<input type="hidden" name="method" value="wallet">')

    def test_price_is_in_tokens_where_nothing_else_pays(self):
        response = self.open()
        self.assertEqual(response.context["price"], "")
        self.assertEqual(response.context["token_prices"], "7 Gold")
        self.assertNotContains(response, "£149")

    def test_every_type_that_pays_is_named_in_the_price(self):
        prices = {self.gold: 7, self.silver: 1000}
        catalogue_operations.save_item(self.item, methods=["wallet"], token_prices=prices)
        self.assertContains(self.open(), "7 Gold or 1,000 Silver")

    def test_nothing_chosen_is_an_error_tied_to_the_choice(self):
        self.issue(factories.make_account("Rich", members=[self.learner]), 100)
        response = self.choose("")
        self.assertContains(response, "Choose which account&#x27;s tokens to pay with.")
        self.assertContains(response, 'href="#id_wallet-wallet"')
        self.assertContains(response, 'aria-describedby="id_wallet-wallet-error"')
        self.assertContains(response, 'id="id_wallet-wallet-error"')


class WalkTests(WalletTestCase):
    def test_paid_enrolled_and_told_so(self):
        self.assertRedirects(self.choose(), url("review"))
        review = self.review()
        for text in (
            "7 Gold of Harbour",
            "End of November 29, 2026",
            "End of December 22, 2026",
            "Balance of Harbour afterwards",
            "Europe/London",
        ):
            self.assertContains(review, text)
        self.assertEqual(review.context["quote"].balance_after, 8)
        self.assert_untouched()
        receipt = self.finish(review.context["idempotency_key"], follow=True)
        for text in ("You are enrolled", "Training tokens", "of Harbour", "−5", "−2", "7 Gold"):
            self.assertContains(receipt, text)
        self.assertContains(receipt, "Balance of Harbour now")
        self.assertEqual(receipt.context["balance"].available, 8)
        self.assertEqual(self.remaining(), [8, 0])
        self.assertTrue(host.get_enrolment(self.learner, COURSE).is_active)

    def test_review_names_the_price_that_is_paid(self):
        prices = {self.gold: 7, self.silver: 10}
        catalogue_operations.save_item(
            self.item, methods=["wallet", "token_code"], token_prices=prices
        )
        self.choose()
        self.assertNotContains(self.review(), "£149")
        self.assertNotContains(self.review(), "Silver")

    def test_the_chosen_account_pays_and_no_other(self):
        rich = factories.make_account("Rich", members=[self.learner])
        self.issue(rich, 100)
        self.choose(factories.find_wallet(rich, self.gold))
        self.assertContains(self.review(), "7 Gold of Rich")
        self.finish()
        self.assertEqual(self.remaining(), [10, 5, 93])

    def test_back_from_review_the_choice_is_still_made(self):
        rich = factories.make_account("Rich", members=[self.learner])
        self.issue(rich, 100)
        key = factories.find_wallet(rich, self.gold).pk
        self.choose(str(key))
        response = self.open()
        self.assertContains(response, "Continue to the review")
        choice = response.context["form"].chosen.fields[0].bound.value()
        self.assertEqual(choice, str(key))
        self.assertContains(response, " checked", count=1)

    def test_finish_sent_again_finds_the_same_receipt_and_takes_nothing(self):
        self.choose()
        nonce = self.get_nonce()
        first = self.finish(nonce)
        self.freeze(self.account)
        self.assertEqual(self.finish(nonce)["Location"], first["Location"])
        self.assertEqual(self.remaining(), [8, 0])
        self.assertEqual(Redemption.objects.count(), 1)

    def test_after_signing_in_the_account_is_asked_for_without_an_error(self):
        self.client.logout()
        self.issue(factories.make_account("Rich", members=[self.learner]), 100)
        response = self.choose("")
        self.assertTrue(response["Location"].startswith("/login?next="))
        self.client.force_login(self.learner)
        response = self.client.get(url("review"), follow=True)
        self.assertContains(response, "Harbour")
        self.assertNotContains(response, 'role="alert"')
        self.assertNotContains(response, "Continue to the review")

    def test_enrolled_again_after_leaving_takes_nothing(self):
        from common.djangoapps.student.models import CourseEnrollment

        self.choose()
        self.finish()
        CourseEnrollment.unenroll(self.learner, factories.key(COURSE))
        response = self.open()
        self.assertContains(response, "You have already paid", status_code=409)
        self.client.post(url("enrol_again"))
        self.assertEqual(self.remaining(), [8, 0])


class BesideCodesTests(WalletTestCase):
    methods = ("token_code", "wallet")

    def test_each_method_has_its_radio_button(self):
        response = self.open()
        self.assertContains(response, 'name="method" value="token_code" checked')
        self.assertContains(response, 'name="method" value="wallet"')
        self.assertContains(response, "or 7 Gold")
        self.assertContains(response, "£149.00")

    def test_an_address_can_name_the_method(self):
        response = self.client.get(url("checkout"), {"method": "wallet"})
        self.assertContains(response, 'name="method" value="wallet" checked')
        response = self.client.get(url("checkout"), {"method": "badge"})
        self.assertContains(response, 'name="method" value="token_code" checked')

    def test_visitors_choice_of_tokens_is_kept_through_sign_in(self):
        self.client.logout()
        self.choose("")
        self.client.force_login(self.learner)
        response = self.client.get(url("review"), follow=True)
        self.assertContains(response, 'name="method" value="wallet" checked')

    def test_tokens_that_do_not_suffice_are_an_error_at_the_method_only_when_chosen(self):
        TokenIssue.objects.update(remaining=1)
        self.assertNotContains(self.open(), 'role="alert"')
        response = self.choose("")
        self.assertContains(response, "You have no tokens that can pay for this course.")
        self.assertContains(response, 'href="#id_wallet-wallet"')
        self.assertContains(response, 'id="id_wallet-wallet"')

    def test_session_has_the_wallet_and_the_price_agreed(self):
        self.choose()
        kept = self.client.session["token_payments_checkout"][COURSE]
        self.assertEqual(kept["reference"], {"wallet": str(self.wallet.pk), "tokens": "7"})


class QueryTests(WalletTestCase):
    """No page asks more because somebody has more issues, accounts or types."""

    def count(self, act) -> int:
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    def grow(self) -> None:
        types = [factories.make_type(f"Type {number}") for number in range(4)]
        prices = {self.gold: 7} | dict.fromkeys(types, 3)
        catalogue_operations.save_item(self.item, methods=["wallet"], token_prices=prices)
        for number in range(5):
            account = factories.make_account(f"Account {number}", members=[self.learner])
            for kind in types:
                self.issue(account, 1, kind)
                self.issue(account, 5, kind, expires_at=LATER)
        TokenIssue.objects.filter(wallet=self.wallet).update(remaining=1)
        for _ in range(5):
            self.issue(self.account, 1, expires_at=SOON)

    def walk(self) -> list[int]:
        """Queries of Payment, of Next, of Review and of the receipt."""
        steps = [self.count(self.open), self.count(self.choose), self.count(self.review)]
        address = self.finish()["Location"]
        return [*steps, self.count(lambda: self.client.get(address))]

    def test_payment_review_and_receipt_ask_as_much_as_ever(self):
        self.walk()  # fills the caches
        for name in ("second", "third"):
            other = factories.make_user(name)
            self.account.members.create(user=other)
        few_user = factories.find_user("second")
        self.client.force_login(few_user)
        self.issue(self.account, 7)
        few = self.walk()
        self.grow()
        self.learner = factories.find_user("third")
        self.client.force_login(self.learner)
        many_accounts = wallet_queries.list_accounts(factories.find_user("learner"))
        for account in many_accounts.exclude(pk=self.account.pk):
            account.members.create(user=self.learner)
        self.assertEqual(self.walk(), few)
        drawn = Redemption.objects.get(learner=self.learner).entries.count()
        self.assertGreaterEqual(drawn, 5)

    def test_finish_asks_as_much_for_one_issue_as_for_seven(self):
        self.walk()
        counts = []
        for name, quantities in (("second", [7]), ("third", [1] * 7)):
            learner = factories.make_user(name)
            self.account.members.create(user=learner)
            TokenIssue.objects.update(remaining=0)
            for quantity in quantities:
                self.issue(self.account, quantity)
            self.client.force_login(learner)
            self.choose()
            nonce = self.get_nonce()
            counts.append(self.count(lambda nonce=nonce: self.finish(nonce)))
            self.assertEqual(
                Redemption.objects.get(learner=learner).entries.count(), len(quantities)
            )
        self.assertEqual(counts[0], counts[1])
