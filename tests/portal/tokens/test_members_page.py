"""Managers add people, change roles and end memberships; who has an account isn't told freely."""

from __future__ import annotations

import ddt

from tests import factories
from tests.portal.tokens.base import TokensCase
from tests.portal.told import WARNING, assert_told
from token_payments.models import AccountMember, AccountRole
from token_payments.portal.tokens.members import DONE
from token_payments.wallets import queries as wallet_queries

UNKNOWN = "Nobody could be added"
FEW = 9  # queries: two of the session, two of the transaction, two of the host's page


@ddt.ddt
class MembersTest(TokensCase):
    def add(self, who: str, role: str = "member", **extra):
        return self.post(self.manager, "members", {"who": who, "role": role}, **extra)

    def change(self, user, **data):
        return self.post(self.manager, "change_member", {"person": user.pk, **data})

    def role(self, user):
        return wallet_queries.find_role(self.account, user)

    def test_the_list_has_everybody_with_their_role(self) -> None:
        page = self.get(self.manager, "members")
        for text in ("Ann Archer", "ann@example.com", "Mary Manager", "(you)", "3 members"):
            self.assertContains(page, text)

    @ddt.data("stranger", "stranger@example.com", " STRANGER@Example.com ")
    def test_somebody_is_added_by_either_name(self, who: str) -> None:
        answer = self.add(who)
        assert_told(self, answer, self.url("members"), DONE["added"])
        self.assertEqual(self.role(self.stranger), AccountRole.MEMBER)
        history = AccountMember.history.filter(user=self.stranger).get()
        self.assertEqual(history.history_user, self.manager)

    def test_as_a_manager_too(self) -> None:
        self.add("stranger", "manager")
        self.assertEqual(self.role(self.stranger), AccountRole.MANAGER)

    @ddt.data("nobody", "nobody@example.com", "sleeper", "sleeper@example.com", "twin@example.com")
    def test_one_text_for_whoever_cant_be_found(self, who: str) -> None:
        factories.make_user("sleeper", is_active=False)
        for name in ("twin1", "twin2"):
            factories.make_user(name, email="twin@example.com")
        answer = self.add(who)
        self.assertContains(answer, UNKNOWN)
        self.assertContains(answer, 'aria-invalid="true"')
        self.assertEqual(self.account.members.count(), 3)

    def test_a_user_name_that_is_somebody_elses_address_adds_nobody(self) -> None:
        factories.make_user("boss@example.com", email="thief@example.com")
        self.assertContains(self.add("boss@example.com"), UNKNOWN)
        boss = factories.make_user("boss")
        self.add("boss@example.com", "manager")
        self.assertEqual(self.role(boss), AccountRole.MANAGER)
        self.assertEqual(self.account.members.count(), 4)

    @ddt.data("m\u0131ke@example.com", "mik\u00e9@example.com", "mi\u212ae@example.com")
    def test_an_address_that_only_looks_the_same_to_the_database_adds_nobody(self, planted) -> None:
        factories.make_user("thief", email=planted)
        self.assertContains(self.add("mike@example.com"), UNKNOWN)
        mike = factories.make_user("mike")
        self.add("Mike@Example.com")
        self.assertEqual(self.role(mike), AccountRole.MEMBER)

    def test_a_user_name_that_only_looks_the_same_to_the_database_adds_nobody(self) -> None:
        factories.make_user("jos\u00e9")
        self.assertContains(self.add("jose"), UNKNOWN)

    @ddt.data(("", "Enter the person"), ("a\x00b", "Null characters"), ("x" * 255, "at most 254"))
    @ddt.unpack
    def test_nonsense_is_told_at_the_field(self, who: str, text: str) -> None:
        self.assertContains(self.add(who), text)

    def test_an_unknown_role_is_refused(self) -> None:
        self.assertContains(self.add("stranger", "owner"), "Select a valid choice")
        self.assertIsNone(self.role(self.stranger))

    def test_adding_a_manager_again_takes_no_role_away(self) -> None:
        self.assertContains(self.add("manager", "member"), "is a member already")
        self.assertEqual(self.role(self.manager), AccountRole.MANAGER)

    def test_trying_names_is_slowed_down_and_finding_people_isnt(self) -> None:
        for number in range(20):
            self.assertContains(self.add(f"guess{number}"), UNKNOWN)
        self.assertContains(self.add("stranger"), "Too many addresses")
        self.assertIsNone(self.role(self.stranger))
        other = factories.make_user("other")
        AccountMember.objects.create(account=self.account, user=other, role=AccountRole.MANAGER)
        answer = self.post(other, "members", {"who": "stranger", "role": "member"})
        self.assertEqual(answer.status_code, 302)

    def test_a_role_is_changed_and_kept_in_history(self) -> None:
        answer = self.change(self.ann, role="manager")
        assert_told(self, answer, self.url("members"), DONE["changed"])
        self.assertEqual(self.role(self.ann), AccountRole.MANAGER)
        newest = AccountMember.history.filter(user=self.ann).first()
        self.assertEqual(newest.history_user, self.manager)

    def test_a_membership_ends_and_what_was_paid_stays(self) -> None:
        redemption = factories.pay(self.ann, self.item, self.wallet)
        self.change(self.ann, remove="1")
        self.assertIsNone(self.role(self.ann))
        redemption.refresh_from_db()
        self.assertTrue(redemption.live)

    def test_the_last_manager_stays_one(self) -> None:
        for data in ({"role": "member"}, {"remove": "1"}):
            answer = self.change(self.manager, **data)
            page = assert_told(self, answer, self.url("members"), DONE["last_manager"], how=WARNING)
        self.assertContains(page, "make somebody else manager first")
        self.assertEqual(self.role(self.manager), AccountRole.MANAGER)

    def test_a_manager_who_leaves_is_led_to_my_tokens(self) -> None:
        self.change(self.ann, role="manager")
        self.assertRedirects(self.change(self.manager, remove="1"), "/token-payments/tokens/")

    def test_posts_that_name_nothing_change_nothing(self) -> None:
        for data in (
            {"person": self.ann.pk},
            {"person": self.ann.pk, "role": "owner"},
            {"person": self.stranger.pk, "role": "manager"},
            {"person": "x", "remove": "1"},
            {"person": "9" * 30, "remove": "1"},
            {"remove": "1"},
        ):
            self.assertEqual(self.post(self.manager, "change_member", data).status_code, 302)
        self.assertEqual(self.role(self.ann), AccountRole.MEMBER)
        self.assertIsNone(self.role(self.stranger))

    def test_only_people_of_the_own_account_are_changed(self) -> None:
        other = factories.make_account("Other", members=[self.stranger])
        self.change(self.stranger, remove="1")
        self.assertEqual(other.members.count(), 1)

    def test_queries_are_as_many_for_many_members(self) -> None:
        self.get(self.manager, "members")
        with self.assertNumQueries(FEW):
            self.client.get(self.url("members"))
        for number in range(30):
            user = factories.make_user(f"extra{number}")
            AccountMember.objects.create(account=self.account, user=user)
        with self.assertNumQueries(FEW):
            self.client.get(self.url("members"))
