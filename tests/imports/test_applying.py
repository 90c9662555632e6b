"""All or nothing, row by row, and what comes of it when something fails half way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.imports.base import COURSE, NOW, LoadCase, outcomes, problems, read
from token_payments.catalogue import operations as catalogue_operations
from token_payments.catalogue import queries as catalogue_queries
from token_payments.errors import AccountFrozen, IdempotencyConflict, InvalidItem
from token_payments.imports import operations, verdicts
from token_payments.imports.planning import By
from token_payments.imports.verdicts import AHEAD, DONE, count
from token_payments.models import Account, AccountMember, LedgerEntry, TokenIssue, Wallet
from token_payments.presenters.csv_files import BOM
from token_payments.wallets import operations as wallet_operations

ISSUES = "reference,account,token_type,quantity\n"


def make_issues(number: int, account: str = "Acme") -> str:
    return ISSUES + "".join(f"R-{each},{account},Gold,{each + 1}\n" for each in range(number))


def failing(function: Callable[..., Any], at: int, error: Exception) -> mock.Mock:
    """The function, which raises the error the ``at``-th time."""
    calls = mock.Mock(side_effect=[*[mock.DEFAULT] * (at - 1), error, *[mock.DEFAULT] * 2000])

    def call(*args: Any, **kwargs: Any) -> Any:
        calls()
        return function(*args, **kwargs)

    return mock.Mock(side_effect=call)


class TogetherTests(LoadCase):
    def test_one_row_with_an_error_keeps_all_others_out(self):
        text = make_issues(3) + "R-9,Nobody,Gold,1\n"
        loaded = operations.load_together(read("issues", text), self.by())
        self.assertFalse(loaded.is_kept)
        self.assertEqual(outcomes(loaded.plans), ["not_done"] * 3 + ["error"])
        self.assertFalse(TokenIssue.objects.exists())

    def test_what_a_row_is_refused_for_on_the_way_takes_all_back(self):
        raising = failing(wallet_operations.raise_issue, 3, AccountFrozen("Acme"))
        with mock.patch("token_payments.wallets.operations.raise_issue", raising):
            loaded = operations.load_together(read("issues", make_issues(5)), self.by())
        self.assertEqual(outcomes(loaded.plans), ["not_done"] * 2 + ["error"] + ["not_done"] * 2)
        self.assertIn("frozen", problems(loaded.plans)[0][2])
        self.assertFalse(TokenIssue.objects.exists() or Wallet.objects.exists())

    def test_who_was_faster_makes_it_look_again(self):
        """The first try meets what another one has just done; the second finds it done."""
        raising = failing(wallet_operations.raise_issue, 2, IdempotencyConflict("x"))
        with mock.patch("token_payments.wallets.operations.raise_issue", raising):
            loaded = operations.load_together(read("issues", make_issues(3)), self.by())
        self.assertTrue(loaded.is_kept)
        self.assertEqual(TokenIssue.objects.count(), 3)

    def test_who_is_always_faster_is_told(self):
        with mock.patch(
            "token_payments.wallets.operations.raise_issue", side_effect=IdempotencyConflict("x")
        ):
            loaded = operations.load_together(read("issues", make_issues(2)), self.by())
        self.assertEqual(outcomes(loaded.plans), ["error", "not_done"])
        self.assertIn("at the same time", problems(loaded.plans)[0][2])


class FailingRowTests(LoadCase):
    def test_a_price_that_could_not_be_saved_is_an_error(self):
        """The verdict had counted it as saved already, for the rows that follow."""
        changing = failing(
            catalogue_operations.change_item, 1, InvalidItem({"item_key": "item_not_found"})
        )
        text = f"course,token_type,tokens\n{COURSE},Gold,4\n{COURSE},Silver,10\n"
        with mock.patch("token_payments.catalogue.operations.change_item", changing):
            plans = self.load_each("prices", text)
        self.assertEqual(outcomes(plans), ["error", "create"])
        self.assertEqual(problems(plans), [(2, "course", "The LMS has no such course any more.")])
        prices = {
            each.token_type: each.quantity
            for each in catalogue_queries.list_token_prices(self.item)
        }
        self.assertEqual(prices, {self.gold: 3, self.silver: 10})


class RefusedByTheDatabase(TransactionTestCase):
    """With real transactions: what is taken back is gone."""

    def setUp(self) -> None:
        factories.make_type("Gold")
        factories.make_account("Acme")
        self.sheet = read("issues", make_issues(1000))
        self.by = By(factories.make_user("olive"), "Spring", NOW)

    def refuse_row_900(self) -> Any:
        """A database that says no, to a row that looked fine."""
        raising = failing(wallet_operations.raise_issue, 900, IntegrityError("no room"))
        return mock.patch("token_payments.wallets.operations.raise_issue", raising)

    def test_all_or_nothing_is_nothing(self):
        with self.refuse_row_900(), self.assertLogs("token_payments.imports", "ERROR"):
            loaded = operations.load_together(self.sheet, self.by)
        self.assertFalse(loaded.is_kept)
        self.assertEqual(problems(loaded.plans), [(901, "", mock.ANY)])
        self.assertIn("database refused", problems(loaded.plans)[0][2])
        self.assertFalse(TokenIssue.objects.exists() or LedgerEntry.objects.exists())

    def test_row_by_row_keeps_the_others_and_goes_on_another_time(self):
        with self.refuse_row_900(), self.assertLogs("token_payments.imports", "ERROR"):
            plans = list(operations.load_each(self.sheet, self.by))
        self.assertEqual(count(plans), {"error": 1, "create": 999})
        self.assertEqual(TokenIssue.objects.count(), 999)
        again = list(operations.load_each(self.sheet, self.by))
        self.assertEqual(count(again), {"create": 1, "unchanged": 999})

    def test_a_real_refusal_of_the_database_takes_all_back(self):
        """Not a mock's: a column that is too short for what the cell let through."""
        text = "name\n" + "".join(f"Account {number}\n" for number in range(20))
        created: list[Account] = []

        def add(account: Account, **by: Any) -> Account:
            created.append(account)
            if len(created) == 15:
                account.name = None  # type: ignore[assignment]
            return api_add(account, **by)

        api_add = wallet_operations.add_account
        with (
            mock.patch("token_payments.wallets.operations.add_account", add),
            self.assertLogs("token_payments.imports", "ERROR"),
        ):
            loaded = operations.load_together(read("accounts", text), self.by)
        self.assertEqual([line for line, *_ in problems(loaded.plans)], [16])
        self.assertEqual(Account.objects.count(), 1)

    def test_who_stops_half_way_keeps_what_is_done(self):
        plans = operations.load_each(self.sheet, self.by)
        for _ in range(250):
            next(plans)
        plans.close()
        self.assertEqual(TokenIssue.objects.count(), 250)
        again = list(operations.load_each(self.sheet, self.by))
        self.assertEqual(count(again), {"create": 750, "unchanged": 250})
        self.assertEqual(LedgerEntry.objects.count(), 1000)


