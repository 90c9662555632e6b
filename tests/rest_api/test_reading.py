"""Lists, pages and filters: how many queries they take, and what is on the last page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import ddt
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.rest_api.base import ApiClient
from tests.rest_api.matrix import CALLS
from tests.rest_api.matrix_base import MatrixCase
from token_payments.wallets import operations as wallet_operations

NOW = timezone.now
LISTS = [
    name for name, calls in CALLS.items() if name.endswith("-list") and calls[0].method == "GET"
]


@ddt.ddt
class QueriesTest(MatrixCase):
    @ddt.data(*LISTS)
    def test_a_list_takes_as_many_queries_for_ten_rows_as_for_a_few(self, name: str) -> None:
        for kind in ("reader", "manager"):
            client = ApiClient(self.people[kind])
            path = CALLS[name][0].path(self)
            if client.get(path).status_code == 404:
                continue
            few = self.count(client, path)
            self.add_rows()
            self.assertEqual(self.count(client, path), few, kind)
            self.assertLessEqual(few, 20)

    def count(self, client: ApiClient, path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            self.assertEqual(client.get(path).status_code, 200)
        return len(queries)

    number = 0

    def add_rows(self) -> None:
        for _ in range(5):
            type(self).number += 1
            number = self.number
            kind = factories.make_type(f"Type {number}")
            learner = factories.make_user(f"learner{number}")
            wallet_operations.set_member(
                self.account, learner, "member", actor=self.people["manager"]
            )
            factories.make_account(f"Account {number}", managers=[self.people["manager"]])
            factories.issue_tokens(self.account, kind, 5)
            factories.pay(learner, self.item, self.wallet) if number < 8 else None
            key = f"course-v1:Api+N{number}+2026"
            factories.make_course(key)
            item = factories.make_item(key)
            factories.make_order(
                item, buyer=self.people["buyer"], account=self.account, now=NOW() - timedelta(1)
            )


@ddt.ddt
class PagesTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.user = factories.make_user("operator", is_superuser=True)
        cls.account, cls.gold = factories.make_account(), factories.make_type()
        for number in range(23):
            factories.issue_tokens(cls.account, cls.gold, 1, reference=f"R{number}")
        cls.wallet = factories.find_wallet(cls.account, cls.gold)

    def setUp(self) -> None:
        self.api = ApiClient(self.user)

    def walk(self, path: str, **query: Any) -> list[list[Any]]:
        pages = []
        answer = self.api.get(path, **query).json()
        while True:
            pages.append(answer["results"])
            if answer["next"] is None:
                return pages
            answer = self.api.get(answer["next"]).json()

    @ddt.data("id", "-id", "nonsense")
    def test_walking_all_pages_gives_every_row_once(self, ordering: str) -> None:
        pages = self.walk("/issues/", page_size=5, ordering=ordering)
        self.assertEqual([len(page) for page in pages], [5, 5, 5, 5, 3])
        ids = [row["id"] for page in pages for row in page]
        self.assertEqual(ids, sorted(ids, reverse=ordering != "id"))
        self.assertEqual(len(set(ids)), 23)

    def test_rows_that_are_added_meanwhile_move_nothing(self) -> None:
        first = self.api.get("/issues/", page_size=5).json()
        factories.issue_tokens(self.account, self.gold, 1)
        second = self.api.get(first["next"]).json()
        self.assertEqual(second["results"][0]["id"], first["results"][-1]["id"] - 1)
        back = self.api.get(second["previous"]).json()
        self.assertEqual(back["results"], first["results"])

    def test_the_last_page_is_found_by_an_id_and_counts_nothing(self) -> None:
        pages = []
        answer = self.api.get("/issues/", page_size=2).json()
        while answer["next"]:
            with CaptureQueriesContext(connection) as queries:
                answer = self.api.get(answer["next"]).json()
            pages.append([query["sql"] for query in queries])
        self.assertEqual({len(page) for page in pages}, {len(pages[0])})
        for sql in pages[-1]:
            self.assertNotIn("OFFSET", sql)
            self.assertNotIn("COUNT(", sql)

    def test_filters(self) -> None:
        for query, expected in (
            ({"reference": "R7"}, 1),
            ({"account": self.account.pk + 1}, 0),
            ({"token_type": self.gold.pk, "source": "manual"}, 23),
            ({"expires_before": "2099-01-01T00:00:00Z"}, 0),
        ):
            found = self.api.get("/issues/", page_size=50, **query).json()["results"]
            self.assertEqual(len(found), expected, query)

    def test_a_statement_has_the_balance_on_every_page(self) -> None:
        pages = self.walk(f"/wallets/{self.wallet.pk}/statement/", page_size=10)
        balances = [row["balance"] for page in pages for row in page]
        self.assertEqual(balances, list(range(23, 0, -1)))


@ddt.ddt
class EventsTest(TestCase):
    def setUp(self) -> None:
        self.api = ApiClient(factories.make_user("operator", is_superuser=True))
        self.account, self.gold = factories.make_account(), factories.make_type()

    def issue(self, quantity: int, *, ago: timedelta = timedelta(0)) -> None:
        factories.issue_tokens(self.account, self.gold, quantity, now=NOW() - ago)

    def test_events_are_read_once_in_order_and_not_before_they_are_settled(self) -> None:
        for number in range(5):
            self.issue(number + 1, ago=timedelta(minutes=1))
        self.issue(6)
        cursor, seen = "0-0", []
        while True:
            answer = self.api.get("/events/", after=cursor, size=2).json()
            seen += answer["events"]
            cursor = answer["cursor"]
            if not answer["has_more"]:
                break
        self.assertEqual([event["quantity"] for event in seen], [1, 2, 3, 4, 5])
        self.assertEqual({event["type"] for event in seen}, {"ledger.issue"})
        later = self.api.get("/events/", after=cursor).json()
        self.assertEqual((later["events"], later["cursor"]), ([], cursor))

    def test_an_event_is_not_passed_over_by_later_ones_of_an_earlier_time(self) -> None:
        """As a long sweep writes them, which has one time for all of its entries."""
        self.issue(1)
        self.issue(2, ago=timedelta(minutes=5))
        answer = self.api.get("/events/").json()
        self.assertEqual((answer["events"], answer["cursor"]), ([], "0-0"))
        with mock.patch("token_payments.checkout.feed.SETTLED", timedelta(0)):
            answer = self.api.get("/events/").json()
        self.assertEqual({event["quantity"] for event in answer["events"]}, {1, 2})

    @ddt.data({"after": "x"}, {"after": "1-2x"}, {"size": 0}, {"size": 501}, {"after": "-1-0"})
    def test_events_after_nonsense(self, query: dict[str, Any]) -> None:
        self.assertEqual(self.api.get("/events/", **query).status_code, 400)
