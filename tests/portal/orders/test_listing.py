"""Manage My Tokens and the lists of orders: whose orders, in which words, and what is searched."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import ddt
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.portal.orders.base import HOME, ORDERS, TEXTS, OrdersCase
from tests.portal.told import WARNING, assert_told
from token_payments.assignments import operations as assignment_operations
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.l10n.formats import format_day
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations


class ListCase(OrdersCase):
    def order(self, **fields: Any) -> TokenOrder:
        return factories.make_order(self.item, **{"buyer": self.buyer, **fields})

    def processed(self, **fields: Any) -> TokenOrder:
        return factories.process(self.order(**fields))

    def open(self, address: str = ORDERS, **query: str) -> Any:
        return self.client.get(address, query)

    def numbers(self, **query: str) -> list[str]:
        """Of the orders that the list shows."""
        return [card.order.number for card in self.open(**query).context["cards"]]


@ddt.ddt
class WhoseTest(ListCase):
    def test_buyers_helpers_and_managers_see_an_order_and_nobody_else(self) -> None:
        order = self.order(account=self.account)
        helper = factories.make_user("helper")
        assignment_operations.add_delegate(order, helper, actor=self.buyer, now=timezone.now())
        member = factories.make_user("member")
        wallet_operations.set_member(self.account, member, "member", actor=self.manager)
        root = factories.make_user("root", is_staff=True, is_superuser=True)
        for user in (self.buyer, helper, self.manager):
            self.client.force_login(user)
            self.assertEqual(self.numbers(), [order.number], user)
            self.assertContains(self.open(HOME), order.number)
        for user in (self.stranger, member, root):
            self.client.force_login(user)
            self.assertEqual(self.numbers(), [], user)
            self.assertNotContains(self.open(HOME), order.number)

    def test_an_order_that_is_ones_own_for_several_reasons_is_there_once(self) -> None:
        order = self.order(buyer=self.manager, account=self.account)
        assignment_operations.add_delegate(
            order, factories.make_user("one"), actor=self.buyer, now=timezone.now()
        )
        assignment_operations.add_delegate(
            order, factories.make_user("two"), actor=self.buyer, now=timezone.now()
        )
        other = factories.make_user("other")
        wallet_operations.set_member(self.account, other, "manager", actor=self.manager)
        self.client.force_login(self.manager)
        self.assertEqual(self.numbers(), [order.number])
        self.assertEqual(self.open().context["page"].paginator.count, 1)

    def test_an_accounts_list_has_its_orders_alone_and_is_for_its_managers(self) -> None:
        address = reverse("token_payments:account_orders", args=[self.account.pk])
        mine = factories.make_wallet_order(self.account, self.gold, buyer=self.manager)
        codes = self.order(account=self.account)
        factories.make_wallet_order(self.foreign, self.gold, buyer=self.manager)
        self.client.force_login(self.manager)
        page = self.open(address)
        self.assertEqual([card.order for card in page.context["cards"]], [codes, mine])
        self.assertContains(page, "Orders of Acme")
        self.assertContains(self.open(HOME), f'href="{address}"')
        self.client.force_login(self.buyer)
        self.assertEqual(self.open(address).status_code, 404)
        self.assertNotContains(self.open(HOME), address)


class WordsTest(ListCase):
    def test_a_requested_order_waits(self) -> None:
        order = self.order(purchase_order="<PO-7>")
        page = self.open()
        for text in ("Fire Safety", order.number, "3 tokens", "Requested", "Waits to be processed"):
            self.assertContains(page, text)
        self.assertContains(page, "purchase order &lt;PO-7&gt;")
        self.assertContains(page, f'href="{self.order_url(order)}"')

    def test_a_processed_one_says_what_became_of_its_tokens_and_until_when(self) -> None:
        day = last_day(timezone.now()) + timedelta(days=40)
        order = self.processed(quantity=4, redeem_by=end_of_day(day))
        learner = factories.make_user("learner")
        factories.redeem(learner, self.item, factories.list_codes(order)[0])
        self.cancel(order, 1)
        page = self.open()
        for text in ("1 redeemed", "2 available", "1 cancelled"):
            self.assertContains(page, text)
        self.assertContains(page, f"Redeem by {format_day(day)} (")

    def test_one_whose_last_day_is_over_says_that_the_rest_is_lost(self) -> None:
        day = last_day(timezone.now()) - timedelta(days=2)
        self.processed(redeem_by=end_of_day(day))
        self.assertContains(self.open(), "what is left can't be used any more")

    def test_a_declined_one_says_why(self) -> None:
        order = self.order()
        order_operations.decline_order(
            order.pk, reason="No <budget>", actor=self.manager, now=timezone.now()
        )
        page = self.open()
        self.assertContains(page, "<strong>Declined:</strong> No &lt;budget&gt;")
        self.assertContains(page, 'tp-pill--cancelled">Declined<')

    def test_one_that_was_cancelled_early_says_so(self) -> None:
        order_operations.cancel_order(self.order().pk, actor=self.manager, now=timezone.now())
        self.assertContains(self.open(), "Was cancelled before there were any tokens.")

    def test_an_open_wish_to_cancel_is_told(self) -> None:
        order = self.processed()
        wish = {"quantity": 2, "reason": "", "actor": self.buyer, "idempotency_key": "1"}
        assignment_operations.request_cancellation(order.pk, now=timezone.now(), **wish)
        self.assertContains(self.open(), "Asked to cancel 2 tokens")

    def test_wallet_orders_have_words_of_their_own(self) -> None:
        order = factories.make_wallet_order(self.account, self.gold, buyer=self.manager)
        self.client.force_login(self.manager)
        self.assertContains(self.open(), "Gold for Acme")
        factories.process(order)
        page = self.open()
        for text in ("10 Gold", "0 spent", "10 available"):
            self.assertContains(page, text)

    def cancel(self, order: TokenOrder, quantity: int) -> None:
        assignment_operations.cancel_unused(
            order.pk,
            quantity=quantity,
            refund_amount=Decimal(0),
            actor=self.manager,
            idempotency_key="part",
            now=timezone.now(),
        )


@ddt.ddt
class FilterTest(ListCase):
    def test_by_number_purchase_order_invoice_course_and_account(self) -> None:
        one = self.order(purchase_order="PO-7", invoice_number="INV-88", account=self.account)
        two = self.order()
        key = "course-v1:Acme+Water+2026"
        factories.make_course(key, display_name="Water Rescue")
        three = factories.make_order(factories.make_item(key), buyer=self.buyer)
        for text, found in (
            (two.number, [two]),
            (f"  {two.number.lower()} ", [two]),
            ("po-7", [one]),
            ("inv-8", [one]),
            ("fire", [two, one]),
            ("Water+2026", [three]),
            ("acme", [three, two, one]),
            ("nothing", []),
            ("", [three, two, one]),
        ):
            self.assertEqual(self.numbers(text=text), [order.number for order in found], text)

    def test_by_status(self) -> None:
        waiting, done = self.order(), self.processed()
        self.assertEqual(self.numbers(status="requested"), [waiting.number])
        self.assertEqual(self.numbers(status="processed", text="fire"), [done.number])
        self.assertEqual(self.numbers(status="cancelled"), [])
        self.assertContains(self.open(status="cancelled"), "No order matches.")

    def test_a_strangers_number_finds_nothing(self) -> None:
        order = self.order(buyer=self.stranger, purchase_order="PO-7")
        self.assertEqual(self.numbers(text=order.number), [])
        self.assertEqual(self.numbers(text="PO-7"), [])

    def test_a_code_is_not_looked_for(self) -> None:
        order = self.processed()
        self.assertEqual(self.numbers(text=factories.list_codes(order)[0]), [])

    def test_a_code_that_is_pasted_leads_to_its_token_and_is_in_no_address(self) -> None:
        code = factories.list_codes(order := self.processed())[1]
        answer = self.client.post(ORDERS, {"text": f" {code.lower()} ", "status": ""})
        self.assertRedirects(answer, self.order_url(order, "order_tokens") + "?q=%232")
        foreign = factories.list_codes(self.processed(buyer=self.stranger))[0]
        text = "None of these orders has this token code. Check it for typing errors."
        for code in (foreign, foreign[:-1], "0000-0000-0000-00000"):
            answer = self.client.post(ORDERS, {"text": code, "status": "processed"})
            assert_told(self, answer, f"{ORDERS}?status=processed", text, how=WARNING)

    def test_what_is_looked_for_otherwise_stands_in_the_address(self) -> None:
        one = self.order(purchase_order="PO-7")
        for data, address in (
            ({"text": "PO-7", "status": ""}, f"{ORDERS}?text=PO-7"),
            ({"text": "", "status": "requested"}, f"{ORDERS}?status=requested"),
            ({"text": "", "status": "nonsense"}, ORDERS),
        ):
            answer = self.client.post(ORDERS, data)
            self.assertRedirects(answer, address)
            self.assertContains(self.client.get(address), one.number)

    @ddt.data(*TEXTS)
    def test_nonsense_is_no_error_page(self, text: str) -> None:
        self.order()
        data = {"text": text, "status": text}
        self.assertEqual(self.client.post(ORDERS, data, follow=True).status_code, 200)
        for field in ("text", "status", "page"):
            self.assertEqual(self.open(**{field: text}).status_code, 200, field)

    def test_pages_keep_the_filter(self) -> None:
        for _ in range(21):
            self.order()
        page = self.open(status="requested")
        self.assertEqual(len(page.context["cards"]), 20)
        self.assertContains(page, "?status=requested&amp;page=2")
        self.assertEqual(len(self.numbers(status="requested", page="2")), 1)


class HomeTest(ListCase):
    def test_the_newest_three_and_the_way_to_all(self) -> None:
        numbers = [self.order().number for _ in range(4)]
        page = self.open(HOME)
        self.assertNotContains(page, numbers[0])
        for number in numbers[1:]:
            self.assertContains(page, number)
        self.assertContains(page, f'href="{ORDERS}">All orders')

    def test_who_has_nothing_is_told_what_to_do(self) -> None:
        for address in (HOME, ORDERS):
            page = self.open(address)
            self.assertContains(page, "You have no orders yet.")
            self.assertContains(page, f'href="{ORDERS}request/"')

    def test_who_has_no_order_sees_what_the_accounts_hold_first(self) -> None:
        member = factories.make_user("mel")
        factories.make_account("Members & Co", members=[member])
        self.client.force_login(member)
        page = self.open(HOME).content.decode()
        self.assertLess(page.index("My accounts"), page.index("My orders"))

        self.order(buyer=member)

        page = self.open(HOME).content.decode()
        self.assertLess(page.index("My orders"), page.index("My accounts"))

    def test_tokens_that_were_given_to_one_are_counted(self) -> None:
        self.assertNotContains(self.open(HOME), "Tokens given to me")
        order = self.processed(buyer=self.stranger)
        recipients = [assignment_operations.Recipient(self.buyer.email)]
        batch = {"actor": self.stranger, "idempotency_key": "1", "now": timezone.now()}
        assignment_operations.assign_codes(order.pk, recipients, **batch)
        page = self.open(HOME)
        self.assertContains(page, "1 token was given to you and waits to be used.")
        self.assertContains(page, f'href="{reverse("token_payments:own_codes")}"')

    def test_the_hosts_dashboard_leads_there(self) -> None:
        self.assertContains(self.client.get("/dashboard"), f'href="{HOME}"', count=2)


class QueriesTest(ListCase):
    def test_are_as_many_for_many_orders(self) -> None:
        self.client.force_login(self.manager)
        self.fill()
        few = [self.count_queries(address) for address in (HOME, ORDERS)]
        for _ in range(4):
            self.fill()
        self.assertEqual([self.count_queries(address) for address in (HOME, ORDERS)], few)

    def fill(self) -> None:
        factories.process(self.order(buyer=self.manager, account=self.account))
        wallet = factories.make_wallet_order(self.account, self.gold, buyer=self.manager)
        factories.process(wallet)
        self.order(buyer=self.manager)
