import ddt
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.admin.wallets.base import WalletCase, in_days, meanwhile
from token_payments.models import Account, AccountMember
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

LIST = ("account", "changelist")


@ddt.ddt
class AccountTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.url = self.page("account", "change", self.acme.pk)

    def test_an_account_is_added_with_its_billing_address(self) -> None:
        data = {"name": "Northgate", "reference": "C-1041", **factories.ADDRESS}
        self.client.post(self.page("account", "add"), data)

        account = Account.objects.get(name="Northgate")
        self.assertEqual((account.reference, account.billing_country.code), ("C-1041", "GB"))
        self.assertEqual(account.history.get().history_user, self.operator)

    def test_customer_numbers_are_unique_but_may_be_left_empty(self) -> None:
        add = self.page("account", "add")
        for name in ("One", "Two"):
            self.client.post(add, {"name": name, "reference": ""})
        self.client.post(add, {"name": "Three", "reference": "C-1"})

        answer = self.client.post(add, {"name": "Four", "reference": "C-1"})

        self.assertContains(answer, "Another account has this customer number.")
        self.assertEqual(Account.objects.count(), 4)

    def test_the_list_has_members_state_and_the_balance_of_each_type(self) -> None:
        self.issue(1200)
        self.issue(5, self.silver)
        self.issue_expired()
        wallet_operations.freeze_account(self.acme.pk, actor=self.operator)

        text = self.read(self.page(*LIST))

        for part in ("1,200 Gold", "5 Silver", "Frozen"):
            self.assertIn(part, text)
        for query, found in (({"state": "frozen"}, 1), ({"state": "active"}, 0), ({"q": "ac"}, 1)):
            answer = self.client.get(self.page(*LIST), query)
            self.assertEqual(len(answer.context["cl"].result_list), found)

    def test_the_list_takes_the_same_queries_for_many_accounts(self) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.page(*LIST))
            return len(queries)

        self.issue(1)
        count()
        few = count()
        for number in range(10):
            account = factories.make_account(f"Account {number}", members=[self.member])
            self.issue(3, account=account)
            self.issue(3, self.silver, account=account)
        self.assertEqual(count(), few)

    def test_the_page_has_a_card_for_each_type_with_what_can_be_done(self) -> None:
        self.issue(10, expires_at=in_days(20))
        self.issue(30)
        self.issue_expired(7)
        self.issue(5, self.silver)
        wallet_operations.archive_type(self.silver.pk, actor=self.operator)

        cards = self.client.get(self.url).context["cards"]

        gold, silver = cards
        held = gold.holding.balance
        figures = (held.available, held.expiring_soon, held.expired, held.spent)
        self.assertEqual([str(figure) for figure in figures], ["40", "10", "7", "0"])
        self.assertIn(f"account={self.acme.pk}&token_type={self.gold.pk}", gold.issue_url)
        self.assertEqual(silver.issue_url, "")
        self.assertEqual(self.client.get(silver.statement_url).status_code, 200)

    def test_the_page_offers_only_what_the_reader_may_do(self) -> None:
        self.issue(10)
        self.sign_in("view_account")

        text = self.read(self.url)

        for label in ("Issue tokens", "Statement", "Freeze", "Token issues"):
            self.assertNotIn(label, text)
        self.assertIn("to spend", text)

    def test_freezing_asks_for_a_reason_and_says_what_happens(self) -> None:
        url = self.page("account", "freeze", self.acme.pk)

        self.assertContains(self.client.get(url), "nothing can be issued, adjusted or extended")
        self.assertContains(self.client.post(url), "This field is required.")
        self.acme.refresh_from_db()
        self.assertFalse(self.acme.is_frozen)
        answer = self.client.post(url, {"reason": "Invoice unpaid"}, follow=True)

        self.assertContains(answer, "Acme is frozen")
        self.acme.refresh_from_db()
        self.assertTrue(self.acme.is_frozen)
        version = self.acme.history.first()
        self.assertEqual(version.history_change_reason, "Invoice unpaid")
        self.assertEqual(version.history_user, self.operator)
        self.assertNotIn("Issue tokens", self.read(self.url))

    def test_unfreezing_lets_tokens_be_issued_again(self) -> None:
        wallet_operations.freeze_account(self.acme.pk, actor=self.operator)
        url = self.page("account", "unfreeze", self.acme.pk)

        answer = self.client.post(url, {"reason": "Paid"}, follow=True)

        self.assertContains(answer, "Acme is active again")
        self.acme.refresh_from_db()
        self.assertFalse(self.acme.is_frozen)
        self.assertIn("Issue tokens", self.read(self.url))

    def test_saving_the_form_unfreezes_nothing_that_was_frozen_meanwhile(self) -> None:
        with meanwhile(lambda: wallet_operations.freeze_account(self.acme.pk, actor=self.operator)):
            self.client.post(self.url, {"name": "Acme Ltd"})

        self.acme.refresh_from_db()
        self.assertEqual((self.acme.name, self.acme.is_frozen), ("Acme Ltd", True))

    def test_an_account_that_held_tokens_is_kept_and_another_is_deleted(self) -> None:
        self.issue(1)
        fresh = factories.make_account("Fresh", members=[self.member])

        statuses = [
            self.client.post(self.page("account", "delete", row.pk), {"post": "yes"}).status_code
            for row in (self.acme, fresh)
        ]

        self.assertEqual(statuses, [403, 302])
        self.assertEqual(list(Account.objects.all()), [self.acme])
        self.assertFalse(AccountMember.objects.filter(account=fresh.pk).exists())

    @ddt.data("freeze", "unfreeze", "members")
    def test_a_viewer_changes_nothing(self, page) -> None:
        self.sign_in("view_account")
        before = self.facts()

        data = {"reason": "x", "action": "add", "user": "operator", "role": "manager"}
        answer = self.client.post(self.page("account", page, self.acme.pk), data)

        self.assertEqual(answer.status_code, 403)
        self.assertEqual(self.facts(), before)

    @override_settings(TOKEN_PAYMENTS_ENABLED=False)
    def test_while_switched_off_nothing_changes_and_a_notice_says_why(self) -> None:
        before = self.facts()
        data = {"reason": "x", "action": "remove", "user": self.member.pk, "name": "New"}
        for page in ("freeze", "members", "change"):
            answer = self.client.post(self.page("account", page, self.acme.pk), data, follow=True)
            self.assertContains(answer, "Token payments are switched off")
        self.assertEqual(self.facts(), before)


