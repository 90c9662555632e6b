"""What each row comes to, before anything is done and after it was."""

from __future__ import annotations

from datetime import timedelta

import ddt

from tests import factories
from tests.imports.base import COURSE, NOW, OTHER, LoadCase, outcomes, problems
from token_payments.l10n.dates import end_of_day
from token_payments.models import (
    Account,
    AccountMember,
    CatalogueItem,
    LedgerEntry,
    TokenIssue,
    TokenSettings,
)
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

ISSUES = "reference,account,token_type,quantity,expires,unit_price,currency\n"


class AccountTests(LoadCase):
    TEXT = (
        "name,reference,billing_city,billing_country\n"
        "Acme Ltd,C-1,London,United Kingdom\n"
        "Beta,C-2,,\n"
        "Gamma,C-3,Paris,FR\n"
    )

    def test_what_is_there_is_found_by_number_then_by_name(self):
        plans = self.preview("accounts", self.TEXT)
        self.assertEqual(outcomes(plans), ["update", "update", "create"])
        self.assertEqual(
            [tuple(change) for change in plans[0].changes],
            [
                ("name", "Acme", "Acme Ltd"),
                ("billing_city", "", "London"),
                ("billing_country", "", "GB"),
            ],
        )
        self.assertEqual(plans[1].changes, [("reference", "", "C-2")])

    def test_twice_is_once(self):
        self.load("accounts", self.TEXT)
        self.assertEqual(set(outcomes(self.load("accounts", self.TEXT))), {"unchanged"})
        names = Account.objects.order_by("reference").values_list("name", "billing_country")
        self.assertEqual(list(names), [("Acme Ltd", "GB"), ("Beta", ""), ("Gamma", "FR")])

    def test_an_empty_cell_leaves_what_is_there(self):
        self.load("accounts", self.TEXT)
        text = "name,reference,billing_city\nGamma,C-3,\n"
        self.assertEqual(outcomes(self.load("accounts", text)), ["unchanged"])
        self.assertEqual(Account.objects.get(name="Gamma").billing_city, "Paris")

    def test_who_did_it_and_why_is_kept(self):
        self.load("accounts", self.TEXT)
        account = Account.objects.get(name="Acme Ltd")
        last = account.history.first()
        self.assertEqual((last.history_user, last.history_change_reason), (self.olive, "Spring"))

    def test_a_name_or_number_that_another_one_has(self):
        self.assert_refused("accounts", "name,reference\nBeta,C-1\n", "name", "Another account")
        text = "name,reference\nAcme,C-9\n"
        self.assert_refused("accounts", text, "reference", "customer number “C-1”")

    def test_one_name_or_number_twice_in_the_file(self):
        text = "name,reference\nNew,C-7\nnew,C-8\nOther,C-7\n"
        plans = self.preview("accounts", text)
        self.assertEqual(outcomes(plans), ["create", "error", "error"])
        self.assertEqual([(line, column) for line, column, _ in problems(plans)],
                         [(3, "name"), (4, "reference")])  # fmt: skip
        self.assertIn("Row 2", problems(plans)[0][2])

    def test_who_may_only_add_or_only_change(self):
        plans = self.preview("accounts", self.TEXT, may_add=False)
        self.assertEqual(outcomes(plans), ["update", "update", "error"])
        plans = self.preview("accounts", self.TEXT, may_change=False)
        self.assertEqual(outcomes(plans), ["error", "error", "create"])


