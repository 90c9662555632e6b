"""A manager pays for several members: who is meant, what it would take, what came of it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from unittest import mock

import ddt
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from tests import factories
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.errors import (
    AccountFrozen,
    LastManager,
    NotAManager,
    NotAMember,
    NotOffered,
    TokenPriceChanged,
    TooManyPeople,
)
from token_payments.hosts import host
from token_payments.models import Account, AccountMember, AccountRole, Redemption, TokenPrice
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets import queries as wallet_queries

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COURSE = "course-v1:Members+M1+2026"


class MembersCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold = factories.make_type("Gold")
        cls.item = factories.make_shop(
            COURSE, modes={"verified": 149}, methods=["wallet"], token_prices={cls.gold: 7}
        )
        cls.manager = factories.make_user("manager")
        cls.ann, cls.bob, cls.cyd = (factories.make_user(name) for name in ("Ann", "Bob", "Cyd"))
        cls.stranger = factories.make_user("stranger")
        members = [cls.ann, cls.bob, cls.cyd]
        cls.account = factories.make_account(members=members, managers=[cls.manager])
        factories.issue_tokens(cls.account, cls.gold, 20, now=NOW)
        cls.wallet = factories.find_wallet(cls.account, cls.gold)

    def find(self, *names: str, ids: tuple[int, ...] = ()) -> list[checkout_queries.Person]:
        return checkout_queries.get_people(self.account, user_ids=ids, names=names)

    def preview(self, *names: str, **arguments) -> checkout_queries.MembersPreview:
        arguments = {
            "actor": self.manager,
            "wallet": self.wallet,
            "item_key": COURSE,
            "people": self.find(*names),
            "now": NOW,
            **arguments,
        }
        return checkout_queries.preview_members(**arguments)

    def pay(self, *users, key: str = "key", **arguments) -> list[checkout_operations.MemberResult]:
        arguments = {
            "actor": self.manager,
            "wallet": self.wallet,
            "item_key": COURSE,
            "tokens": 7,
            "user_ids": [user.pk for user in users],
            "idempotency_key": key,
            "now": NOW,
            **arguments,
        }
        return checkout_operations.pay_for_members(**arguments)

    def available(self) -> int:
        return wallet_queries.get_balance(self.wallet, NOW).available


@ddt.ddt
class WhoIsMeantTest(MembersCase):
    @ddt.data("Ann", "ANN", "ann@example.com", "Ann@Example.COM")
    def test_a_member_is_found_by_either_name_whatever_the_capitals(self, name: str) -> None:
        (person,) = self.find(name)
        assert (person.entered, person.learner, person.reason) == (name, self.ann, "")

    @ddt.data("stranger", "stranger@example.com", "nobody@example.com", "a\x00b", "'; --", "é")
    def test_strangers_are_answered_like_people_whom_the_site_doesnt_know(self, name: str) -> None:
        if "\x00" in name and connection.vendor == "postgresql":
            return  # no form lets it through, and PostgreSQL takes no such text
        (person,) = self.find(name)
        assert (person.learner, person.reason) == (None, "not_a_member")

    def test_each_person_once_the_ticked_ones_first(self) -> None:
        people = self.find(
            "cyd", "Bob", "BOB@example.com", "who", "WHO", ids=(self.bob.pk, self.ann.pk)
        )
        assert [person.learner for person in people] == [self.ann, self.bob, self.cyd, None]

    def test_ids_of_people_who_arent_members_are_left_out(self) -> None:
        assert self.find(ids=(self.stranger.pk, 0, self.bob.pk))[0].learner == self.bob

    def test_an_address_that_two_members_have_is_nobodys(self) -> None:
        twin = factories.make_user("twin", email="ann@example.com")
        AccountMember.objects.create(account=self.account, user=twin)
        assert [person.reason for person in self.find("ANN@example.com")] == ["ambiguous"]
        assert self.find("twin")[0].learner == twin

    def test_a_user_name_that_looks_like_anothers_address_finds_nobody(self) -> None:
        fake = factories.make_user("ann@example.com", email="fake@example.com")
        AccountMember.objects.create(account=self.account, user=fake)
        assert self.find("ann@example.com")[0].learner == self.ann

    def test_two_hundred_people_take_two_queries(self) -> None:
        names = [f"who{number}@example.com" for number in range(200)]
        with self.assertNumQueries(2):
            self.find(*names, ids=(self.ann.pk,))


class PreviewTest(MembersCase):
    def test_tells_the_cost_and_what_is_left_and_takes_nothing(self) -> None:
        preview = self.preview("ann", "bob", "nobody")
        assert preview.payable == [self.ann, self.bob]
        figures = (preview.tokens, preview.cost, preview.available, preview.balance_after)
        assert figures == (7, 14, 20, 6)
        assert preview.missing == 0
        assert self.available() == 20
        assert not Redemption.objects.exists()

    def test_says_how_many_tokens_are_missing(self) -> None:
        assert self.preview("ann", "bob", "cyd").missing == 1

    def test_everybody_has_a_verdict_of_their_own(self) -> None:
        factories.pay(self.ann, self.item, self.wallet, now=NOW)
        left = factories.pay(self.bob, self.item, self.wallet, now=NOW)
        from common.djangoapps.student.models import CourseEnrollment

        CourseEnrollment.unenroll(left.learner, factories.key(COURSE))
        preview = self.preview("ann", "bob", "cyd", "nobody")
        reasons = ["already_enrolled", "already_paid", "", "not_a_member"]
        assert [person.reason for person in preview.people] == reasons

    def test_only_as_many_as_there_are_seats_in_the_order_shown(self) -> None:
        self.item.seats = 2
        self.item.save()
        reasons = [person.reason for person in self.preview("cyd", "ann", "bob").people]
        assert reasons == ["", "", "no_seats"]

    def test_the_hosts_refusals_come_back_person_by_person(self) -> None:
        factories.change_course(COURSE, enrollment_end=NOW - timedelta(days=1))
        assert [person.reason for person in self.preview("ann", "bob").people] == ["closed"] * 2

    def test_what_nobody_can_pay_is_refused_as_a_whole(self) -> None:
        with pytest.raises(NotAManager):
            self.preview("ann", actor=self.ann)
        with pytest.raises(NotAManager):
            self.preview("ann", actor=self.stranger)
        silver = factories.find_wallet(self.account, factories.make_type("Silver"))
        with pytest.raises(TokenPriceChanged):
            self.preview("ann", wallet=silver)
        with pytest.raises(TooManyPeople):
            self.preview(*(f"who{number}" for number in range(checkout_queries.MAX_PEOPLE + 1)))
        Account.objects.update(is_frozen=True)
        with pytest.raises(AccountFrozen):
            self.preview("ann", wallet=type(self.wallet).objects.get(pk=self.wallet.pk))
        self.item.payment_methods.all().delete()
        self.item.payment_methods.create(method="token_code")
        Account.objects.update(is_frozen=False)
        with pytest.raises(NotOffered):
            self.preview("ann", wallet=type(self.wallet).objects.get(pk=self.wallet.pk))


@ddt.ddt
class PayTest(MembersCase):
    def test_each_member_is_enrolled_and_the_manager_stands_in_the_ledger(self) -> None:
        results = self.pay(self.bob, self.ann)
        assert [result.learner for result in results] == [self.ann, self.bob]
        for result in results:
            assert host.get_enrolment(result.learner, COURSE).is_active
            assert result.redemption.actor == self.manager
            assert result.redemption.entries.get().actor == self.manager
        assert self.available() == 6

    def test_the_same_request_again_pays_for_nobody_twice(self) -> None:
        first = self.pay(self.ann, self.bob)
        Account.objects.update(is_frozen=True)
        assert self.pay(self.ann, self.bob) == first
        assert self.available() == 6

    def test_those_who_can_be_paid_are_paid_whatever_the_others_meet(self) -> None:
        results = self.pay(self.ann, self.bob, self.cyd)
        assert [bool(result.redemption) for result in results] == [True, True, False]
        assert results[2].reason == "insufficient_tokens"
        assert self.available() == 6
        factories.issue_tokens(self.account, self.gold, 1, now=NOW)
        again = self.pay(self.ann, self.bob, self.cyd)
        assert again[:2] == results[:2]
        assert again[2].redemption is not None
        assert self.available() == 0

    def test_a_crash_at_one_person_leaves_the_others_paid(self) -> None:
        adapter = host.__class__
        enrol = adapter.enrol

        def crash_at_bob(user, *arguments, **options):
            if user == self.bob:
                raise RuntimeError("boom")
            return enrol(user, *arguments, **options)

        with mock.patch.object(adapter, "enrol", staticmethod(crash_at_bob)):
            results = self.pay(self.ann, self.bob)
        assert [(bool(row.redemption), row.reason) for row in results] == [
            (True, ""),
            (False, "failed"),
        ]
        assert self.available() == 13

    def test_a_price_that_changed_meanwhile_is_not_paid(self) -> None:
        TokenPrice.objects.update(quantity=8)
        assert [row.reason for row in self.pay(self.ann)] == ["token_price_changed"]
        assert self.available() == 20

    def test_nobody_who_cannot_sign_in_is_paid_for(self) -> None:
        get_user_model().objects.filter(pk=self.ann.pk).update(is_active=False)
        [person] = checkout_queries.get_people(self.account, names=[self.ann.email])
        self.assertEqual((person.learner, person.reason), (None, "not_a_member"))
        self.assertEqual(self.pay(self.ann), [])
        self.ann.refresh_from_db()
        with self.assertRaises(NotAMember):
            checkout_operations.redeem(
                learner=self.ann,
                actor=self.manager,
                item_key=COURSE,
                method="wallet",
                reference={"wallet": str(self.wallet.pk)},
                idempotency_key="inactive",
                now=NOW,
            )
        self.assertEqual(self.available(), 20)

    @ddt.data("x", "-1", "1.0", "9" * 19, "9" * 5000, "١")
    def test_a_reference_that_is_no_number_is_nobodys_wallet(self, wallet: str) -> None:
        with self.assertRaises(NotAMember):
            checkout_operations.redeem(
                learner=self.ann,
                item_key=COURSE,
                method="wallet",
                reference={"wallet": wallet},
                idempotency_key="crooked",
                now=NOW,
            )

    def test_only_managers_pay_for_others_and_only_for_members(self) -> None:
        for actor in (self.ann, self.stranger):
            with pytest.raises(NotAManager):
                self.pay(self.bob, actor=actor)
        assert self.pay(self.stranger) == []
        with pytest.raises(TooManyPeople):
            self.pay(user_ids=range(checkout_queries.MAX_PEOPLE + 1))
        assert not Redemption.objects.exists()

    def test_another_managers_key_finds_nothing(self) -> None:
        other = factories.make_user("other")
        AccountMember.objects.create(account=self.account, user=other, role=AccountRole.MANAGER)
        self.pay(self.ann)
        assert [row.reason for row in self.pay(self.ann, actor=other)] == ["already_enrolled"]

    def test_a_key_fits_its_column_with_the_largest_ids(self) -> None:
        key = f"members:{2**31 - 1}:{uuid.uuid4().hex}:{2**31 - 1}"
        assert len(key) <= Redemption._meta.get_field("idempotency_key").max_length

    def test_each_person_costs_the_same_number_of_queries(self) -> None:
        self.pay(self.cyd, key="warm")
        with CaptureQueriesContext(connection) as one:
            self.preview("ann")
        with CaptureQueriesContext(connection) as two:
            self.preview("ann", "bob")
        assert len(two) - len(one) <= 9


class LastManagerTest(MembersCase):
    def test_the_only_manager_is_neither_removed_nor_made_a_member(self) -> None:
        with pytest.raises(LastManager):
            wallet_operations.remove_member(self.account, self.manager, actor=self.manager)
        with pytest.raises(LastManager):
            wallet_operations.set_member(
                self.account, self.manager, AccountRole.MEMBER, actor=self.manager
            )
        assert wallet_queries.find_role(self.account, self.manager) == AccountRole.MANAGER

    def test_one_of_two_may_go(self) -> None:
        wallet_operations.set_member(
            self.account, self.ann, AccountRole.MANAGER, actor=self.manager
        )
        assert wallet_operations.remove_member(self.account, self.manager, actor=self.ann)
        assert wallet_queries.find_role(self.account, self.manager) is None

    def test_members_come_and_go_in_an_account_without_managers(self) -> None:
        account = factories.make_account("Bare", members=[self.ann])
        wallet_operations.set_member(account, self.bob, AccountRole.MEMBER, actor=self.manager)
        assert wallet_operations.remove_member(account, self.ann, actor=self.manager)
