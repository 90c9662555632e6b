"""An order's overview: what happens next in words, how far it is, and what is for owners alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests import factories
from tests.portal.orders.base import OrdersCase
from token_payments.assignments import operations as assignment_operations
from token_payments.l10n.dates import end_of_day, last_day
from token_payments.l10n.formats import format_day
from token_payments.models import TokenOrder
from token_payments.orders import operations as order_operations


class OverviewCase(OrdersCase):
    def setUp(self) -> None:
        super().setUp()
        fields = {"purchase_order": "PO-7", "invoice_number": "INV-1", "note": "For <May>"}
        self.order = factories.make_order(
            self.item, buyer=self.buyer, quantity=10, account=self.account, **fields
        )

    def open(self, user: Any = None, order: TokenOrder | None = None) -> Any:
        self.client.force_login(user or self.buyer)
        return self.client.get(self.order_url(order or self.order))

    def ask(self) -> dict[str, Any]:
        return self.client.get(self.order_url(self.order, "order_progress")).json()

    def add_helper(self) -> Any:
        helper = factories.make_user("helper")
        assignment_operations.add_delegate(self.order, helper, actor=self.buyer, now=timezone.now())
        return helper

    def cancel(self, quantity: int, **fields: Any) -> None:
        arguments = {"refund_amount": Decimal("298.00"), "idempotency_key": "k", **fields}
        now = timezone.now()
        assignment_operations.cancel_unused(
            self.order.pk, quantity=quantity, actor=self.manager, now=now, **arguments
        )


class StateTest(OverviewCase):
    def test_a_requested_order_waits_and_its_buyer_gets_a_mail(self) -> None:
        page = self.open()
        self.assertContains(page, "Your order waits to be processed")
        self.assertContains(page, "You get an e-mail when it is done.")
        self.assertContains(self.open(self.manager), "Bridget Buyer gets an e-mail")

    def test_that_it_is_requested_is_said_no_more_when_it_is_processed(self) -> None:
        order = self.request_it()
        address = self.order_url(order)
        self.assertContains(self.client.get(address), "Your order is requested.")

        factories.process(order)

        self.assertNotContains(self.client.get(address), "Your order is requested.")

    def test_one_under_way_shows_how_far_it_is(self) -> None:
        order_operations.start_processing(self.order.pk, actor=self.manager, now=timezone.now())
        page = self.open()
        self.assertContains(page, "<span data-tp-made>0</span> of 10 made.")
        self.assertContains(page, "progress.js")
        self.assertContains(page, self.order_url(self.order, "order_progress"))
        self.assertContains(page, "Reload this page to see how far it is.")
        self.assertEqual(self.ask(), {"status": "processing", "made": 0})
        order_operations.generate(self.order.pk, clock=timezone.now)
        self.assertEqual(self.ask(), {"status": "processed", "made": 0})

    def test_a_processed_one_shows_its_tokens_and_what_to_do_with_them(self) -> None:
        factories.process(self.order)
        page = self.open()
        for text in ("The tokens are ready", "10 available", "Give tokens to learners"):
            self.assertContains(page, text)
        self.assertNotContains(page, "progress.js")
        for name in ("order_learners", "order_tokens", "order_invoice", "order_cancel"):
            self.assertContains(page, f'href="{self.order_url(self.order, name)}"', msg_prefix=name)

    def test_without_any_token_left_it_says_so(self) -> None:
        factories.process(self.order)
        self.cancel(10)
        page = self.open()
        self.assertContains(page, "None of them is left to hand out.")
        self.assertNotContains(page, "Cancel unused tokens")

    def test_past_the_last_day_nothing_is_offered_to_hand_out(self) -> None:
        factories.process(self.order)
        TokenOrder.objects.update(redeem_by=timezone.now())
        page = self.open()
        self.assertContains(page, "The last day is over")
        self.assertContains(page, "what is left can't be used any more")
        self.assertNotContains(page, "Give tokens to learners")

    def test_a_declined_one_says_why_and_leads_to_a_new_request(self) -> None:
        order_operations.decline_order(
            self.order.pk, reason="No <budget>", actor=self.manager, now=timezone.now()
        )
        page = self.open()
        self.assertContains(page, "No &lt;budget&gt;")
        self.assertContains(page, "You may send a new request.")
        self.assertContains(page, 'tp-pill--cancelled">Declined<')

    def test_a_cancelled_one_says_what_stays(self) -> None:
        factories.process(self.order)
        order_operations.cancel_order(self.order.pk, actor=self.manager, now=timezone.now())
        self.assertContains(self.open(), "Learners who had redeemed theirs stay enrolled.")

    def test_a_wallet_order_names_its_expiry_and_leads_members_to_the_statement(self) -> None:
        self.gold.redemption_days = 30
        self.gold.save()
        order = factories.make_wallet_order(self.account, self.gold, buyer=self.buyer)
        page = self.open(order=order)
        self.assertContains(page, "in the account's balance")
        factories.process(order)
        order.refresh_from_db()
        day = format_day(last_day(order.issue.expires_at))
        address = f"/token-payments/tokens/{self.account.pk}/{self.gold.pk}/"
        page = self.open(self.manager, order)
        self.assertContains(page, f"<dd>{day} (")
        self.assertContains(page, f'href="{address}"')
        self.assertNotContains(self.open(self.buyer, order), address)


class FactsTest(OverviewCase):
    def test_what_was_ordered_by_whom_and_at_what_price(self) -> None:
        day = last_day(timezone.now()) + timedelta(days=40)
        TokenOrder.objects.update(
            redeem_by=end_of_day(day), group_name="North", tax_rate=Decimal("7.7")
        )
        page = self.open()
        for text in ("Fire Safety", "Acme", "North", "by Bridget Buyer", "PO-7", "INV-1"):
            self.assertContains(page, text)
        self.assertContains(page, f"{format_day(day)} (Europe/London)")
        for text in ("For &lt;May&gt;", "1 High Street", "United Kingdom"):
            self.assertContains(page, text)
        for text in ("£149.00", "£1,490.00", "Tax (7.7%)", "£114.73", "£1,604.73"):
            self.assertContains(page, text)

    def test_cancellations_refunds_and_wishes_are_listed(self) -> None:
        factories.process(self.order)
        self.cancel(2, reason="Two <left>")
        wish = {"quantity": 3, "reason": "", "actor": self.buyer, "idempotency_key": "1"}
        assignment_operations.request_cancellation(self.order.pk, now=timezone.now(), **wish)
        page = self.open()
        for text in ("£298.00", "Two &lt;left&gt;", "Mary Manager", "Refunded so far"):
            self.assertContains(page, text)
        self.assertContains(page, "it was asked that 3 unused tokens be cancelled")
        request = self.order.cancellation_requests.get()
        order_operations.decline_cancellation(
            request.pk, answer="Too <late>", actor=self.manager, now=timezone.now()
        )
        self.assertContains(self.open(), "That was not done: Too &lt;late&gt;")

    def test_helpers_see_neither_money_nor_address_nor_who_cancelled_what(self) -> None:
        factories.process(self.order)
        self.cancel(2, reason="Because of Zoe")
        page = self.open(self.add_helper())
        self.assertContains(page, "8 available")
        for hidden in ("£", "1 High Street", "Zoe", "Refund", "invoice/", "/cancel/"):
            self.assertNotContains(page, hidden)

    def test_an_order_without_a_price_says_that_it_will_be_agreed(self) -> None:
        TokenOrder.objects.update(unit_price=None, tax_rate=None)
        self.assertContains(self.open(), "The price will be agreed")
        factories.process(self.order)
        self.assertContains(self.open(), "This order has no price.")


class AccessTest(OverviewCase):
    def test_strangers_get_404_for_the_page_and_its_progress(self) -> None:
        root = factories.make_user("root", is_staff=True, is_superuser=True)
        for user in (self.stranger, root):
            self.client.force_login(user)
            for name in ("order", "order_progress"):
                address = self.order_url(self.order, name)
                self.assertEqual(self.client.get(address).status_code, 404)
                self.assertEqual(self.client.post(address).status_code, 404)

    def test_what_an_address_says_was_done_is_never_shown_as_it_stands(self) -> None:
        page = self.client.get(self.order_url(self.order), {"done": "<b>paid</b>"})
        self.assertNotContains(page, "paid<")

    def test_the_same_queries_for_more_codes_and_more_cancellations(self) -> None:
        factories.process(self.order)
        self.cancel(1)
        few = self.count_queries(self.order_url(self.order))
        for number in range(4):
            self.cancel(1, idempotency_key=str(number), refund_amount=Decimal(0))
        self.assertEqual(self.count_queries(self.order_url(self.order)), few)
