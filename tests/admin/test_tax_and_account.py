"""What the order's forms ask beside the essentials: tax, the account of codes, a type's price."""

from decimal import Decimal
from typing import Any

import ddt
from django.conf import settings
from django.test import override_settings

from tests import factories
from tests.admin.base import AdminCase, admin_url
from token_payments.models import TokenOrder, TokenType

TAXED = {**settings.TOKEN_PAYMENTS, "TAX_RATE": "7.7"}


@ddt.ddt
class TaxTests(AdminCase):
    def add(self, **fields: Any) -> Any:
        data = {"buyer": "buyer", "item": self.item.pk, "quantity": "10", **factories.ADDRESS}
        return self.post(admin_url("tokenorder", "add"), {**data, **fields})

    def change(self, order: TokenOrder, **fields: Any) -> Any:
        data = {"buyer": "buyer", "item": self.item.pk, "quantity": "3", **factories.ADDRESS}
        return self.post(self.order_page(order), {**data, **fields})

    @override_settings(TOKEN_PAYMENTS=TAXED)
    def test_a_new_order_comes_with_the_sites_rate(self) -> None:
        page = self.client.get(admin_url("tokenorder", "add"))

        self.assertContains(page, 'name="tax_rate" value="7.7"')

    @ddt.data(("7.7", Decimal("7.70")), ("0", Decimal(0)), ("", Decimal(0)), ("100", Decimal(100)))
    @ddt.unpack
    @override_settings(TOKEN_PAYMENTS=TAXED)
    def test_it_has_the_rate_that_was_entered_and_none_means_none(self, entered, rate) -> None:
        self.add(tax_rate=entered)

        order = TokenOrder.objects.get()
        self.assertEqual(order.tax_rate, rate)
        self.assertEqual(order.total, 1490 + order.compute_tax(Decimal(1490)))

    def test_without_a_rate_of_the_site_an_order_has_none(self) -> None:
        self.add(tax_rate="")

        self.assertIsNone(TokenOrder.objects.get().tax_rate)

    @ddt.data("-1", "100.01", "7.755", "x", "1e9", "NaN", "\0")
    def test_other_rates_are_refused_at_the_field(self, entered) -> None:
        answer = self.add(tax_rate=entered)

        self.assertEqual(list(answer.context["adminform"].form.errors), ["tax_rate"])
        self.assertFalse(TokenOrder.objects.exists())

    def test_while_it_is_requested_the_rate_and_the_account_can_be_changed(self) -> None:
        account = factories.make_account("Acme Homes")
        order = factories.make_order(self.item, buyer=self.buyer, tax_rate=Decimal(20))

        self.change(order, tax_rate="10", account="Acme Homes")

        order.refresh_from_db()
        self.assertEqual((order.tax_rate, order.account), (10, account))
        self.assertEqual(order.log.first().detail, "account, tax_rate")
        self.change(order, tax_rate="", account="")
        order.refresh_from_db()
        self.assertEqual((order.tax_rate, order.account), (None, None))

    def test_a_form_that_is_saved_as_it_is_changes_nothing(self) -> None:
        account = factories.make_account("Acme Homes")
        order = factories.make_order(
            self.item, buyer=self.buyer, tax_rate=Decimal(20), account=account
        )
        form = self.client.get(self.order_page(order)).context["adminform"].form

        self.change(order, tax_rate=form["tax_rate"].value(), account=form["account"].value())

        self.assertEqual([entry.action for entry in order.log.all()], ["requested"])

    def test_an_account_that_is_unknown_is_refused_at_the_field(self) -> None:
        answer = self.add(account="Nobody Ltd")

        self.assertEqual(list(answer.context["adminform"].form.errors), ["account"])

    def test_managers_of_its_account_look_after_an_order_of_codes(self) -> None:
        manager = factories.make_user("manny")
        factories.make_account("Acme Homes", managers=[manager])

        self.add(account="Acme Homes")

        order = TokenOrder.objects.get()
        self.assertEqual(order.account.name, "Acme Homes")
        self.assertEqual(list(order.account.members.values_list("user", flat=True)), [manager.pk])


class TypesPriceTests(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.gold = TokenType.objects.create(name="Gold", unit_price=Decimal(45), currency="GBP")
        factories.make_account("Acme Homes")
        cls.url = f"{admin_url('tokenorder', 'add')}?kind=wallet"

    def add(self, **fields: Any) -> TokenOrder:
        data = {"buyer": "buyer", "account": "Acme Homes", "token_type": self.gold.pk}
        self.post(self.url, {**data, "quantity": "4", **factories.ADDRESS, **fields})
        return TokenOrder.objects.get()

    def test_the_choice_tells_the_price_to_people_and_to_the_script(self) -> None:
        page = self.client.get(self.url)

        self.assertContains(page, "Gold – never expires – £45.00")
        self.assertContains(page, 'data-price="45.00" data-currency="GBP"')
        self.assertContains(page, 'data-price-of="id_token_type"')

    def test_a_price_left_empty_is_the_types(self) -> None:
        order = self.add()

        self.assertEqual((order.unit_price, order.currency, order.total), (45, "GBP", 180))

    def test_another_price_counts(self) -> None:
        order = self.add(unit_price="0", currency="EUR")

        self.assertEqual((order.unit_price, order.currency), (0, "EUR"))
