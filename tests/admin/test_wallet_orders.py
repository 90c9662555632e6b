"""Orders of wallet tokens: the form, Finish Processing and both ways to cancel."""

from datetime import UTC, datetime, timedelta

import ddt
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.admin.base import WalletCase, admin_url
from token_payments.models import (
    Account,
    LedgerEntry,
    OrderKind,
    OrderStatus,
    TokenIssue,
    TokenOrder,
    TokenType,
)
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations

PRICE = {"unit_price": "45", "currency": "GBP"}


@ddt.ddt
class WalletOrderFormTests(WalletCase):
    def fill_in(self, **fields):
        return {
            "buyer": "buyer",
            "account": self.account.name,
            "token_type": self.gold.pk,
            "quantity": "25",
            **PRICE,
            **fields,
        }

    def add(self, **fields):
        return self.post(self.add_url, self.fill_in(**fields))

    def test_the_form_asks_first_what_is_ordered_without_any_script(self) -> None:
        codes = self.client.get(admin_url("tokenorder", "add"))
        self.assertContains(codes, 'href="/admin/token_payments/tokenorder/add/?kind=wallet"')
        self.assertContains(codes, 'name="item"')
        self.assertNotContains(codes, 'name="token_type"')

        wallet = self.client.get(self.add_url)
        self.assertContains(wallet, 'name="account"')
        self.assertNotContains(wallet, 'name="item"')
        self.assertNotContains(wallet, 'name="group_name"')
        current = [kind.label for kind in wallet.context["kinds"] if kind.is_current]
        self.assertEqual(current, ["Wallet tokens for an account"])

    def test_an_order_is_saved_as_requested_and_nothing_is_issued(self) -> None:
        answer = self.add(invoice_number="INV-1", purchase_order="PO-1", **factories.ADDRESS)

        order = TokenOrder.objects.get()
        self.assertRedirects(answer, self.order_page(order))
        self.assertContains(answer, f"{order.number} is requested")
        self.assertEqual((order.kind, order.status), (OrderKind.WALLET, OrderStatus.REQUESTED))
        self.assertEqual((order.account, order.token_type), (self.account, self.gold))
        self.assertEqual((order.quantity, order.unit_price, order.currency), (25, 45, "GBP"))
        self.assertEqual((order.item, order.redeem_by, order.group_name), (None, None, ""))
        self.assertEqual(order.log.get().actor, self.course_admin)
        self.assertFalse(TokenIssue.objects.exists())

    def test_an_account_and_a_type_may_come_with_the_address(self) -> None:
        page = self.client.get(f"{self.add_url}&account={self.account.pk}")

        self.assertContains(page, 'value="Acme Homes"')

    def test_a_billing_address_left_empty_is_the_accounts(self) -> None:
        Account.objects.filter(pk=self.account.pk).update(billing_name="")

        self.add()

        order = TokenOrder.objects.get()
        address = (order.billing_name, order.billing_street, order.billing_postcode)
        self.assertEqual(address, ("Acme Homes", "1 High Street", "SW1A 1AA"))
        self.assertEqual((order.billing_city, order.billing_country.code), ("London", "GB"))

    def test_half_an_address_is_not_mixed_with_the_accounts(self) -> None:
        answer = self.add(billing_street="2 Low Road")

        errors = answer.context["adminform"].form.errors
        self.assertEqual(set(errors), {"billing_name", "billing_city", "billing_country"})

    def test_an_account_without_an_address_asks_for_one(self) -> None:
        bare = factories.make_account("Bare")

        answer = self.add(account=bare.name)

        errors = answer.context["adminform"].form.errors
        self.assertEqual(set(errors), {"billing_street", "billing_city", "billing_country"})
        self.assertIn("no complete billing address", str(errors["billing_city"]))

    def test_price_and_currency_may_both_be_left_empty(self) -> None:
        self.add(unit_price="", currency="")

        order = TokenOrder.objects.get()
        self.assertEqual((order.unit_price, order.currency, order.total), (None, "", None))

    def test_a_currency_may_be_typed_in_small_letters(self) -> None:
        self.add(currency="gbp")

        self.assertEqual(TokenOrder.objects.get().currency, "GBP")

    def test_a_form_that_is_saved_twice_requests_one_order(self) -> None:
        form = self.client.get(self.add_url).context["adminform"].form
        uuid = form["idempotency_key"].value()

        first, second = self.add(idempotency_key=uuid), self.add(idempotency_key=uuid)

        order = TokenOrder.objects.get()
        self.assertRedirects(first, self.order_page(order))
        self.assertRedirects(second, self.order_page(order))
        self.assertEqual(order.log.count(), 1)

    def test_a_form_that_was_saved_with_another_number_leads_to_a_new_one_of_its_kind(self) -> None:
        form = self.client.get(self.add_url).context["adminform"].form
        self.add(idempotency_key=form["idempotency_key"].value())

        answer = self.add(idempotency_key=form["idempotency_key"].value(), quantity="26")

        self.assertRedirects(answer, self.add_url)
        self.assertContains(answer, "This form was saved before")
        self.assertEqual(TokenOrder.objects.get().quantity, 25)

    def test_the_expiry_day_is_the_end_of_that_day_in_the_sites_zone(self) -> None:
        self.assertIn("Europe/London", self.read(self.add_url))

        self.add(redeem_by="2099-07-01")

        self.assertEqual(TokenOrder.objects.get().redeem_by, datetime(2099, 7, 1, 23, tzinfo=UTC))

    def test_ten_million_tokens_can_be_ordered(self) -> None:
        self.add(quantity="10000000")

        self.assertEqual(TokenOrder.objects.get().quantity, 10_000_000)

    @ddt.data(
        ({"buyer": "nobody"}, "buyer", "Nobody has the user name"),
        ({"account": ""}, "account", "required"),
        ({"account": "Nowhere Ltd"}, "account", "No account has the name or customer number"),
        ({"token_type": ""}, "token_type", "required"),
        ({"quantity": "0"}, "quantity", "greater than or equal to 1"),
        ({"quantity": "10000001"}, "quantity", "less than or equal to 10000000"),
        ({"unit_price": "-1"}, "unit_price", "greater than or equal to 0"),
        ({"unit_price": ""}, "unit_price", "Enter the price too"),
        ({"currency": ""}, "currency", "Enter the currency"),
        ({"currency": "XYZ"}, "currency", "is not a currency"),
        ({"invoice_number": "INV-1"}, "invoice_number", "Another token order has this invoice"),
        ({"redeem_by": "2020-01-01"}, "redeem_by", "This day is over"),
        ({"redeem_by": "soon"}, "redeem_by", "valid date"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field(self, fields, field, text) -> None:
        self.order(invoice_number="INV-1")

        answer = self.add(**fields)

        errors = answer.context["adminform"].form.errors
        self.assertEqual(list(errors), [field])
        self.assertIn(text, str(errors[field]))
        self.assertEqual(TokenOrder.objects.count(), 1)

    def test_frozen_accounts_and_archived_types_are_not_taken(self) -> None:
        wallet_operations.freeze_account(self.account.pk, actor=self.buyer)
        wallet_operations.archive_type(self.gold.pk, actor=self.buyer)

        page = self.read(self.add_url)
        self.assertNotIn("Gold", page)

        errors = self.add().context["adminform"].form.errors
        self.assertEqual(set(errors), {"account", "token_type"})
        self.assertIn("unfreeze it first", str(errors["account"]))
        self.assertFalse(TokenOrder.objects.exists())

    def test_the_account_is_found_by_its_customer_number_too_and_suggested(self) -> None:
        self.add(account="C-17")
        self.assertEqual(TokenOrder.objects.get().account, self.account)

        answer = self.client.get(admin_url("tokenorder", "accounts"), {"q": "c-1"})
        options = [{"value": self.account.name, "label": "C-17"}]
        self.assertEqual(answer.json(), {"options": options})

    def test_an_account_that_is_frozen_after_the_form_was_checked_gets_no_order(self) -> None:
        from unittest.mock import patch

        request = order_operations.request_order

        def frozen_first(order, **arguments):
            order.account = wallet_operations.freeze_account(order.account_id, actor=self.buyer)
            return request(order, **arguments)

        with patch("token_payments.orders.operations.request_order", frozen_first):
            answer = self.add()

        self.assertContains(answer, "Unfreeze it")
        self.assertFalse(TokenOrder.objects.exists())

    def test_a_requested_order_can_be_changed_and_the_log_names_the_fields(self) -> None:
        order = self.order(unit_price=45, currency="GBP")
        silver = factories.make_type("Silver")

        page = self.client.get(self.order_page(order))
        self.assertEqual(str(page.context["adminform"].form["unit_price"].value()), "45.00")
        fields = {"quantity": "7", "token_type": silver.pk, **factories.ADDRESS}
        self.post(self.order_page(order), self.fill_in(**fields))

        order.refresh_from_db()
        self.assertEqual((order.quantity, order.token_type), (7, silver))
        self.assertEqual((order.kind, order.account), (OrderKind.WALLET, self.account))
        entry = order.log.first()
        self.assertEqual((entry.action, entry.actor), ("changed", self.course_admin))
        self.assertEqual(set(entry.detail.split(", ")), {"quantity", "token_type"})

    def test_an_order_whose_account_is_frozen_can_still_be_changed(self) -> None:
        order = self.order(unit_price=45, currency="GBP")
        wallet_operations.freeze_account(self.account.pk, actor=self.buyer)

        self.post(self.order_page(order), self.fill_in(quantity="7", **factories.ADDRESS))

        order.refresh_from_db()
        self.assertEqual(order.quantity, 7)

    def test_the_address_cannot_turn_an_order_into_one_of_the_other_kind(self) -> None:
        order = self.order()

        page = self.client.get(f"{self.order_page(order)}?kind=codes")

        self.assertContains(page, 'name="account"')
        self.assertNotContains(page, 'name="item"')

    @ddt.data(OrderStatus.PROCESSED, OrderStatus.CANCELLED)
    def test_later_it_is_read_only(self, status) -> None:
        order = self.order()
        TokenOrder.objects.filter(pk=order.pk).update(status=status)

        page = self.read(self.order_page(order))
        answer = self.client.post(self.order_page(order), self.fill_in(quantity="7"))

        self.assertNotIn('name="quantity"', page)
        self.assertIn("1 High Street", page)
        self.assertEqual(answer.status_code, 403)


class FinishProcessingTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.wanted = self.order(quantity=25, unit_price=45, currency="GBP")
        self.url = self.order_page(self.wanted, "finish_processing")

    def test_it_asks_first_and_tells_what_is_issued_to_whom_and_until_when(self) -> None:
        TokenOrder.objects.update(redeem_by=datetime(2099, 7, 1, 23, tzinfo=UTC))

        page = self.client.get(self.url)

        self.assertContains(page, "<strong>25 Gold</strong> tokens are issued")
        self.assertContains(page, "to <strong>Acme Homes</strong>")
        self.assertContains(page, "July 1, 2099, until midnight Europe/London time")
        self.assertContains(page, "£1,125.00")
        self.assertFalse(TokenIssue.objects.exists())

    def test_without_an_expiry_day_it_tells_the_one_that_the_type_gives(self) -> None:
        factories.make_type("Silver")

        self.assertContains(self.client.get(self.url), "They can be spent up to and including")
        TokenType.objects.update(redemption_days=None)
        self.assertContains(self.client.get(self.url), "They never expire.")

    def test_after_yes_the_tokens_are_in_the_wallet_and_the_order_is_processed(self) -> None:
        answer = self.post(self.url)

        self.assertRedirects(answer, self.order_page(self.wanted))
        self.assertContains(answer, "25 Gold tokens were issued to Acme Homes.")
        self.wanted.refresh_from_db()
        self.assertEqual(self.wanted.status, OrderStatus.PROCESSED)
        self.assertEqual(self.wanted.issue.reference, self.wanted.number)
        self.assertEqual(self.balance(), 25)
        started = self.wanted.log.get(action="processing")
        self.assertEqual(started.actor, self.course_admin)

    def test_yes_twice_issues_once_and_says_so(self) -> None:
        self.post(self.url)
        answer = self.post(self.url)

        self.assertContains(answer, "This order has been processed already.")
        self.assertEqual(self.balance(), 25)

    def assert_refused(self, text: str) -> None:
        page = self.client.get(self.url)
        self.assertContains(page, text)
        self.assertNotContains(page, ">Yes<")
        self.assertContains(self.post(self.url), text)
        self.wanted.refresh_from_db()
        self.assertEqual(self.wanted.status, OrderStatus.REQUESTED)
        self.assertFalse(TokenIssue.objects.exists())

    def test_a_frozen_account_gets_nothing_and_it_is_told_what_to_do(self) -> None:
        wallet_operations.freeze_account(self.account.pk, actor=self.buyer)

        self.assert_refused("Unfreeze it, or choose another account")

    def test_an_archived_type_is_not_issued_and_it_is_told_what_to_do(self) -> None:
        wallet_operations.archive_type(self.gold.pk, actor=self.buyer)

        self.assert_refused("Restore it, or choose another type")

    def test_an_expiry_day_that_is_over_is_told(self) -> None:
        TokenOrder.objects.update(redeem_by=timezone.now() - timedelta(hours=1))

        self.assert_refused("Choose a later day, or none")

    def test_the_figures_and_the_details_follow_the_tokens(self) -> None:
        self.post(self.url)
        self.spend(7)

        page = self.client.get(self.order_page(self.wanted))

        figures = dict(page.context["figures"])
        expected = {"Ordered": "25", "Available": "18", "Spent": "7", "Cancelled": "0"}
        self.assertEqual(figures, {**expected, "Expired": "0", "Total": "£1,125.00"})
        self.assertContains(page, "18 of 25 left")
        for model, pk in (
            ("account", self.account.pk),
            ("tokentype", self.gold.pk),
            ("tokenissue", TokenIssue.objects.get().pk),
        ):
            self.assertContains(page, f'href="{admin_url(model, "change", pk)}"')
        self.assertContains(page, "Gold for Acme Homes")
        labels = [tab.label for tab in page.context["tabs"]]
        others = ["Token Cancellations / Refunds", "Invoice", "Helpers", "Log"]
        self.assertEqual(labels, ["Details", *others])
        self.assertNotContains(page, "Email list of available Tokens")
        self.assertContains(page, "Cancel Tokens")

    def test_expired_tokens_are_no_longer_available(self) -> None:
        past = timezone.now() - timedelta(days=400)
        order = self.order(quantity=5, now=past)
        order_operations.start_processing(order.pk, actor=self.buyer, now=past)

        figures = dict(self.client.get(self.order_page(order)).context["figures"])

        self.assertEqual((figures["Available"], figures["Expired"]), ("0", "5"))
        self.assertIn("5 expired", self.read(admin_url("tokenorder", "changelist")))


@ddt.ddt
class CancelTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.used = self.process(self.order(quantity=10, unit_price=45, currency="GBP"))
        self.spend(3)
        self.url = self.order_page(self.used, "cancel_tokens")

    def save(self, **fields):
        key = self.client.get(self.url).context["form"]["idempotency_key"].value()
        return self.post(
            self.url,
            {"quantity": "4", "refund_amount": "180", "idempotency_key": key, **fields},
        )

    def test_so_many_unspent_tokens_are_taken_back_and_the_refund_is_listed(self) -> None:
        self.assertContains(
            self.client.get(self.url), "7 of 10 tokens are unspent and can be cancelled."
        )

        answer = self.save(reason="Two people left")

        self.assertRedirects(answer, self.order_page(self.used, "cancellations"))
        for text in ("4 tokens were cancelled, £180.00 refunded.", "Two people left"):
            self.assertContains(answer, text)
        self.assertEqual(self.balance(), 3)
        entry = LedgerEntry.objects.get(kind="cancel")
        self.assertEqual((entry.amount, entry.actor), (-4, self.course_admin))
        self.assertIn("Tokens cancelled", self.read(self.order_page(self.used, "log")))

    def test_the_refund_is_suggested_from_price_and_number(self) -> None:
        form = self.client.get(self.url, {"quantity": 3}).context["form"]

        self.assertEqual(str(form["refund_amount"].value()), "135.00")

    def test_a_double_click_cancels_once(self) -> None:
        key = self.client.get(self.url).context["form"]["idempotency_key"].value()

        self.save(idempotency_key=key)
        self.save(idempotency_key=key)

        self.assertEqual(self.balance(), 3)
        self.assertEqual(self.used.cancellations.count(), 1)

    @ddt.data(
        ({"quantity": "8", "refund_amount": "0"}, "quantity", "Only 7 unspent tokens are left"),
        ({"quantity": "0"}, "quantity", "greater than or equal to 1"),
        ({"refund_amount": "450.01"}, "refund_amount", "At most £450.00"),
        ({"refund_amount": ""}, "refund_amount", "£180.00"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field_and_nothing_is_taken(
        self, fields, field, text
    ) -> None:
        answer = self.save(**fields)

        self.assertIn(text, str(answer.context["form"].errors[field]))
        self.assertEqual(self.balance(), 7)
        self.assertFalse(self.used.cancellations.exists())

    def test_cancelling_asks_with_both_numbers_and_suggests_the_refund_of_the_unspent(self) -> None:
        page = self.client.get(self.order_page(self.used, "cancel"))

        self.assertContains(page, "<strong>7</strong> unspent tokens are taken back")
        self.assertContains(page, "<strong>3</strong> spent tokens stay spent")
        self.assertEqual(str(page.context["form"]["refund_amount"].value()), "315.00")
        self.assertEqual(self.balance(), 7)

    def test_after_yes_the_unspent_are_gone_and_the_spent_stay_spent(self) -> None:
        url = self.order_page(self.used, "cancel")

        answer = self.post(url, {"refund_amount": "300", "reason": "Merged"})
        again = self.post(url, {"refund_amount": "300"})

        self.assertContains(answer, "3 spent tokens stay spent")
        self.assertContains(again, "has been cancelled already")
        self.used.refresh_from_db()
        self.assertEqual(self.used.status, OrderStatus.CANCELLED)
        self.assertEqual(self.balance(), 0)
        self.assertEqual(self.used.cancellations.get().quantity, 7)
        self.assertEqual(self.used.issue.entries.get(kind="debit").amount, -3)

    def test_expired_tokens_are_neither_taken_back_nor_refunded(self) -> None:
        past = timezone.now() - timedelta(days=400)
        order = self.order(quantity=5, unit_price=45, currency="GBP", now=past)
        order_operations.start_processing(order.pk, actor=self.buyer, now=past)

        page = self.client.get(self.order_page(order, "cancel"))

        self.assertContains(page, "<strong>0</strong> unspent tokens are taken back")
        self.assertEqual(page.context["form"]["refund_amount"].value(), 0)

    def test_a_requested_order_is_cancelled_and_no_refund_is_suggested(self) -> None:
        order = self.order()
        url = self.order_page(order, "cancel")

        page = self.client.get(url)
        self.assertContains(page, "No tokens have been issued yet")
        self.assertEqual(page.context["form"]["refund_amount"].value(), 0)

        self.post(url, {"refund_amount": "0"})
        order.refresh_from_db()
        self.assertEqual(order.status, OrderStatus.CANCELLED)

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_while_switched_off_nothing_can_be_taken_back(self) -> None:
        for page in ("cancel", "cancel_tokens"):
            answer = self.post(self.order_page(self.used, page), {"refund_amount": "0"})

            self.assertContains(answer, "Token payments are switched off")
        self.assertEqual(self.balance(), 7)
