"""Texts that nobody types: each is answered like a wrong one, on every database."""

from __future__ import annotations

from decimal import Decimal

import ddt
import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from tests import factories
from tests.admin.base import AdminCase, admin_url
from tests.portal.base import NEVER_MADE, CheckoutTestCase, url
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import ConfigurationError, NotEnoughUnused
from token_payments.models import CatalogueItem
from token_payments.orders import queries as order_queries

NUL = "a\0b"
HUGE = "9" * 5000
TEXTS = (NUL, HUGE, "1" + "0" * 30, "9223372036854775808", "-1", "NaN", "²", "٣", "💥" * 50)
OTHER_KEY = {"CODE_KEYS": {"test": "another secret under the name of the first one"}}


@ddt.ddt
class AdminInputTest(AdminCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer)

    def setUp(self) -> None:
        super().setUp()
        self.sign_in("add_tokenorder", "change_tokenorder", "add_catalogueitem")

    @ddt.data(*TEXTS)
    def test_in_addresses(self, text) -> None:
        tokens = self.order_page(self.order, "tokens")
        for page, name in (
            (admin_url("tokenorder", "changelist"), "q"),
            (admin_url("tokenorder", "changelist"), "status"),
            (admin_url("tokenorder", "people"), "q"),
            (admin_url("tokenorder", "accounts"), "q"),
            (admin_url("catalogueitem", "courses"), "q"),
            (admin_url("tokenorder", "groups"), "item"),
            (tokens, "q"),
            (tokens, "status"),
            (tokens, "after"),
            (tokens, "before"),
            (self.order_page(self.order, "cancellations"), "page"),
            (self.order_page(self.order, "cancel_tokens"), "quantity"),
        ):
            with self.subTest(page=page, name=name):
                self.assertEqual(self.client.get(page, {name: text}, follow=True).status_code, 200)

    @ddt.data(*TEXTS)
    def test_in_search_boxes(self, text) -> None:
        for page in (
            admin_url("tokenorder", "search"),
            self.order_page(self.order, "tokens_search"),
        ):
            answer = self.client.post(page, {"q": text, "status": text}, follow=True)
            self.assertEqual(answer.status_code, 200)

    @ddt.data("2147483648", "3000000000", "1" + "0" * 30, HUGE)
    def test_a_number_of_tokens_that_no_database_holds(self, quantity) -> None:
        page = self.order_page(self.order, "cancel_tokens")
        key = self.client.get(page).context["form"]["idempotency_key"].value()
        data = {"quantity": quantity, "refund_amount": "0", "idempotency_key": key}

        answer = self.client.post(page, data)

        self.assertTrue(answer.context["form"].errors["quantity"])
        self.assertEqual(order_queries.count_codes(self.order).available, 3)

    @ddt.data("9999-12-31", "10000-01-01", "0001-01-01", NUL)
    def test_a_day_that_has_no_next_one(self, day) -> None:
        answer = self.client.post(admin_url("tokenorder", "add"), {"redeem_by": day})

        self.assertTrue(answer.context["adminform"].form.errors["redeem_by"])

    def test_a_price_per_token_and_a_status_are_not_taken_from_the_form(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)
        data = {
            "buyer": self.buyer.username,
            "item": str(self.item.pk),
            "quantity": "5",
            **factories.ADDRESS,
            "unit_price": "0.01",
            "currency": "XXX",
            "status": "processed",
            "code_key": "other",
            "created_at": "2001-01-01",
        }
        self.post(self.order_page(order), data)

        order.refresh_from_db()
        self.assertEqual(order.quantity, 5)
        self.assertEqual((order.status, order.code_key), ("requested", ""))
        self.assertEqual((order.unit_price, order.currency), (Decimal(149), "GBP"))
        self.assertNotEqual(order.created_at.year, 2001)


class MailTest(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        self.order = factories.make_processed_order(self.item, buyer=self.buyer)

    def test_a_title_of_several_lines_adds_no_header(self) -> None:
        title = "=2+5\r\nBcc: thief@example.com"
        CatalogueItem.objects.update(title=title)

        self.post(self.order_page(self.order, "email_tokens"))

        [message] = mail.outbox
        self.assertEqual(message.recipients(), [self.buyer.email])
        self.assertNotIn("\n", message.subject)
        self.assertIn("'=2+5", message.attachments[0].content)

    def test_a_buyer_without_an_address_is_told_at_once(self) -> None:
        self.buyer.email = ""
        self.buyer.save()

        answer = self.post(self.order_page(self.order, "email_tokens"))

        self.assertContains(answer, "The buyer has no e-mail address.")
        self.assertFalse(mail.outbox)
        self.assertFalse(self.order.log.filter(action="codes_mailed").exists())


class CancelCodesTest(AdminCase):
    def cancel(self, quantity: int, **arguments) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer)
        arguments = {"refund_amount": Decimal(0), "idempotency_key": "k", **arguments}
        try:
            assignment_operations.cancel_unused(
                order.pk, quantity=quantity, actor=self.buyer, now=timezone.now(), **arguments
            )
        finally:
            assert not order.cancellations.exists()

    def test_no_refund_without_a_code(self) -> None:
        for quantity in (0, -1):
            with pytest.raises(ValueError, match="can't be cancelled"):
                self.cancel(quantity, refund_amount=Decimal(100))

    def test_more_than_any_database_counts(self) -> None:
        with pytest.raises(NotEnoughUnused) as caught:
            self.cancel(10**30)
        assert caught.value.available == 3


