import csv
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import ddt
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.admin.wallets.base import WalletCase, in_days
from token_payments.admin.wallets import statement
from token_payments.catalogue import operations as catalogue_operations
from token_payments.models import LedgerEntry

COURSE = "course-v1:Acme+FIRE+2026"
LONDON = {"TIME_ZONE": "Europe/London"}


@ddt.ddt
class StatementTests(WalletCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        item = factories.make_shop(COURSE)
        catalogue_operations.save_item(item, methods=["wallet"], token_prices={cls.gold: 7})
        now = timezone.now()
        early, late = now - timedelta(days=3), now - timedelta(days=2)
        arguments = {"actor": cls.operator}
        factories.issue_tokens(cls.acme, cls.gold, 10, now=early, reference="INV-1", **arguments)
        factories.issue_tokens(
            cls.acme, cls.gold, 5, now=late, expires_at=in_days(5), reason="Goodwill", **arguments
        )
        cls.wallet = factories.find_wallet(cls.acme, cls.gold)
        factories.pay(cls.member, item, cls.wallet)

    def list_lines(self, **query):
        answer = self.client.get(self.statement(self.wallet), query)
        self.assertEqual(answer.status_code, 200)
        return [(line.what, line.tokens, str(line.balance)) for line in answer.context["lines"]]

    def read_csv(self, **query):
        answer = self.client.get(self.statement(self.wallet, csv=True), query)
        self.assertEqual(answer["Content-Type"], "text/csv; charset=utf-8")
        self.assertTrue(answer.streaming)
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return list(csv.reader(text.splitlines()))

    def test_every_entry_is_listed_with_the_balance_after_it(self) -> None:
        self.assertEqual(
            self.list_lines(),
            [
                ("Spent", "−2", "8"),
                ("Spent", "−5", "10"),
                ("Issued", "+5", "15"),
                ("Issued", "+10", "10"),
            ],
        )

    def test_the_page_names_actor_reason_course_learner_and_issue(self) -> None:
        text = self.read(self.statement(self.wallet))

        for part in ("Olive Operator", "Goodwill", "Fire Safety", "Mel Member", "expires "):
            self.assertIn(part, text)
        for label, number in (("To spend", 8), ("Spent", 7)):
            self.assertIn(f"<dt>{label}</dt><dd>{number}</dd>", text)

    def test_filters_by_kind_text_and_local_days_keep_the_balances(self) -> None:
        day = (timezone.now() - timedelta(days=3)).astimezone(ZoneInfo("Europe/London")).date()
        with override_settings(TOKEN_PAYMENTS=LONDON):
            for query, found in (
                ({"kind": "debit"}, [("Spent", "−2", "8"), ("Spent", "−5", "10")]),
                ({"text": "goodwill"}, [("Issued", "+5", "15")]),
                ({"text": "inv-1", "kind": "issue"}, [("Issued", "+10", "10")]),
                ({"text": "mel", "kind": "issue"}, []),
                ({"since": f"{day}", "until": f"{day}"}, [("Issued", "+10", "10")]),
                ({"until": "2020-01-01"}, []),
            ):
                with self.subTest(query=query):
                    self.assertEqual(self.list_lines(**query), found)

    @ddt.data(
        {"kind": "\0"},
        {"since": "yesterday"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"text": "a\0b"},
        {"text": "x" * 5000},
        {"before": "\0"},
        {"after": "9" * 40},
        {"before": "²"},
    )
    def test_what_is_filled_in_wrongly_filters_nothing(self, query) -> None:
        self.assertEqual(len(self.list_lines(**query)), 4)

    def test_a_wrong_day_is_told_and_gives_no_file(self) -> None:
        query = {"since": "yesterday"}

        page = self.client.get(self.statement(self.wallet), query)
        answer = self.client.get(self.statement(self.wallet, csv=True), query)

        self.assertContains(page, "Enter a valid date.")
        self.assertEqual(answer.status_code, 302)

    def test_pages_lead_to_older_and_to_newer_entries(self) -> None:
        size, statement.PAGE_SIZE = statement.PAGE_SIZE, 3
        self.addCleanup(setattr, statement, "PAGE_SIZE", size)
        first = self.client.get(self.statement(self.wallet)).context["page"]
        older = self.client.get(self.statement(self.wallet), {"before": first.older})
        page = older.context["page"]
        newer = self.client.get(self.statement(self.wallet), {"after": page.newer})

        self.assertEqual([len(each.keys) for each in (first, page)], [3, 1])
        self.assertEqual((first.newer, page.older), (None, None))
        self.assertEqual(str(older.context["lines"][0].balance), "10")
        self.assertEqual(newer.context["page"].keys, first.keys)

    def test_the_file_has_all_lines_the_oldest_first(self) -> None:
        with override_settings(TOKEN_PAYMENTS=LONDON):
            rows = self.read_csv()

        head, *lines = rows
        self.assertEqual(head[:5], ["Time", "Time zone", "What", "Tokens in", "Tokens out"])
        self.assertEqual([line[5] for line in lines], ["10", "15", "10", "8"])
        self.assertEqual([line[3:5] for line in lines[1:3]], [["5", ""], ["", "5"]])
        self.assertEqual(lines[0][1], "Europe/London")
        self.assertEqual(lines[3][10:], ["Fire Safety", "Mel Member", "mel@example.com"])
        datetime.strptime(lines[0][0], "%Y-%m-%d %H:%M:%S")

    def test_the_file_follows_the_filter(self) -> None:
        self.assertEqual(len(self.read_csv(kind="debit")), 3)

    def test_no_cell_runs_as_a_formula(self) -> None:
        self.issue(1, reason="=HYPERLINK(1)")

        self.assertEqual(self.read_csv()[-1][9], "'=HYPERLINK(1)")

    def test_page_and_file_take_the_same_queries_for_many_entries(self) -> None:
        def count(url) -> int:
            with CaptureQueriesContext(connection) as queries:
                answer = self.client.get(url)
                if answer.streaming:
                    b"".join(answer.streaming_content)
            return len(queries)

        urls = [self.statement(self.wallet), self.statement(self.wallet, csv=True)]
        few = [count(url) for url in urls + urls][2:]
        for number in range(10):
            self.issue(1, actor=factories.make_user(f"actor{number}"))
        self.assertEqual([count(url) for url in urls], few)

    def test_only_who_may_see_the_ledger_sees_a_statement(self) -> None:
        urls = [self.statement(self.wallet), self.statement(self.wallet, csv=True)]
        self.sign_in("view_account", "change_account", "view_tokenissue", "change_tokenissue")
        self.assertEqual([self.client.get(url).status_code for url in urls], [403, 403])
        self.sign_in("view_ledgerentry")
        self.assertEqual([self.client.get(url).status_code for url in urls], [200, 200])

    def test_a_wallet_that_there_is_not_is_not_found(self) -> None:
        for page in ("statement", "statement_csv"):
            url = self.page("ledgerentry", page, 999_999)
            self.assertEqual(self.client.get(url).status_code, 404)


class LedgerTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.issue(10, reference="INV-1", reason="Spring")
        self.issue(5, self.silver, account=factories.make_account("Other"))
        self.list = self.page("ledgerentry", "changelist")

    def test_entries_are_listed_searched_and_filtered(self) -> None:
        for query, found in (
            ({}, 2),
            ({"q": "acme"}, 1),
            ({"q": "INV-1"}, 1),
            ({"q": "spring"}, 1),
            ({"kind__exact": "issue"}, 2),
            ({"kind__exact": "debit"}, 0),
            ({"issue__wallet__token_type__id__exact": self.silver.pk}, 1),
            ({"account": self.acme.pk}, 1),
        ):
            with self.subTest(query=query):
                answer = self.client.get(self.list, query)
                self.assertEqual(len(answer.context["cl"].result_list), found)

    def test_an_entry_is_never_added_changed_or_deleted_even_by_a_superuser(self) -> None:
        self.client.force_login(factories.make_user("root", is_staff=True, is_superuser=True))
        entry = LedgerEntry.objects.first()
        before = self.facts()

        text = self.read(self.page("ledgerentry", "change", entry.pk))
        statuses = [
            self.client.post(self.page("ledgerentry", page, *key), {"post": "yes"}).status_code
            for page, key in (("add", []), ("change", [entry.pk]), ("delete", [entry.pk]))
        ]
        data = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
        self.client.post(self.list, data)

        self.assertNotIn('name="_save"', text)
        self.assertEqual(statuses, [403, 403, 403])
        self.assertEqual(self.facts(), before)

    def test_the_list_takes_the_same_queries_for_many_entries(self) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.list)
            return len(queries)

        count()
        few = count()
        for number in range(10):
            account = factories.make_account(f"Account {number}")
            self.issue(1, account=account, actor=factories.make_user(f"actor{number}"))
        self.assertEqual(count(), few)