class MemberTests(LoadCase):
    def test_people_are_found_by_name_or_address(self):
        text = "account,user,role\nC-1,BEN@example.com,\nAcme,ann,manager\n"
        text += "Beta,zoé@example.com,Manager\n"
        plans = self.load("members", text)
        self.assertEqual(outcomes(plans), ["create", "unchanged", "create"])
        members = AccountMember.objects.order_by("pk").values_list("user__username", "role")
        self.assertEqual(list(members), [("ann", "manager"), ("ben", "member"), ("zoe", "manager")])
        self.assertEqual(set(outcomes(self.load("members", text))), {"unchanged"})
        history = AccountMember.history.first()
        self.assertEqual((history.history_user, history.history_change_reason),
                         (self.olive, "Spring"))  # fmt: skip

    def test_a_role_that_isnt_named_stays(self):
        self.assertEqual(outcomes(self.preview("members", "account,user\nAcme,ann\n")),
                         ["unchanged"])  # fmt: skip

    def test_whom_or_what_nobody_knows(self):
        self.assert_refused("members", "account,user\nNobody,ann\n", "account", "“Nobody”")
        self.assert_refused("members", "account,user\nAcme,nobody\n", "user", "“nobody”")
        # to some databases é is e
        self.assert_refused("members", "account,user\nAcme,zoe@example.com\n", "user", "zoe@")

    def test_somebody_who_cant_sign_in(self):
        factories.make_user("gone", is_active=False)
        self.assert_refused("members", "account,user\nAcme,gone\n", "user", "not active")

    def test_an_address_that_two_users_have(self):
        factories.make_user("bob", email="Bob@example.com")
        factories.make_user("bobby", email="BOB@example.com")
        text = "account,user\nAcme,bob@example.com\n"
        self.assert_refused("members", text, "user", "More than one user")
        [plan] = self.load("members", "account,user\nAcme,BOB@example.com\n")
        self.assertTrue(AccountMember.objects.filter(user__username="bobby").exists(), plan)

    def test_a_text_that_is_one_accounts_number_and_anothers_name(self):
        Account.objects.create(name="C-1")
        self.assert_refused("members", "account,user\nC-1,ben\n", "account", "number of “Acme”")

    def test_the_only_manager_stays_one_unless_another_comes_first(self):
        text = "account,user,role\nAcme,ann,member\n"
        self.assert_refused("members", text, "role", "only manager")
        text = "account,user,role\nAcme,ben,manager\nC-1,ann,member\n"
        self.assertEqual(outcomes(self.load("members", text)), ["create", "update"])
        self.assertEqual(wallet_queries.find_role(self.acme, self.ben), "manager")

    def test_somebody_twice_in_one_account(self):
        text = "account,user\nAcme,ben\nC-1,ben@example.com\nBeta,ben\n"
        self.assertEqual(outcomes(self.preview("members", text)), ["create", "error", "create"])