@ddt.ddt
class MemberTests(WalletCase):
    def setUp(self) -> None:
        super().setUp()
        self.url = self.page("account", "members", self.acme.pk)
        self.new = factories.make_user("nia", name="Nia New")

    def send(self, **data):
        return self.client.post(self.url, data, follow=True)

    @ddt.data("nia", "NIA@example.com")
    def test_somebody_is_added_by_user_name_or_address_and_it_is_kept_by_whom(self, text) -> None:
        answer = self.send(action="add", user=text, role="manager")

        self.assertContains(answer, "Nia New belongs to the account now: manager.")
        self.assertContains(answer, "Nia New was added: manager.")
        self.assertEqual(wallet_queries.find_role(self.acme, self.new), "manager")
        version = AccountMember.history.filter(user_id=self.new.pk).get()
        self.assertEqual(version.history_user, self.operator)

    @ddt.data(
        ({"user": "nobody"}, "user", "Nobody has the user name"),
        ({"user": ""}, "user", "required"),
        ({"user": "a\0"}, "user", "Null characters"),
        ({"role": "owner"}, "role", "valid choice"),
    )
    @ddt.unpack
    def test_what_is_wrong_is_told_at_the_field(self, fields, field, text) -> None:
        answer = self.send(action="add", **{"user": "nia", "role": "member", **fields})

        self.assertIn(text, str(answer.context["form"].errors[field]))
        self.assertEqual(self.acme.members.count(), 1)

    def test_adding_somebody_again_changes_no_role(self) -> None:
        answer = self.send(action="add", user="mel", role="manager")

        self.assertContains(answer, "Mel Member belongs to the account already.")
        self.assertEqual(wallet_queries.find_role(self.acme, self.member), "member")

    def test_a_role_is_changed_and_a_member_removed_and_both_are_kept(self) -> None:
        wallet_operations.set_member(self.acme, self.new, "manager", actor=self.operator)
        changed = self.send(action="role", user=self.member.pk, role="manager")
        removed = self.send(action="remove", user=self.member.pk)

        self.assertContains(changed, "Mel Member is manager now.")
        self.assertContains(removed, "Mel Member was removed.")
        self.assertIsNone(wallet_queries.find_role(self.acme, self.member))
        users = AccountMember.history.filter(user_id=self.member.pk).values_list(
            "history_type", "history_user"
        )
        self.assertEqual(list(users[:2]), [("-", self.operator.pk), ("~", self.operator.pk)])

    @ddt.data({"action": "remove"}, {"action": "role", "role": "member"})
    def test_the_only_manager_stays_one(self, data) -> None:
        wallet_operations.set_member(self.acme, self.new, "manager", actor=self.operator)

        answer = self.send(user=self.new.pk, **data)

        self.assertContains(answer, "only manager: make somebody else a manager first")
        self.assertEqual(wallet_queries.find_role(self.acme, self.new), "manager")

    @ddt.data(
        {"action": "remove", "user": "999999"},
        {"action": "remove", "user": "x\0"},
        {"action": "remove", "user": "9" * 40},
        {"action": "role", "user": "", "role": "manager"},
        {"action": "\0"},
        {},
    )
    def test_nonsense_changes_nothing(self, data) -> None:
        before = self.facts()

        self.assertEqual(self.send(**data).status_code, 200)

        self.assertEqual(self.facts(), before)

    def test_a_role_that_there_is_not_is_not_given(self) -> None:
        self.send(action="role", user=self.member.pk, role="owner")

        self.assertEqual(wallet_queries.find_role(self.acme, self.member), "member")

    def test_the_page_takes_the_same_queries_for_many_members(self) -> None:
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.url)
            return len(queries)

        count()
        few = count()
        for number in range(8):
            user = factories.make_user(f"user{number}")
            wallet_operations.set_member(self.acme, user, "member", actor=self.operator)
        self.assertEqual(count(), few)

    def test_people_are_suggested_to_those_who_may_change_accounts(self) -> None:
        url = self.page("account", "people")

        self.assertEqual(self.client.get(url, {"q": "ni"}).json()["options"][0]["value"], "nia")
        self.sign_in("view_account", "add_account")
        self.assertEqual(self.client.get(url, {"q": "ni"}).status_code, 403)
