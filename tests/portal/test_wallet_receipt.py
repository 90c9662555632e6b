"""The receipt of a payment from a wallet: who sees it, and who sees the balance on it."""

from __future__ import annotations

import ddt

from tests import factories
from tests.portal.wallet_base import NOW, WalletTestCase
from token_payments.checkout import operations as checkout_operations
from token_payments.models import Redemption
from token_payments.wallets import operations as wallet_operations

BALANCE = "Balance of Harbour now"


@ddt.ddt
class ReceiptTests(WalletTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.redemption = factories.pay(cls.learner, cls.item, cls.wallet, now=NOW)
        cls.address = f"/token-payments/receipt/{cls.redemption.uuid}/"
        people = {name: factories.make_user(name) for name in ("member", "manager", "stranger")}
        people["staff"] = factories.make_user("staff", is_staff=True)
        people["elsewhere"] = factories.make_user("elsewhere")
        cls.account.members.create(user=people["member"])
        cls.account.members.create(user=people["manager"], role="manager")
        factories.make_account("Elsewhere", managers=[people["elsewhere"]])

    def see_as(self, name):
        self.client.force_login(factories.find_user(name))
        return self.client.get(self.address)

    @ddt.data(("learner", True), ("manager", True), ("staff", False))
    @ddt.unpack
    def test_seen_with_the_balance_by_members_only(self, name, with_balance):
        response = self.see_as(name)
        for text in ("Lee Learner", "7 Gold", "of Harbour", "−5", "−2"):
            self.assertContains(response, text)
        self.assertEqual(BALANCE in response.content.decode(), with_balance)

    @ddt.data("member", "stranger", "elsewhere")
    def test_nobody_else_sees_it(self, name):
        self.assertEqual(self.see_as(name).status_code, 404)

    def test_manager_gets_no_buttons_and_no_words_of_the_learner(self):
        response = self.see_as("manager")
        self.assertContains(response, "The learner is enrolled.")
        for text in ("Go to the course", "Your place is paid for.", "You are enrolled"):
            self.assertNotContains(response, text)

    def test_each_entry_names_its_issue_and_expiry(self):
        response = self.see_as("learner")
        for entry in self.redemption.entries.all():
            self.assertContains(response, f"Spent, issue {entry.issue_id}")
        self.assertContains(response, "Expiry: end of November 29, 2026")
        self.assertContains(response, "Europe/London")

    def test_balance_is_that_of_now(self):
        self.issue(self.account, 100)
        self.assertEqual(self.see_as("learner").context["balance"].available, 108)

    def test_who_has_left_the_account_sees_the_receipt_without_the_balance(self):
        wallet_operations.remove_member(self.account, self.learner, actor=self.learner)
        response = self.see_as("learner")
        self.assertContains(response, "of Harbour")
        self.assertNotContains(response, BALANCE)

    def test_manager_who_has_left_sees_nothing(self):
        manager = factories.find_user("manager")
        successor = factories.make_user("successor")
        self.account.members.create(user=successor, role="manager")
        wallet_operations.remove_member(self.account, manager, actor=manager)
        self.assertEqual(self.see_as("manager").status_code, 404)

    def test_frozen_account_hides_nothing(self):
        self.freeze(self.account)
        self.assertContains(self.see_as("learner"), BALANCE)

    def test_who_paid_for_somebody_else_is_named(self):
        Redemption.objects.update(actor=factories.find_user("manager"))
        response = self.see_as("learner")
        self.assertContains(response, "Paid by")
        self.assertContains(response, "(manager)")

    def test_who_paid_for_themselves_is_not_named_twice(self):
        self.assertNotContains(self.see_as("learner"), "Paid by")

    def test_what_was_given_back_stands_beside_what_was_taken(self):
        checkout_operations.reverse(self.redemption.pk, actor=None, reason="left", now=NOW)
        response = self.see_as("learner")
        self.assertContains(response, "This payment was given back.")
        self.assertContains(response, "Given back, issue", count=2)
        self.assertContains(response, "+5")
        self.assertEqual(response.context["balance"].available, 15)