class ChangedKeyTest(AdminCase):
    """The operator put another secret under the name of the key that codes were made with."""

    def setUp(self) -> None:
        super().setUp()
        self.order = factories.make_processed_order(self.item, buyer=self.buyer)
        changed = override_settings(TOKEN_PAYMENTS=OTHER_KEY)
        changed.enable()
        self.addCleanup(changed.disable)

    def test_no_wrong_code_is_given_out(self) -> None:
        with pytest.raises(ConfigurationError, match="isn't the key"):
            factories.list_codes(self.order)
        self.post(self.order_page(self.order, "email_tokens"))
        assert not mail.outbox

    def test_staff_are_told(self) -> None:
        for page in ("reveal", "download", "email_tokens"):
            answer = self.post(self.order_page(self.order, page))
            self.assertContains(answer, "key that made these codes")
        self.assertFalse(self.order.log.filter(action__in=["codes_revealed"]).exists())


class UnusableKeyTest(AdminCase):
    """A key of the settings is too short: nothing can be looked for by its code."""

    def test_searches_by_code_find_nothing_and_others_go_on(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer)
        [code, *_] = factories.list_codes(order)
        with override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {"test": "too short"}}):
            for text in (code, order.number, "buyer"):
                for page in (
                    admin_url("tokenorder", "search"),
                    self.order_page(order, "tokens_search"),
                ):
                    answer = self.client.post(page, {"q": text}, follow=True)
                    self.assertEqual(answer.status_code, 200)
            answer = self.client.get(admin_url("tokenorder", "changelist"), {"q": order.number})
        self.assertContains(answer, order.number)


@ddt.ddt
class CheckoutInputTest(CheckoutTestCase):
    @ddt.data(*TEXTS, "x" * 1_000_000, "ﷺ" * 10_000)
    def test_a_code_or_a_nonce_that_is_none(self, text) -> None:
        for data in ({"method": text}, {"method": "token_code", "token_code-code": text}):
            self.assertEqual(self.client.post(url("checkout"), data).status_code, 200)
        self.assertEqual(
            self.client.post(url("finish"), {"idempotency_key": text}).status_code, 302
        )
        if len(text) < 10_000:
            link = self.client.get(url("checkout"), {"code": text})
            self.assertRedirects(link, url("checkout") + "?mistyped")
        self.assert_untouched()

    @ddt.data("%00", "x" * 3000, "%0d%0aSet-Cookie:a=b", "%ED%A0%80", "a%252Fb", "library-v1:A+B")
    def test_a_course_that_is_none(self, key) -> None:
        for page in ("", "review/", "finish/", "enrol-again/"):
            for method in (self.client.get, self.client.post):
                answer = method(f"/token-payments/checkout/{key}/{page}")
                self.assertIn(answer.status_code, (302, 404, 405))
                self.assertNotIn("a", answer.cookies)

    @ddt.data({"test": "too short"}, {"new": "n" * 40, "test": "too short"})
    def test_a_site_with_a_bad_key_says_so_and_takes_nothing(self, keys) -> None:
        bad = override_settings(TOKEN_PAYMENTS={**site_settings(), "CODE_KEYS": keys})
        with bad, self.assertLogs("token_payments.portal.refusals", "ERROR"):
            answer = self.enter(self.codes[0])
        self.assert_refused(answer, 503, "Payments don&#x27;t work at the moment")
        self.assert_untouched()

    def test_neighbours_behind_a_server_for_both_kinds_of_address_count_by_themselves(self) -> None:
        rates = {**site_settings(), "ATTEMPTS_PER_USER": "9/h", "ATTEMPTS_PER_ADDRESS": "2/h"}
        with override_settings(TOKEN_PAYMENTS=rates):
            for _ in range(2):
                self.enter(NEVER_MADE, REMOTE_ADDR="::ffff:81.2.69.160")
            first = self.enter(NEVER_MADE, REMOTE_ADDR="::ffff:81.2.69.160")
            second = self.enter(NEVER_MADE, REMOTE_ADDR="::ffff:81.2.69.161")
        self.assertEqual((first.status_code, second.status_code), (429, 200))


def site_settings() -> dict:
    from django.conf import settings

    return dict(settings.TOKEN_PAYMENTS)