@ddt.ddt
class IssueTests(LoadCase):
    TEXT = ISSUES + "R-1,C-1,Gold,50,2030-12-31,45.00,GBP\nR-2,Beta,silver,7,,,\n"

    def test_they_are_raised_once(self):
        self.assertEqual(outcomes(self.load("issues", self.TEXT)), ["create", "create"])
        self.assertEqual(outcomes(self.load("issues", self.TEXT)), ["unchanged"] * 2)
        first, second = TokenIssue.objects.order_by("pk")
        self.assertEqual((first.wallet.account, first.wallet.token_type), (self.acme, self.gold))
        self.assertEqual((first.quantity, first.reference, first.source), (50, "R-1", "manual"))
        self.assertEqual(first.expires_at.isoformat(), "2031-01-01T00:00:00+00:00")
        self.assertEqual((str(first.unit_price), first.currency), ("45.000", "GBP"))
        self.assertIsNone(second.expires_at)
        entry = LedgerEntry.objects.get(issue=first)
        self.assertEqual((entry.actor, entry.reason), (self.olive, "Spring"))

    def test_a_row_may_have_a_reason_of_its_own(self):
        head = "reference,account,token_type,quantity,reason\n"
        self.load("issues", head + "R-1,Acme,Gold,1,Own\n")
        self.assertEqual(LedgerEntry.objects.get().reason, "Own")

    @ddt.data(
        ("R-1,Beta,Gold,50,2030-12-31,45.00,GBP", "account", "Acme"),
        ("R-1,C-1,Silver,50,2030-12-31,45.00,GBP", "token_type", "Gold"),
        ("R-1,C-1,Gold,51,2030-12-31,45.00,GBP", "quantity", "50"),
        ("R-1,C-1,Gold,50,2030-12-30,45.00,GBP", "expires", "2030-12-31"),
        ("R-1,C-1,Gold,50,2030-12-31,46.00,GBP", "unit_price", "45.000"),
        ("R-1,C-1,Gold,50,2030-12-31,45.00,EUR", "currency", "GBP"),
    )
    @ddt.unpack
    def test_a_reference_with_other_content_is_refused(self, row, column, was):
        self.load("issues", self.TEXT)
        self.assert_refused("issues", ISSUES + row + "\n", column, f"with {was} here")

    def test_what_was_spent_adjusted_or_extended_meanwhile_is_the_same_issue(self):
        self.load("issues", self.TEXT)
        issue = TokenIssue.objects.get(reference="R-1")
        by = {"actor": self.olive, "reason": "x", "now": NOW}
        wallet_operations.adjust_issue(issue.pk, -20, idempotency_key="a", **by)
        for key, days in (("b", 1), ("c", 2)):
            later = issue.expires_at + timedelta(days=days)
            wallet_operations.extend_expiry(issue.pk, later, idempotency_key=key, **by)
        self.assertEqual(outcomes(self.load("issues", self.TEXT)), ["unchanged"] * 2)
        text = self.TEXT.replace("2030-12-31", "2031-01-02")
        self.assertEqual(outcomes(self.preview("issues", text)), ["unchanged"] * 2)

    def test_one_that_was_raised_by_hand_under_the_reference_is_the_same(self):
        issued = {"reference": "R-1", "unit_price": 45, "currency": "GBP"}
        expires_at = end_of_day((NOW + timedelta(days=30)).date())
        issue = factories.issue_tokens(self.acme, self.gold, 50, expires_at=expires_at, **issued)
        text = ISSUES + "R-1,Acme,Gold,50,,45,GBP\n"
        self.assertEqual(outcomes(self.load("issues", text)), ["unchanged"])
        self.assert_refused("issues", ISSUES + "R-1,Acme,Gold,5,,,\n", "quantity", f"#{issue.pk}")
        self.assertEqual(TokenIssue.objects.count(), 1)

    def test_one_reference_twice_in_the_file(self):
        text = ISSUES + "R-1,C-1,Gold,50,,,\nR-1,C-1,Gold,50,,,\n"
        self.assertEqual(outcomes(self.preview("issues", text)), ["create", "error"])

    @ddt.data(
        ("R,Acme,Bronze,1,,,", "token_type", "There are: Gold, Silver"),
        ("R,Acme,Golden,1,,,", "token_type", "did you mean “Gold”"),
        ("R,Nobody,Gold,1,,,", "account", "“Nobody”"),
        ("R,Acme,Gold,1,2026-11-01,,", "expires", "This day is over"),
        ("R,Acme,Gold,1,,45,", "currency", "go together"),
        ("R,Acme,Gold,1,,,GBP", "unit_price", "go together"),
        ("R,Acme,Gold,1,,45.005,GBP", "unit_price", "at most 2"),
        ("R,Acme,Gold,1,,45.5,JPY", "unit_price", "at most 0"),
    )
    @ddt.unpack
    def test_what_cant_be_raised(self, row, column, part):
        self.assert_refused("issues", ISSUES + row + "\n", column, part)

    def test_today_is_not_over(self):
        text = ISSUES + "R,Acme,Gold,1,2026-11-02,,\n"
        self.assertEqual(outcomes(self.load("issues", text)), ["create"])

    def test_frozen_accounts_and_archived_types(self):
        text = ISSUES + "R,Acme,Gold,1,,,\n"
        wallet_operations.archive_type(self.gold.pk, actor=self.olive)
        self.assert_refused("issues", text, "token_type", "archived")
        wallet_operations.restore_type(self.gold.pk, actor=self.olive)
        wallet_operations.freeze_account(self.acme.pk, actor=self.olive)
        self.assert_refused("issues", text, "account", "“Acme” is frozen")

    def test_where_tokens_come_from_orders_alone(self):
        self.load("issues", self.TEXT)
        TokenSettings.objects.create(enabled=True, manual_issues_allowed=False)
        self.assertEqual(outcomes(self.preview("issues", self.TEXT)), ["unchanged"] * 2)
        self.assert_refused("issues", ISSUES + "R,Acme,Gold,1,,,\n", "", "Allow Manual Raising")


