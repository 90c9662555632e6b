"""Several sites of one LMS: what each has for itself, in a page, in a mail, and what it can't."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.sites.models import Site
from django.core import mail
from django.test import TestCase
from django.utils import timezone
from edx_django_utils.cache import RequestCache

from common.djangoapps.student.models import UserAttribute
from openedx.core.djangoapps.site_configuration.models import SiteConfiguration
from tests import factories
from token_payments import conf, tasks
from token_payments.hosts import on_site_of
from token_payments.notifications import mails

COURSE, OTHER = "course-v1:Acme+Fire+2026", "course-v1:Globex+Water+2026"
ACME = {
    "course_org_filter": ["Acme"],
    "email_from_address": "training@acme.example",
    "LMS_ROOT_URL": "https://acme.example",
    "TOKEN_PAYMENTS": {
        "SELLER": {"name": "Acme Training Ltd"},
        "TAX_RATE": 20,
        "BUYERS_MAY_CANCEL": True,
        "CODE_KEYS": {"stolen": "k" * 40},
        "HOST": "nowhere.Host",
    },
}


class SiteCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        for key in (COURSE, OTHER):
            factories.make_course(key)
        cls.item, cls.other = factories.make_item(COURSE), factories.make_item(OTHER)
        cls.buyer = factories.make_user("buyer")
        cls.site = Site.objects.create(domain="acme.testserver", name="Acme")
        SiteConfiguration.objects.create(site=cls.site, enabled=True, site_values=ACME)

    def setUp(self) -> None:
        RequestCache.clear_all_namespaces()
        self.client.force_login(self.buyer)

    def change(self, **values: Any) -> None:
        configuration = self.site.configuration
        configuration.site_values = {**ACME, **values}
        configuration.save()


class PageTest(SiteCase):
    def read_invoice(self, host: str) -> Any:
        order = factories.make_order(self.item, buyer=self.buyer)
        url = f"/token-payments/tokens/orders/{order.pk}/invoice/"
        return self.client.get(url, headers={"Host": host})

    def test_a_page_has_the_seller_of_its_site(self) -> None:
        self.assertContains(self.read_invoice("acme.testserver"), "Acme Training Ltd")
        self.assertNotContains(self.read_invoice("testserver"), "Acme Training Ltd")

    def test_a_json_answer_has_the_addresses_of_its_site(self) -> None:
        url = f"/token-payments/api/front/v1/items/{COURSE}"
        ours = self.client.get(url, headers={"Host": "acme.testserver"}).json()
        self.assertTrue(ours["checkout_url"].startswith("https://acme.example/"))
        theirs = self.client.get(url, headers={"Host": "testserver"}).json()
        self.assertTrue(theirs["checkout_url"].startswith("http://localhost:8000/"))


class TaskTest(SiteCase):
    """A worker has no request: it serves the site of the course's organisation."""

    def test_a_mail_comes_from_the_site_of_the_orders_course(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer)
        tasks.mails.mail_order(order.pk, "requested")
        [message] = mail.outbox
        self.assertEqual(message.from_email, "training@acme.example")
        self.assertIn("https://acme.example/token-payments/", message.body)

    def test_a_course_of_no_site_is_the_lmss(self) -> None:
        order = factories.make_order(self.other, buyer=self.buyer)
        tasks.mails.mail_order(order.pk, "requested")
        [message] = mail.outbox
        self.assertEqual(message.from_email, "registration@example.com")
        self.assertIn("http://localhost:8000/token-payments/", message.body)

    def test_each_kind_of_mail(self) -> None:
        order = factories.make_processed_order(self.item, buyer=self.buyer)
        tasks.mails.mail_codes(order.pk, self.buyer.pk)
        redemption = factories.redeem(self.buyer, self.item, factories.list_codes(order)[0])
        before = len(mail.outbox)
        tasks.mails.mail_redemption(redemption.pk)
        self.assertEqual(len(mail.outbox), before + 1)
        factories.checkout_operations.reverse(
            redemption.pk, actor=self.buyer, reason="x", now=redemption.created_at
        )
        tasks.mails.mail_reversal(redemption.pk)
        self.assertGreaterEqual(len(mail.outbox), 2)
        self.assertEqual({one.from_email for one in mail.outbox}, {"training@acme.example"})


class WithoutCourseTest(SiteCase):
    """Where there is no course, or several: the site on which somebody registered."""

    def setUp(self) -> None:
        super().setUp()
        self.account = factories.make_account(managers=[self.buyer])
        UserAttribute.set_user_attribute(self.buyer, "created_on_site", self.site.domain)

    def order(self, buyer: Any) -> Any:
        return factories.make_wallet_order(self.account, factories.make_type(), buyer=buyer)

    def test_a_wallet_orders_mail_comes_from_its_buyers_site(self) -> None:
        tasks.mails.mail_order(self.order(self.buyer).pk, "requested")
        [message] = mail.outbox
        self.assertEqual(message.from_email, "training@acme.example")
        self.assertIn("https://acme.example/token-payments/", message.body)

    def test_who_registered_on_the_lms_itself_is_written_to_by_it(self) -> None:
        UserAttribute.objects.all().delete()
        tasks.mails.mail_order(self.order(self.buyer).pk, "requested")
        self.assertEqual(mail.outbox[0].from_email, "registration@example.com")

    def test_a_site_that_is_switched_off_is_none(self) -> None:
        SiteConfiguration.objects.update(enabled=False)
        tasks.mails.mail_order(self.order(self.buyer).pk, "requested")
        self.assertEqual(mail.outbox[0].from_email, "registration@example.com")

    def test_reminders_come_from_the_readers_site(self) -> None:
        now = timezone.now()
        factories.issue_tokens(
            self.account, factories.make_type(), 5, now=now, expires_at=now + timedelta(days=7)
        )
        mails.send_reminders(clock=lambda: now)
        [message] = mail.outbox
        self.assertEqual(message.from_email, "training@acme.example")
        self.assertNotIn("http://localhost:8000/", message.body)

    def test_the_course_comes_first(self) -> None:
        order = factories.make_order(self.other, buyer=self.buyer)
        tasks.mails.mail_order(order.pk, "requested")
        self.assertEqual(mail.outbox[0].from_email, "registration@example.com")


class SettingsTest(SiteCase):
    def test_outside_a_site_the_lmss_count(self) -> None:
        self.assertEqual(conf.seller(), {})
        self.assertIsNone(conf.tax_rate())

    def test_on_a_site_its_own_count_and_the_rest_is_the_lmss(self) -> None:
        with on_site_of(COURSE):
            self.assertEqual(conf.seller(), {"name": "Acme Training Ltd"})
            self.assertEqual(conf.tax_rate(), Decimal(20))
            self.assertTrue(conf.buyers_may_cancel())
            self.assertEqual(conf.orders_email(), [])

    def test_how_codes_and_the_host_work_is_nothing_for_a_site(self) -> None:
        with on_site_of(COURSE):
            self.assertNotIn("stolen", conf.code_keys())
            self.assertNotEqual(conf.get("HOST"), "nowhere.Host")

    def test_what_is_no_dict_has_no_effect(self) -> None:
        self.change(TOKEN_PAYMENTS="SELLER")
        with on_site_of(COURSE):
            self.assertEqual(conf.seller(), {})
