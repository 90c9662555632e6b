"""The log of an order: who did what and when, and what delegates don't read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.portal.order_page.base import OrderCase
from token_payments.models import TokenOrderLogEntry


class LogTests(OrderCase):
    def list_rows(self, **other):
        return self.get("order_log", **other).context["rows"]

    def add(self, number: int, **fields) -> None:
        start = datetime(2026, 7, 1, 12, tzinfo=UTC)
        TokenOrderLogEntry.objects.bulk_create(
            TokenOrderLogEntry(
                order=self.order,
                created_at=start + timedelta(minutes=minute),
                **{"action": "codes_revealed", "actor": self.buyer, "quantity": 1, **fields},
            )
            for minute in range(number)
        )

    def test_each_look_stands_there_the_newest_first_with_who_and_how_many(self) -> None:
        self.post("order_tokens_reveal", {"serial": "3"}, user=self.delegate)
        self.post("order_tokens_copy")
        self.post("order_sheet")

        rows = self.list_rows()

        self.assertEqual(
            [(row.entry.action, row.actor, row.entry.quantity) for row in rows[:3]],
            [
                ("codes_printed", "Bea Buyer", 3),
                ("codes_copied", "Bea Buyer", 3),
                ("codes_revealed", "Dan Delegate", 1),
            ],
        )
        page = self.get("order_log")
        self.assertContains(page, "Tokens printed")
        self.assertContains(page, "Europe/London")

    def test_of_a_change_the_fields_are_named_as_in_forms(self) -> None:
        self.add(1, action="changed", detail="invoice_number, quantity, group_name_of_old")

        self.assertEqual(
            self.list_rows()[0].detail, "invoice number, number of tokens, group_name_of_old"
        )

    def test_times_are_local(self) -> None:
        self.add(1)

        self.assertEqual(self.list_rows()[0].time, "13:00")

    def test_what_no_person_did_is_the_systems(self) -> None:
        self.add(1, actor=None)

        self.assertEqual(self.list_rows()[0].actor, "")
        self.assertContains(self.get("order_log"), "the system")

    def test_reasons_and_names_of_helpers_are_for_owners(self) -> None:
        self.cancel(1, reason="Deal of 99 GBP")

        for user in (self.buyer, self.manager):
            details = [row.detail for row in self.list_rows(user=user)]
            self.assertIn("Deal of 99 GBP", details)
            self.assertIn("dan", details)
        details = [row.detail for row in self.list_rows(user=self.delegate)]
        self.assertEqual(set(details), {""})
        self.assertNotContains(self.get("order_log", user=self.delegate), "99 GBP")

    def test_it_has_pages_of_fifty_and_takes_the_same_queries_for_any(self) -> None:
        queries = []
        for number in (5, 120):
            self.add(number)
            self.get("order_log")
            with CaptureQueriesContext(connection) as captured:
                self.client.get(self.url("order_log"))
            queries.append(len(captured))

        self.assertEqual(queries, [9, 9])
        self.assertEqual(len(self.list_rows()), 50)
        self.assertEqual(len(self.list_rows(data={"page": "x"})), 50)
        self.assertContains(self.get("order_log"), "Page 1 of 3")

    def test_an_order_that_was_only_requested_has_its_first_entry(self) -> None:
        order = factories.make_order(self.item, buyer=self.buyer, now=timezone.now())

        self.assertEqual([row.entry.action for row in self.list_rows(order=order)], ["requested"])
