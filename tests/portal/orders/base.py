"""A buyer, a manager of an account, and a course that takes Token Codes."""

from __future__ import annotations

import re
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.enqueued import catch_enqueued
from token_payments.models import TokenOrder

COURSE = "course-v1:Acme+Fire+2026"
REQUEST = "/token-payments/tokens/orders/request/"
ORDERS = "/token-payments/tokens/orders/"
HOME = "/token-payments/tokens/"
TEXTS = ("a\x00b", "9" * 5000, "9223372036854775808", "-1", "NaN", "²", "٣", "1.5", "", " ")


class OrdersCase(TestCase):
    """COURSE costs 149 GBP; the manager manages Acme. The buyer is signed in."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE)
        cls.buyer = factories.make_user("buyer", name="Bridget Buyer")
        cls.manager = factories.make_user("manager", name="Mary Manager")
        cls.stranger = factories.make_user("stranger")
        cls.gold = factories.make_type("Gold")
        cls.account = factories.make_account(managers=[cls.manager])
        cls.foreign = factories.make_account("Elsewhere")

    def setUp(self) -> None:
        cache.clear()
        self.client.force_login(self.buyer)
        self.queue_mail = self.enterContext(catch_enqueued("mail_order"))

    def form(self, **fields: Any) -> dict[str, Any]:
        """What the buyer enters for 20 codes."""
        entered = {"kind": "codes", "item": self.item.pk, "quantity": "20"}
        return {**entered, **factories.ADDRESS, **fields}

    def review(self, **fields: Any) -> HttpResponse:
        """The entered form, as it comes back to be agreed to."""
        key = self.client.get(REQUEST).context["form"]["idempotency_key"].value()
        return self.client.post(REQUEST, self.form(**{"idempotency_key": key, **fields}))

    def send(self, review: HttpResponse, **fields: Any) -> HttpResponse:
        """Select *Save Enrolment Token Order* on the review."""
        return self.client.post(REQUEST, {**dict(review.context["hidden"]), **fields})

    def request_it(self, **fields: Any) -> TokenOrder:
        """The whole way, to the order that it made."""
        answer = self.send(self.review(**fields))
        found = re.search(r"/tokens/orders/(\d+)/$", answer.headers["Location"])
        assert found, answer
        return TokenOrder.objects.get(pk=found[1])

    def assert_refused(self, answer: HttpResponse, field: str, text: str) -> None:
        """Told at the field and above the form, and nothing was ordered."""
        self.assertEqual(answer.status_code, 200)
        self.assertContains(answer, f'href="#tp-{field}"')
        self.assertIn(text, " ".join(answer.context["form"].errors[field]))
        self.assertContains(answer, "<title>Error: ")
        self.assertFalse(TokenOrder.objects.exists())
        self.queue_mail.assert_not_called()

    def count_queries(self, address: str) -> int:
        self.client.get(address)
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual(self.client.get(address).status_code, 200)
        return len(captured)

    def order_url(self, order: TokenOrder, name: str = "order") -> str:
        return reverse(f"token_payments:{name}", kwargs={"order_id": order.pk})
