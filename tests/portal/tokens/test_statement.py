"""The statement: every entry with the balance after it, filters, pages, the file, the issues."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import ddt
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.portal.tokens.base import TokensCase
from token_payments.models import AccountMember
from token_payments.wallets import operations as wallet_operations


@ddt.ddt
class StatementTest(TokensCase):
    def read_file(self, user, data=None) -> list[list[str]]:
        answer = self.get(user, "statement_csv", data)
        self.assertEqual(answer["Content-Type"], "text/csv; charset=utf-8")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    def rows(self, user, data=None):
        return self.get(user, "statement", data).context["rows"]

    def test_the_newest_first_with_signs_and_balances(self) -> None:
        factories.pay(self.ann, self.item, self.wallet)
        rows = self.rows(self.manager)
        facts = [(row.what, row.tokens, row.balance) for row in rows]
        self.assertEqual(facts, [("Spent", "−7", 13), ("Issued", "+20", 20)])

    def test_filters_by_kind_day_and_text(self) -> None:
        self.issue(5, now=datetime(2026, 3, 10, 23, 30, tzinfo=UTC), reason="Early bird")
        factories.pay(self.ann, self.item, self.wallet)
        self.assertEqual(len(self.rows(self.manager, {"kind": "debit"})), 1)
        march = {"since": "2026-03-01", "until": "2026-03-10"}
        self.assertEqual([row.reason for row in self.rows(self.manager, march)], ["Early bird"])
        for text in ("archer", "ann@example", "fire saf", "early"):
            wanted = 0 if text == "archer" else 1
            self.assertEqual(len(self.rows(self.manager, {"text": text})), wanted, text)
        self.assertEqual(self.rows(self.manager, {"kind": "debit"})[0].balance, 18)

    @ddt.data(
        ({"since": "31.12.2026"}, "Enter a valid date"),
        ({"until": "0001-01-01"}, "greater than or equal"),
        ({"until": "9999-12-31"}, "less than or equal"),
        ({"kind": "nonsense"}, "Select a valid choice"),
        ({"text": "a\x00b"}, "Null characters"),
    )
    @ddt.unpack
    def test_a_wrong_filter_is_told_at_its_field_and_the_file_leads_there(self, data, text):
        self.assertContains(self.get(self.manager, "statement", data), text)
        answer = self.get(self.manager, "statement_csv", data)
        self.assertEqual(answer.status_code, 302)
        self.assertTrue(answer["Location"].startswith(self.url("statement")))

    @ddt.data("0", "-1", "x", "99999999999999999999", "\x00")
    def test_any_page_number_is_answered(self, number: str) -> None:
        self.assertEqual(self.get(self.ann, "statement", {"page": number}).status_code, 200)

    def test_fifty_entries_a_page_and_the_filter_stays(self) -> None:
        for _ in range(51):
            self.issue(1)
        first = self.get(self.manager, "statement", {"kind": "issue"})
        self.assertEqual(len(first.context["rows"]), 50)
        self.assertContains(first, "?kind=issue&amp;page=2")
        second = self.get(self.manager, "statement", {"kind": "issue", "page": 2})
        self.assertEqual([row.balance for row in second.context["rows"]], [21, 20])

    def test_what_is_left_of_an_issue_that_was_adjusted_up(self) -> None:
        issue = self.issue(3)
        for amount, shown in ((-2, "<strong>1</strong> of 3 left"), (5, "<strong>6</strong> left")):
            wallet_operations.adjust_issue(
                issue.pk,
                amount,
                actor=self.manager,
                reason="Miscounted",
                idempotency_key=f"adjusted by {amount}",
                now=self.now,
            )
            self.assertContains(self.get(self.ann, "statement"), shown)

    def test_issues_in_burn_order_the_first_is_used_next(self) -> None:
        self.issue(3, days=5)
        self.issue(4)
        page = self.get(self.ann, "statement")
        self.assertEqual([issue.quantity for issue in page.context["issues"]], [3, 20, 4])
        self.assertContains(page, "Used next", count=1)
        self.assertContains(page, "never expire")

    def test_many_issues_are_cut_short(self) -> None:
        for _ in range(13):
            self.issue(1)
        self.assertContains(self.get(self.ann, "statement"), "The others follow")

    def test_the_file_has_all_entries_oldest_first_and_no_formula(self) -> None:
        evil = factories.make_user("evil", name="=cmd()", email="+1@example.com")
        AccountMember.objects.create(account=self.account, user=evil)
        self.item.title = "=HYPERLINK(0)"
        self.item.save()
        factories.pay(evil, self.item, self.wallet)
        self.issue(1, reason="@SUM(A1)")
        rows = self.read_file(self.manager)
        self.assertEqual(
            [row[2:5] for row in rows[1:]],
            [
                ["20", "", "20"],
                ["", "7", "13"],
                ["1", "", "14"],
            ],
        )
        for row in rows:
            for cell in row:
                self.assertFalse(cell.startswith(("=", "+", "-", "@")), cell)

    def test_the_file_is_named_after_account_and_type(self) -> None:
        self.account.name = 'Ac"me\r\nX-Evil: 1; Ünion'
        self.account.save()
        header = self.get(self.ann, "statement_csv")["Content-Disposition"]
        self.assertEqual(header, 'attachment; filename="acme-x-evil-1-union-gold.csv"')

    def test_queries_are_as_many_for_many_entries_and_issues(self) -> None:
        factories.pay(self.ann, self.item, self.wallet)
        self.get(self.manager, "statement")
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                self.get(self.manager, "statement")
            counts.append(len(captured))
            for number in range(20):
                self.issue(8, days=number + 1)
                learner = factories.make_user(f"extra{len(counts)}-{number}")
                AccountMember.objects.create(account=self.account, user=learner)
                factories.pay(learner, self.item, self.wallet)
        self.assertEqual(counts[0], counts[1])

    def test_what_people_entered_is_text(self) -> None:
        factories.make_user("xss", name="<script>alert(1)</script>")
        AccountMember.objects.create(account=self.account, user=factories.find_user("xss"))
        factories.pay(factories.find_user("xss"), self.item, self.wallet)
        self.issue(1, reason="<img src=x>")
        page = self.get(self.manager, "statement")
        self.assertNotContains(page, "<script>alert")
        self.assertNotContains(page, "<img src=x>")

    def test_expired_tokens_are_not_spendable_before_their_expiry_is_recorded(self) -> None:
        self.issue(6, now=self.now - timedelta(days=9), expires_at=self.now - timedelta(days=1))
        page = self.get(self.ann, "statement")
        self.assertEqual(page.context["balance"].available, 20)
        self.assertEqual(page.context["rows"][0].balance, 26)
        wallet_operations.expire_issues(now=self.now)
        self.assertEqual(self.rows(self.ann)[0].balance, 20)
