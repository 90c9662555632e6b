"""Requests for accounts: what their managers may order, and nobody else; and who may request."""

from __future__ import annotations

from decimal import Decimal
from unittest.mock import patch

import ddt

from tests import factories
from tests.portal.orders.base import REQUEST, OrdersCase
from token_payments.errors import AccountFrozen
from token_payments.models import MAX_ISSUE, TokenOrder
from token_payments.wallets import operations as wallet_operations


@ddt.ddt
class AccountsTest(OrdersCase):
    def wallet_form(self, **fields):
        chosen = {"kind": "wallet", "item": "", "wallet_account": self.account.pk}
        return {**chosen, "token_type": self.gold.pk, **fields}

    def setUp(self) -> None:
        super().setUp()
        self.client.force_login(self.manager)

    def test_managers_order_wallet_tokens_at_the_types_price(self) -> None:
        self.gold.unit_price, self.gold.currency = Decimal("0.125"), "GBP"
        self.gold.redemption_days = 30
        self.gold.save()
        review = self.review(**self.wallet_form(quantity="1000"))
        for text in ("1,000 Gold", "× £0.125", "£125.00", "Expire 30 days after they are issued"):
            self.assertContains(review, text)
        self.send(review)
        order = TokenOrder.objects.get()
        self.assertEqual((order.kind, order.account, order.item), ("wallet", self.account, None))
        self.assertEqual((order.token_type, order.unit_price), (self.gold, Decimal("0.125")))

    def test_without_a_price_it_says_that_the_price_will_be_agreed(self) -> None:
        review = self.review(**self.wallet_form())
        self.assertContains(review, "The price will be agreed")
        self.send(review)
        self.assertIsNone(TokenOrder.objects.get().unit_price)

    def test_a_code_order_may_name_an_account_whose_managers_then_see_it(self) -> None:
        order = self.request_it(code_account=self.account.pk)
        self.assertEqual(order.account, self.account)
        other = factories.make_user("other")
        wallet_operations.set_member(self.account, other, "manager", actor=self.manager)
        self.client.force_login(other)
        self.assertEqual(self.client.get(self.order_url(order)).status_code, 200)

    @ddt.data("code_account", "wallet_account")
    def test_an_account_that_one_doesnt_manage_is_refused(self, field: str) -> None:
        wallet_operations.set_member(self.foreign, self.manager, "member", actor=self.manager)
        fields = self.wallet_form() if field == "wallet_account" else {}
        self.assert_refused(
            self.review(**{**fields, field: self.foreign.pk}), field, "valid choice"
        )

    def test_nor_is_it_taken_from_a_review_that_was_tampered_with(self) -> None:
        review = self.review(**self.wallet_form())
        answer = self.send(review, wallet_account=self.foreign.pk)
        self.assert_refused(answer, "wallet_account", "valid choice")

    def test_who_stopped_managing_the_account_meanwhile_is_refused(self) -> None:
        review = self.review(**self.wallet_form())
        other = factories.make_user("other")
        wallet_operations.set_member(self.account, other, "manager", actor=self.manager)
        wallet_operations.set_member(self.account, self.manager, "member", actor=other)
        self.assert_refused(self.send(review), "kind", "valid choice")

    def test_members_are_offered_no_account_and_no_wallet_tokens(self) -> None:
        wallet_operations.set_member(self.account, self.buyer, "member", actor=self.manager)
        self.client.force_login(self.buyer)
        page = self.client.get(REQUEST)
        for gone in ("Tokens for an account", "For the account", "Acme</option>"):
            self.assertNotContains(page, gone)

    def test_a_frozen_account_gets_nothing(self) -> None:
        wallet_operations.freeze_account(self.account.pk, actor=self.manager)
        self.assert_refused(self.review(**self.wallet_form()), "wallet_account", "frozen")

    def test_nor_when_it_is_frozen_between_review_and_sending(self) -> None:
        review = self.review(**self.wallet_form())
        with patch(
            "token_payments.orders.operations.request_order", side_effect=AccountFrozen("Acme")
        ):
            self.assert_refused(self.send(review), "wallet_account", "frozen")

    def test_an_archived_type_isnt_sold(self) -> None:
        tin = factories.make_type("Tin")
        wallet_operations.archive_type(tin.pk, actor=self.manager)
        self.assertNotContains(self.client.get(REQUEST), "Tin")
        answer = self.review(**self.wallet_form(token_type=tin.pk))
        self.assert_refused(answer, "token_type", "aren't sold any more")

    @ddt.data(
        ({"wallet_account": ""}, "wallet_account", "Select the account"),
        ({"token_type": ""}, "token_type", "Select the tokens"),
        ({"quantity": str(MAX_ISSUE + 1)}, "quantity", "from 1 to"),
    )
    @ddt.unpack
    def test_what_is_missing_or_too_much_is_told(self, fields, field, text) -> None:
        self.assert_refused(self.review(**self.wallet_form(**fields)), field, text)

    def test_more_wallet_tokens_than_codes_can_be_ordered(self) -> None:
        self.send(self.review(**self.wallet_form(quantity="1000001")))
        self.assertEqual(TokenOrder.objects.get().quantity, 1_000_001)

    def test_the_address_of_an_account_leads_to_the_form_with_it_chosen(self) -> None:
        page = self.client.get(REQUEST, {"account": self.account.pk, "kind": "wallet"})
        self.assertContains(page, f'<option value="{self.account.pk}" selected>', count=2)
        self.assertEqual(page.context["form"].chosen_kind, "wallet")


class VisitorsTest(OrdersCase):
    def test_the_right_to_add_orders_changes_nothing_here(self) -> None:
        root = factories.make_user("root", is_staff=True, is_superuser=True)
        self.client.force_login(root)
        page = self.client.get(REQUEST)
        self.assertNotContains(page, "Acme</option>")
        self.assertEqual(self.request_it().buyer, root)

    def test_nothing_is_sent_without_the_csrf_token(self) -> None:
        review = self.review()
        self.client.handler.enforce_csrf_checks = True
        self.assertEqual(self.send(review).status_code, 403)
        self.assertFalse(TokenOrder.objects.exists())

    def test_visitors_sign_in_first(self) -> None:
        self.client.logout()
        for answer in (self.client.get(REQUEST), self.client.post(REQUEST, self.form())):
            self.assertRedirects(answer, f"/login?next={REQUEST}", fetch_redirect_response=False)