class PriceTests(LoadCase):
    TEXT = (
        "course,token_type,tokens,price,currency\n"
        f"{COURSE},Gold,4,149.00,GBP\n"
        f"{COURSE},Silver,10,,\n"
    )

    def prices(self) -> dict[str, int]:
        item = CatalogueItem.objects.get(pk=self.item.pk)
        return {str(each.token_type): each.quantity for each in item.token_prices.all()}

    def test_a_price_for_each_type_and_one_in_money(self):
        plans = self.preview("prices", self.TEXT)
        self.assertEqual(outcomes(plans), ["update", "create"])
        self.assertEqual(plans[0].changes[0], ("tokens", "3", "4"))
        self.load("prices", self.TEXT)
        self.assertEqual(self.prices(), {"Gold": 4, "Silver": 10})
        item = CatalogueItem.objects.get(pk=self.item.pk)
        self.assertEqual((item.price, item.currency), (149, "GBP"))
        self.assertEqual(set(outcomes(self.load("prices", self.TEXT))), {"unchanged"})

    def test_the_items_history_says_what_changed_and_why(self):
        self.load("prices", f"course,token_type,tokens\n{COURSE},gold,4\n")
        last = self.item.history.first()
        self.assertEqual(last.history_change_reason, "Gold: 3 → 4. Spring")
        self.assertEqual(last.history_user, self.olive)

    def test_types_that_the_file_doesnt_name_keep_their_price(self):
        self.load("prices", f"course,token_type,tokens\n{COURSE},Silver,9\n")
        self.assertEqual(self.prices(), {"Gold": 3, "Silver": 9})

    def test_what_cant_be_priced(self):
        head = "course,token_type,tokens,price,currency\n"
        for row, column, part in (
            (f"{OTHER},Gold,1,,", "course", "not in the catalogue"),
            (f"{COURSE},Gold,,,", "tokens", "go together"),
            (f"{COURSE},,4,,", "token_type", "go together"),
            (f"{COURSE},,,,", "tokens", "Write a price"),
            (f"{COURSE},,,,GBP", "tokens", "Write a price"),
            (f"{COURSE},Gold,4,,GBP", "price", "go together"),
            (f"{COURSE},,,12,", "currency", "currency of the price"),
            (f"{COURSE},,,12.345,GBP", "price", "at most 2"),
            (f"{COURSE},Brass,4,,", "token_type", "Brass"),
        ):
            with self.subTest(row=row):
                self.assert_refused("prices", head + row + "\n", column, part)

    def test_an_archived_type_gets_no_new_price_and_keeps_its_old_one(self):
        wallet_operations.archive_type(self.gold.pk, actor=self.olive)
        head = "course,token_type,tokens\n"
        self.assert_refused("prices", f"{head}{COURSE},Gold,4\n", "token_type", "archived")
        self.assertEqual(outcomes(self.preview("prices", f"{head}{COURSE},Gold,3\n")),
                         ["unchanged"])  # fmt: skip

    def test_a_course_without_a_paid_mode(self):
        factories.make_course(OTHER, modes={"audit": 0})
        item = CatalogueItem.objects.create(item_key=OTHER)
        text = f"course,price,currency\n{OTHER},12,GBP\n"
        self.assertEqual(outcomes(self.preview("prices", text)), ["create"])
        item.payment_methods.create(method="wallet")
        self.assert_refused("prices", text, "tokens", "write a price in them first")
        text = f"course,token_type,tokens,price,currency\n{OTHER},Gold,2,12,GBP\n"
        self.assert_refused("prices", text, "course", "no paid mode")

    def test_one_price_twice_in_the_file(self):
        text = f"course,token_type,tokens,price,currency\n{COURSE},Gold,4,,\n{COURSE},gold,5,,\n"
        text += f"{COURSE},,,5,GBP\n{COURSE},Silver,5,6,GBP\n"
        plans = self.preview("prices", text)
        self.assertEqual(outcomes(plans), ["update", "error", "create", "error"])
        self.assertEqual([column for _, column, _ in problems(plans)], ["token_type", "price"])
