"""A course with codes, and a learner who walks through the checkout."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.test import TestCase
from django.urls import reverse

from tests import factories
from token_payments.models import Redemption
from token_payments.orders import codes

COURSE = "course-v1:Acme+Fire+2026"
OTHER_COURSE = "course-v1:Acme+Water+2026"
NEVER_MADE = codes.write("0" * 16 + codes._check_character("0" * 16))
SETTINGS = {
    "CODE_KEYS": {"test": "a key for tests, it protects nothing at all"},
    "TIME_ZONE": "Europe/London",
    "ATTEMPTS_PER_USER": "3/10m",
    "ATTEMPTS_PER_ADDRESS": "5/10m",
}


def url(name: str, item_key: str = COURSE) -> str:
    return reverse(f"token_payments:{name}", kwargs={"item_key": item_key})


class CheckoutTestCase(TestCase):
    """``self.codes`` are three codes for COURSE; ``self.learner`` is signed in."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.item = factories.make_shop(COURSE)
        cls.buyer = factories.make_user("buyer")
        cls.learner = factories.make_user("learner", name="Lee Learner")
        cls.order = factories.make_processed_order(cls.item, buyer=cls.buyer)
        cls.codes = factories.list_codes(cls.order)

    def setUp(self) -> None:
        cache.clear()
        self.client.force_login(self.learner)

    def enter(self, code: str, **extra: Any) -> HttpResponse:
        data = {"method": "token_code", "token_code-code": code}
        return self.client.post(url("checkout"), data, **extra)

    def review(self) -> HttpResponse:
        return self.client.get(url("review"))

    def get_nonce(self) -> str:
        return self.review().context["idempotency_key"]

    def finish(self, nonce: str | None = None, **extra: Any) -> HttpResponse:
        return self.client.post(
            url("finish"), {"idempotency_key": nonce or self.get_nonce()}, **extra
        )

    def pay(self, code: str) -> Redemption:
        """The whole way, with what follows the commit."""
        self.enter(code)
        with self.captureOnCommitCallbacks(execute=True):
            self.finish()
        return Redemption.objects.get(learner=self.learner)

    def assert_refused(self, response: HttpResponse, status: int, title: str) -> None:
        self.assertContains(response, title, status_code=status)
        self.assertTemplateUsed(response, "token_payments/checkout/refusal.html")

    def assert_untouched(self) -> None:
        """Nobody paid anything, and all codes are as they were."""
        self.assertFalse(Redemption.objects.exists())
        self.assertEqual(self.order.codes.filter(status="available").count(), 3)