class EachTests(LoadCase):
    def test_rows_with_errors_leave_the_others_alone(self):
        text = make_issues(2) + "R-9,Nobody,Gold,1\n" + "R-10,Beta,Gold,1\n"
        self.assertEqual(outcomes(self.load_each("issues", text)),
                         ["create", "create", "error", "create"])  # fmt: skip
        self.assertEqual(TokenIssue.objects.count(), 3)

    def test_what_changed_since_its_verdict_is_told_at_its_row(self):
        sheet = read("members", "account,user,role\nAcme,ben,manager\nAcme,ann,member\n")
        plans = operations.load_each(sheet, self.by())
        self.assertEqual(next(plans).outcome, "create")
        wallet_operations.set_member(self.acme, self.ben, "member", actor=None)  # type: ignore[arg-type]
        last = next(plans)
        self.assertEqual((last.outcome, last.problems[0].text[:29]),
                         ("error", "This is the account's only ma"))  # fmt: skip

    def test_somebody_who_did_the_same_meanwhile_is_no_error(self):
        sheet = read("accounts", "name,reference\nNew,C-5\nAcme,C-1\nBeta,C-2\n")
        plans = operations.load_each(sheet, self.by())
        other = operations.load_each(sheet, self.by())
        pairs = [(next(plans).outcome.value, next(other).outcome.value) for _ in range(3)]
        self.assertEqual(pairs, [("create", "unchanged"), ("unchanged",) * 2,
                                 ("update", "unchanged")])  # fmt: skip
        self.assertEqual(Account.objects.count(), 3)

    def test_somebody_who_did_something_else_meanwhile_is_told(self):
        sheet = read("accounts", "name,billing_city\nNew,York\nBeta,Leeds\n")
        plans = operations.load_each(sheet, self.by())
        next(plans)
        wallet_operations.change_account(self.beta.pk, {"billing_city": "Hull"}, actor=self.ann)
        self.assertIn("at the same time", next(plans).problems[0].text)
        self.assertEqual(Account.objects.get(name="Beta").billing_city, "Hull")


