"""Webhooks in the admin: adding, the secret once, tests, and sending again."""

from __future__ import annotations

from typing import Any

from django.test import TestCase, override_settings
from django.utils import timezone

from tests import factories
from tests.admin.base import admin_url, make_staff
from tests.webhooks.base import add_endpoint
from token_payments.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from token_payments.webhooks import operations as webhook_operations
from token_payments.webhooks import queries as webhook_queries

URL = "https://hooks.example.com/tokens"
ENDPOINTS = tuple(f"{verb}_webhookendpoint" for verb in ("view", "add", "change", "delete"))
OPERATOR = (*ENDPOINTS, "view_webhookdelivery", "change_webhookdelivery")


class WebhookAdminTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.operator = make_staff("operator", *OPERATOR)
        cls.acme = factories.make_account("Acme")

    def setUp(self) -> None:
        self.client.force_login(self.operator)

    def add(self, **data: Any) -> Any:
        form = {"url": URL, "is_active": "on", "account": "", **data}
        return self.client.post(admin_url("webhookendpoint", "add"), form)

    def test_whoever_adds_one_is_shown_its_secret_once(self) -> None:
        issued = "org.openedx.token_payments.tokens.issued.v1"
        answer = self.add(account="Acme", event_types=[issued], description="CRM")
        endpoint = WebhookEndpoint.objects.get()
        secret = webhook_queries.derive_secret(endpoint)
        self.assertContains(answer, secret)
        self.assertIn("no-store", answer.headers["Cache-Control"])
        self.assertEqual(endpoint.account, self.acme)
        self.assertEqual((endpoint.event_types, endpoint.description), ([issued], "CRM"))
        self.assertEqual((endpoint.created_by, endpoint.is_active), (self.operator, True))
        self.assertEqual(endpoint.history.get().history_user, self.operator)
        page = self.client.get(admin_url("webhookendpoint", "change", endpoint.pk))
        self.assertContains(page, "tokens.issued")
        self.assertNotContains(page, secret)

    def test_addresses_that_are_refused_are_explained_at_the_field(self) -> None:
        for url, text in (
            ("http://hooks.example.com/", "has to begin with https://"),
            ("https://169.254.169.254/latest/", "on the internet"),
            ("https://a:b@hooks.example.com/", "No user and no password"),
            ("https://hooks.example.com:25/", "This port isn"),
            ("hooks", "has to begin with https://"),
        ):
            answer = self.add(url=url)
            self.assertContains(answer, text, msg_prefix=url)
        self.assertContains(self.add(account="Nobody"), "No account has the name")
        self.assertFalse(WebhookEndpoint.objects.exists())

    def test_changing_goes_through_the_domain(self) -> None:
        endpoint = add_endpoint(URL, self.acme)
        WebhookEndpoint.objects.update(
            is_active=False, off_reason="failing", failing_since=timezone.now()
        )
        url = admin_url("webhookendpoint", "change", endpoint.pk)
        self.assertContains(self.client.get(url), "switch it on again")
        form = {"url": URL, "is_active": "on", "description": "new"}
        self.assertEqual(self.client.post(url, form).status_code, 302)
        endpoint.refresh_from_db()
        self.assertEqual((endpoint.is_active, endpoint.off_reason), (True, ""))
        self.assertEqual((endpoint.failing_since, endpoint.description), (None, "new"))
        self.assertEqual(endpoint.account, self.acme)

    def test_rotating_asks_and_shows_the_new_one(self) -> None:
        endpoint = add_endpoint(URL)
        old = webhook_queries.derive_secret(endpoint)
        url = admin_url("webhookendpoint", "rotate_secret", endpoint.pk)
        self.assertContains(self.client.get(url), "Make a new secret?")
        answer = self.client.post(url)
        endpoint.refresh_from_db()
        new = webhook_queries.derive_secret(endpoint)
        self.assertNotEqual(new, old)
        self.assertContains(answer, new)
        self.assertContains(answer, "the secret before signs as well")

    def test_a_form_that_is_sent_twice_rotates_once(self) -> None:
        """Else the old secret, which receivers still have, would be worthless at once."""
        endpoint = add_endpoint(URL)
        url = admin_url("webhookendpoint", "rotate_secret", endpoint.pk)
        self.assertContains(self.client.get(url), 'name="serial" value="1"')
        first, second = (self.client.post(url, {"serial": "1"}) for _ in range(2))
        endpoint.refresh_from_db()
        self.assertEqual(endpoint.secret_serial, 2)
        for answer in (first, second):
            self.assertContains(answer, webhook_queries.derive_secret(endpoint))
        self.client.post(url, {"serial": "2"})
        endpoint.refresh_from_db()
        self.assertEqual(endpoint.secret_serial, 3)

    def test_a_test_is_written_down(self) -> None:
        endpoint = add_endpoint(URL)
        answer = self.client.post(admin_url("webhookendpoint", "send_test", endpoint.pk))
        self.assertIn(f"endpoint__id__exact={endpoint.pk}", answer.headers["Location"])
        self.assertContains(self.client.get(answer.headers["Location"]), "webhook.test")
        self.assertEqual(WebhookDelivery.objects.get().event.type, webhook_queries.TEST_TYPE)

    def test_sending_again(self) -> None:
        endpoint = add_endpoint(URL)
        deliveries = [
            webhook_operations.send_test(endpoint.pk, now=timezone.now()) for _ in range(3)
        ]
        WebhookDelivery.objects.update(
            state="failed", next_at=None, status=500, problem="status", response="<b>no</b>"
        )
        page = self.client.get(admin_url("webhookdelivery", "change", deliveries[0].pk))
        self.assertContains(page, "500: The receiver refused it")
        self.assertContains(page, "&lt;b&gt;no")
        form = {
            "action": "redeliver",
            "_selected_action": [one.pk for one in deliveries[:2]],
        }
        url = admin_url("webhookdelivery", "changelist")
        answer = self.client.post(url, form, follow=True)
        self.assertContains(answer, "2 deliveries are sent again.")
        waiting = WebhookDelivery.objects.filter(state=DeliveryState.WAITING)
        self.assertEqual(waiting.count(), 2)

    def test_whoever_only_sees_sends_nothing_again(self) -> None:
        delivery = webhook_operations.send_test(add_endpoint(URL).pk, now=timezone.now())
        WebhookDelivery.objects.update(state="failed", next_at=None)
        self.client.force_login(make_staff("viewer", "view_webhookdelivery"))
        url = admin_url("webhookdelivery", "changelist")
        self.assertNotContains(self.client.get(url), "Send the selected")
        self.client.post(url, {"action": "redeliver", "_selected_action": [delivery.pk]})
        self.assertEqual(WebhookDelivery.objects.get().state, "failed")

    def test_removing_takes_the_deliveries_along(self) -> None:
        endpoint = add_endpoint(URL)
        webhook_operations.send_test(endpoint.pk, now=timezone.now())
        url = admin_url("webhookendpoint", "delete", endpoint.pk)
        self.assertEqual(self.client.post(url, {"post": "yes"}).status_code, 302)
        self.assertFalse(WebhookEndpoint.objects.exists())
        self.assertFalse(WebhookDelivery.objects.exists())
        removed = WebhookEndpoint.history.filter(history_type="-").get()
        self.assertEqual(removed.history_user, self.operator)

    def test_too_many_and_no_key_are_said(self) -> None:
        for _ in range(webhook_queries.MAX_ENDPOINTS):
            add_endpoint(URL)
        url = admin_url("webhookendpoint", "changelist")
        self.add()
        self.assertContains(self.client.get(url), "remove one first")
        with override_settings(TOKEN_PAYMENTS={"CODE_KEYS": {}}):
            self.add(account="Acme")
            self.assertContains(self.client.get(url), "no key to make secrets with")
        self.assertEqual(WebhookEndpoint.objects.count(), webhook_queries.MAX_ENDPOINTS)
