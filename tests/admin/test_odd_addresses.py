"""Addresses that nobody's browser makes: answered, never by an error of the server."""

import ddt
from django.test import TestCase

from tests import factories
from tests.admin.base import admin_url

LISTS = (
    "tokenorder",
    "redemption",
    "account",
    "tokentype",
    "tokenissue",
    "ledgerentry",
    "catalogueitem",
    "enrolmentsettings",
    "tokensettings",
)
ODD = (
    {"status": "\0"},
    {"\0": "1"},
    {"id__exact": "\0"},
    {"id__in": f"{2**63},1"},
    {"kind": "\0", "q": "acme"},
    {"state": "x\0", "source__exact": "\0"},
)


@ddt.ddt
class OddAddressTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        factories.allow_paid()
        cls.root = factories.make_user("root", is_staff=True, is_superuser=True)

    def setUp(self) -> None:
        self.client.force_login(self.root)

    @ddt.data(*LISTS)
    def test_a_filter_that_no_database_takes_leads_to_the_whole_list(self, model) -> None:
        url = admin_url(model, "changelist")
        for query in ODD:
            answer = self.client.get(url, query)
            self.assertRedirects(answer, f"{url}?e=1")

    @ddt.data(*LISTS)
    def test_a_search_for_it_finds_nothing(self, model) -> None:
        for text in ("a\0b", str(2**64), "\0"):
            answer = self.client.get(admin_url(model, "changelist"), {"q": text})
            self.assertEqual(answer.status_code, 200)

    @ddt.data("tokentype", "tokenissue", "redemption")
    def test_an_action_for_no_rows_at_all_does_nothing(self, model) -> None:
        url = admin_url(model, "changelist")
        for chosen in ("x", "\0", str(2**63), "-1", ""):
            action = {"action": "archive_types", "_selected_action": ["1", chosen]}
            self.assertRedirects(self.client.post(url, action), f"{url}?e=1")

    @ddt.data(*LISTS)
    def test_a_row_that_cannot_be_is_not_found(self, model) -> None:
        for pk in (2**63, "9" * 30, "x"):
            answer = self.client.get(admin_url(model, "change", pk), follow=True)
            self.assertIn(answer.status_code, (200, 404))

    @ddt.data("tokens", "log", "cancel", "cancellations")
    def test_an_order_that_cannot_be_is_not_found(self, page) -> None:
        for pk in (2**63, 10**30):
            answer = self.client.get(admin_url("tokenorder", page, pk))
            self.assertEqual(answer.status_code, 404)