class QueryTests(LoadCase):
    """As many queries for many rows as for a few."""

    def count_queries(self, kind: str, text: str) -> int:
        sheet = read(kind, text)
        with CaptureQueriesContext(connection) as queries:
            list(operations.preview(sheet, self.by()))
        return len(queries)

    def test_verdicts_take_no_query_of_their_own(self):
        users = [factories.make_user(f"user{number}") for number in range(40)]
        heads = {
            "accounts": ("name,reference\n", lambda n: f"Account {n},C-{n + 5}\n"),
            "members": ("account,user\n", lambda n: f"Acme,{users[n].email.upper()}\n"),
            "issues": (ISSUES, lambda n: f"R-{n},Acme,Gold,{n + 1}\n"),
            "prices": ("course,token_type,tokens\n", lambda n: f"course-{n},Gold,3\n"),
        }
        for kind, (head, make) in heads.items():
            with self.subTest(kind=kind):
                self.count_queries(kind, head + make(0))  # the site's settings are kept from now on
                few = self.count_queries(kind, head + "".join(map(make, range(2))))
                many = self.count_queries(kind, head + "".join(map(make, range(40))))
                self.assertEqual(few, many)
                self.assertLess(many, 10)

    def test_prices_that_stay_ask_nobody(self):
        text = f"course,token_type,tokens\n{COURSE},Gold,3\n"
        with mock.patch("token_payments.catalogue.operations.check_item") as asked:
            self.count_queries("prices", text)
        asked.assert_not_called()


class ReportTests(LoadCase):
    def report(self, text: str, words: Any = AHEAD) -> str:
        return "".join(verdicts.write_report(self.preview("accounts", text), words))

    def test_a_line_for_each_row_with_what_changes(self):
        text = self.report("name,reference,billing_city\nAcme,C-1,Leeds\n,C-9,\nBeta,,\n")
        self.assertEqual(
            text.splitlines(),
            [
                f"{BOM}Row,Result,Concerns,Column,Details",
                "2,Will be changed,Acme,,billing_city: Leeds",
                "3,Error,C-9,name,This must not be empty.",
                "4,Unchanged,Beta,,",
            ],
        )

    def test_no_cell_of_it_is_a_formula(self):
        text = self.report('name,reference\n"=HYPERLINK(""http://x"")",+1\n', DONE)
        self.assertIn("'=HYPERLINK", text)
        line = text.splitlines()[1]
        self.assertNotRegex(line, r"(^|,)\"?[=+@-]")


@pytest.mark.django_db
def test_without_an_actor_it_is_the_system() -> None:
    factories.make_account("Acme")
    factories.make_user("ben")
    sheet = read("members", "account,user\nAcme,ben\n")
    assert operations.load_together(sheet, By(None, "Nightly", NOW)).is_kept
    assert AccountMember.history.get().history_user is None
