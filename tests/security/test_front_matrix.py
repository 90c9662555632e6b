"""Every address for front ends: read by everybody, changed by nobody, and about nobody else."""

from __future__ import annotations

import json

import ddt
from django.test import TestCase
from django.urls import reverse

from tests import factories
from tests.security.addresses import list_addresses
from tests.snapshots import take_snapshot
from token_payments.rest_api.front import urls

COURSE = "course-v1:Acme+FIRE+2026"
KINDS = ("visitor", "stranger", "learner", "buyer", "manager", "operator")
METHODS = ("post", "put", "patch", "delete", "options")
ADDRESSES = list_addresses(urls.urlpatterns)


@ddt.ddt
class FrontMatrixTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        factories.make_course(COURSE)
        cls.people = {kind: factories.make_user(kind) for kind in KINDS}
        cls.people["operator"].is_staff = cls.people["operator"].is_superuser = True
        cls.people["operator"].save()
        gold = factories.make_type()
        cls.item = factories.make_item(
            COURSE, methods=["token_code", "wallet"], token_prices={gold: 2}
        )
        account = factories.make_account(
            managers=[cls.people["manager"]], members=[cls.people["learner"]]
        )
        factories.issue_tokens(account, gold, 20)
        cls.order = factories.make_processed_order(cls.item, buyer=cls.people["buyer"])
        cls.code = factories.list_codes(cls.order)[0]
        factories.redeem(cls.people["learner"], cls.item, cls.code)

    def test_every_address_is_tested(self) -> None:
        self.assertEqual([one.name for one in ADDRESSES], ["front_item"])

    @ddt.data(*KINDS)
    def test_who_asks_reads_and_changes_nothing(self, kind: str) -> None:
        if kind != "visitor":
            self.client.force_login(self.people[kind])
        before = take_snapshot()
        url = reverse("token_payments:front_item", kwargs={"item_key": COURSE})
        self.assertEqual(self.client.get(url).status_code, 200)
        self.assertEqual(self.client.head(url).content, b"")
        for method in METHODS:
            self.assertIn(getattr(self.client, method)(url).status_code, (403, 405), method)
        self.assertEqual(take_snapshot(), before)

    @ddt.data(*KINDS)
    def test_nothing_of_anybody_is_in_it(self, kind: str) -> None:
        """Nor of whoever asks: a shared cache that kept it would give nobody away."""
        if kind != "visitor":
            self.client.force_login(self.people[kind])
        url = reverse("token_payments:front_item", kwargs={"item_key": COURSE})
        text = json.dumps(self.client.get(url).json())
        secrets = [self.code, self.order.number, "Acme Ltd", "@example.com"]
        for one in (*secrets, *(person.username for person in self.people.values())):
            self.assertNotIn(f'"{one}"', text)
        self.assertNotIn("@", text)
