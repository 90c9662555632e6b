"""Orders of wallet tokens: in the list, who may what, and what they don't have: codes."""

import ddt
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.admin.base import WalletCase, admin_url
from token_payments import tasks
from token_payments.errors import ConfigurationError
from token_payments.models import OrderStatus, TokenOrder
from token_payments.orders import operations as order_operations

OF_CODES = ("tokens", "tokens_search", "reveal", "download", "email_tokens")
VIEWING = ("change", "cancellations", "log", "progress")
ACTING = ("finish_processing", "resume", "cancel", "cancel_tokens")
VIEWER = ("view_tokenorder", "view_account", "view_tokenissue")


@ddt.ddt
class WalletOrderListTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.url = admin_url("tokenorder", "changelist")
        self.of_codes = factories.make_order(self.item, buyer=self.buyer)
        self.of_tokens = self.process(self.order(quantity=10, unit_price=45, currency="GBP"))

    def list_orders(self, **query):
        answer = self.client.get(self.url, query, follow=True)
        self.assertEqual(answer.status_code, 200)
        return list(answer.context["cl"].result_list)

    def test_each_kind_tells_what_it_is_for(self) -> None:
        page = self.read(self.url)

        for text in ("Gold for Acme Homes", "Fire Safety", "Wallet tokens", "£450.00"):
            self.assertIn(text, page)

    @ddt.data(("codes", ["of_codes"]), ("wallet", ["of_tokens"]), ("x", ["of_tokens", "of_codes"]))
    @ddt.unpack
    def test_filter_by_kind(self, kind, names) -> None:
        self.assertEqual(self.list_orders(kind=kind), [getattr(self, name) for name in names])

    def test_the_search_keeps_both_filters(self) -> None:
        url = admin_url("tokenorder", "search")
        fields = {"q": "acme", "status": "processed", "kind": "wallet"}

        answer = self.client.post(url, fields)

        self.assertTrue(answer["Location"].endswith("?status=processed&kind=wallet&q=acme"))
        page = self.read(answer["Location"])
        self.assertIn('<input type="hidden" name="kind" value="wallet">', page)

    @ddt.data("acme homes", "C-17")
    def test_search_finds_by_account_and_customer_number(self, text) -> None:
        self.assertEqual(self.list_orders(q=text), [self.of_tokens])

    def test_more_orders_of_both_kinds_take_no_more_queries(self) -> None:
        self.list_orders()
        with CaptureQueriesContext(connection) as few:
            self.list_orders()
        for number in range(6):
            account = factories.make_account(f"Account {number}")
            kind = factories.make_type(f"Type {number}")
            buyer = factories.make_user(f"buyer{number}")
            self.process(factories.make_wallet_order(account, kind, buyer=buyer))
            factories.make_processed_order(self.item, buyer=buyer)

        with self.assertNumQueries(len(few)):
            self.list_orders()


@ddt.ddt
class WalletOrderPermissionTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.requested = self.order(quantity=9)
        self.processed = self.process(self.order(quantity=10))

    def assert_nothing_happened(self) -> None:
        statuses = list(TokenOrder.objects.order_by("pk").values_list("status", flat=True))
        self.assertEqual(statuses, [OrderStatus.REQUESTED, OrderStatus.PROCESSED])
        self.assertEqual(self.balance(), 10)

    @ddt.data(*VIEWING)
    def test_a_viewer_sees(self, page) -> None:
        self.sign_in(*VIEWER)

        self.assertEqual(self.client.get(self.order_page(self.processed, page)).status_code, 200)

    @ddt.data(*ACTING)
    def test_a_viewer_can_do_nothing(self, page) -> None:
        self.sign_in(*VIEWER)

        for order in (self.requested, self.processed):
            for method in (self.client.get, self.client.post):
                answer = method(self.order_page(order, page), {"refund_amount": "0"})
                self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.client.post(self.add_url, {"quantity": "1"}).status_code, 403)
        self.assert_nothing_happened()

    @ddt.data(*ACTING)
    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_while_switched_off_nothing_can_be_done_and_a_notice_says_why(self, page) -> None:
        for order in (self.requested, self.processed):
            answer = self.post(self.order_page(order, page), {"refund_amount": "0"})
            self.assertRedirects(answer, self.order_page(order))
            self.assertContains(answer, "Token payments are switched off")
        self.assertEqual(self.client.get(self.add_url).status_code, 403)
        self.assert_nothing_happened()

    @ddt.data(*OF_CODES)
    def test_it_has_no_page_about_codes(self, page) -> None:
        for method in (self.client.get, self.client.post):
            answer = method(self.order_page(self.processed, page))
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(mail.outbox, [])
        self.assertFalse(self.processed.log.filter(action__startswith="codes_").exists())

    @ddt.data(*OF_CODES)
    def test_strangers_are_refused_before_they_are_told_so(self, page) -> None:
        self.sign_in("view_catalogueitem")

        self.assertEqual(self.client.get(self.order_page(self.processed, page)).status_code, 403)


class NoCodesTests(WalletCase):
    def test_workers_that_are_given_a_wallet_order_make_and_send_nothing(self) -> None:
        order = self.process(self.order())
        before = list(order.log.values_list("action", flat=True))

        self.assertEqual(tasks.work.process_order(order.pk), 0)
        tasks.mails.mail_codes(order.pk, self.course_admin.pk)

        self.assertEqual(mail.outbox, [])
        self.assertFalse(order.codes.exists())
        self.assertEqual(list(order.log.values_list("action", flat=True)), before)

    def test_there_is_nothing_to_hand_out(self) -> None:
        order = self.process(self.order())

        with self.assertRaises(ConfigurationError):
            order_operations.hand_out_codes(order, actor=self.buyer, now=timezone.now())
        self.assertEqual(
            order_operations.reveal_codes(order, [], actor=self.buyer, now=timezone.now()), {}
        )
        self.assertFalse(order.log.filter(action__startswith="codes_").exists())
