"""Paying from a wallet: who may, with which tokens; enrolled and debited, or neither."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from crum import set_current_request
from ddt import data, ddt, unpack
from edx_django_utils.cache import RequestCache

from common.djangoapps.student.models import CourseEnrollment, EnrollmentNotAllowed
from tests import factories
from tests.checkout.wallet_base import COURSE, DAY, NOW, WalletPaymentTestCase
from token_payments.catalogue import operations as catalogue_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.checkout import redeeming as operations
from token_payments.errors import (
    AccountFrozen,
    AlreadyEnrolled,
    AlreadyPaid,
    HostRefused,
    InsufficientTokens,
    NoSeats,
    NotAManager,
    NotAMember,
    TokenPriceChanged,
    WalletNotChosen,
)
from token_payments.hosts import host
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets.balances import get_balance

TICK = timedelta(microseconds=1)


@ddt
class WhatPaysTest(WalletPaymentTestCase):
    @data(("gold", 7), ("silver", 3))
    @unpack
    def test_any_one_of_the_prices_pays(self, name: str, tokens: int) -> None:
        kind = getattr(self, name)
        issue = self.issue(10, kind=kind)
        redemption = self.pay(wallet=issue.wallet)
        assert (redemption.tokens, redemption.wallet) == (tokens, issue.wallet)
        assert self.remaining() == [10 - tokens]
        assert host.get_enrolment(self.learner, COURSE).is_active

    def test_a_type_without_a_price_does_not_pay(self) -> None:
        bronze = self.issue(100, kind=self.bronze)
        with pytest.raises(TokenPriceChanged) as caught:
            self.pay(wallet=bronze.wallet)
        assert caught.value.now is None
        self.assert_nothing_taken()

    def test_one_type_does_not_make_up_for_another(self) -> None:
        self.issue(6)
        self.issue(2, kind=self.silver)
        for kind in (self.gold, self.silver):
            with pytest.raises(InsufficientTokens):
                self.pay(wallet=factories.find_wallet(self.account, kind))
        self.assert_nothing_taken()

    def test_an_item_priced_in_tokens_alone_has_no_price_in_money(self) -> None:
        factories.make_course("course-v1:Wallet+P2+2026", modes={"honor": 0})
        item = factories.make_item(
            "course-v1:Wallet+P2+2026",
            methods=["wallet"],
            token_prices={self.gold: 2},
            course_mode="honor",
        )
        self.issue(2)
        redemption = factories.pay(self.learner, item, self.wallet, now=NOW)
        assert (redemption.price, redemption.currency, redemption.tokens) == (None, "", 2)
        assert host.get_enrolment(self.learner, item.item_key).mode == "honor"

    def test_what_an_account_holds_of_an_archived_type_stays_spendable(self) -> None:
        self.issue(7)
        wallet_operations.archive_type(self.gold.pk, actor=self.manager)
        assert self.pay().tokens == 7
        assert self.remaining() == [0]

    @data(("frozen", AccountFrozen), ("short", InsufficientTokens), ("gone", WalletNotChosen))
    @unpack
    def test_what_stands_in_the_way_is_told(self, case: str, error: type[Exception]) -> None:
        self.issue(6 if case == "short" else 10)
        if case == "frozen":
            wallet_operations.freeze_account(self.account.pk, actor=self.manager)
        with pytest.raises(error):
            self.pay(**({"reference": {}} if case == "gone" else {}))
        self.assert_nothing_taken()

    def test_unfrozen_it_pays_again(self) -> None:
        self.issue(7)
        wallet_operations.freeze_account(self.account.pk, actor=self.manager)
        wallet_operations.unfreeze_account(self.account.pk, actor=self.manager)
        assert self.pay().tokens == 7

    @data(8, 6)
    def test_a_price_that_changed_since_it_was_agreed_takes_nothing(self, new: int) -> None:
        self.issue(10)
        agreed = {"wallet": str(self.wallet.pk), "tokens": "7"}
        catalogue_operations.save_item(self.item, methods=["wallet"], token_prices={self.gold: new})
        with pytest.raises(TokenPriceChanged) as caught:
            self.pay(reference=agreed)
        assert (caught.value.agreed, caught.value.now) == (7, new)
        self.assert_nothing_taken()

    def test_review_shows_what_finish_takes_and_takes_nothing(self) -> None:
        self.issue(10, days=30)
        soon = self.issue(5, days=7)
        reference = {"wallet": str(self.wallet.pk), "tokens": "7"}
        review = checkout_queries.review(
            learner=self.learner, item_key=COURSE, method="wallet", reference=reference, now=NOW
        )
        draws = [(draw.issue.pk, draw.amount) for draw in review.quote.draws]
        assert draws[0] == (soon.pk, 5)
        assert review.quote.balance_after == 8
        self.assert_nothing_taken()
        redemption = self.pay(reference=reference)
        taken = redemption.entries.order_by("id").values_list("issue", "amount")
        assert [(issue, -amount) for issue, amount in taken] == draws
        assert get_balance(self.wallet, NOW).available == 8


@ddt
class WhoPaysTest(WalletPaymentTestCase):
    def setUp(self) -> None:
        self.issue(10)

    def test_a_manager_pays_for_a_member(self) -> None:
        redemption = self.pay(actor=self.manager)
        assert (redemption.learner, redemption.actor) == (self.learner, self.manager)
        [entry] = redemption.entries.all()
        assert entry.actor == self.manager
        assert host.get_enrolment(self.learner, COURSE).is_active
        assert host.get_enrolment(self.manager, COURSE) is None

    def test_a_managers_request_passes_the_gate_for_the_member_it_pays_for(self) -> None:
        self.addCleanup(set_current_request, None)
        set_current_request(SimpleNamespace(user=self.manager, META={}, headers={}))
        with pytest.raises(EnrollmentNotAllowed):
            CourseEnrollment.enroll(self.learner, factories.key(COURSE), mode="verified")
        assert self.pay(actor=self.manager).state == "completed"
        assert host.get_enrolment(self.learner, COURSE).is_active

    def test_a_manager_pays_for_themselves_like_a_member(self) -> None:
        assert self.pay(self.manager).actor == self.manager

    @data(
        ("a stranger from it", "stranger", "stranger", NotAMember),
        ("a stranger for a member", "learner", "stranger", NotAManager),
        ("a member for another member", "manager", "learner", NotAManager),
        ("a member for a stranger", "stranger", "learner", NotAMember),
        ("a manager for a stranger", "stranger", "manager", NotAMember),
    )
    @unpack
    def test_nobody_else_pays(self, who: str, learner: str, actor: str, error: type) -> None:
        with pytest.raises(error):
            self.pay(getattr(self, learner), actor=getattr(self, actor))
        self.assert_nothing_taken()

    def test_a_manager_of_another_account_does_not_pay(self) -> None:
        rival = factories.make_user("rival")
        factories.make_account("Rival", managers=[rival])
        with pytest.raises(NotAManager):
            self.pay(actor=rival)
        self.assert_nothing_taken()

    def test_a_wallet_that_is_not_there_looks_like_another_accounts(self) -> None:
        for reference in ({"wallet": "999999"}, {"wallet": str(self.wallet.pk)}):
            with pytest.raises(NotAMember):
                self.pay(self.stranger, reference=reference)

    def test_who_was_removed_pays_no_more_and_keeps_what_was_paid(self) -> None:
        self.account.members.create(user=self.stranger)
        paid = self.pay()
        for member in (self.learner, self.stranger):
            wallet_operations.remove_member(self.account, member, actor=self.manager)
        with pytest.raises(NotAMember):
            self.pay(self.stranger)
        assert host.get_enrolment(paid.learner, COURSE).is_active
        assert self.remaining() == [3]


@ddt
class OnceTest(WalletPaymentTestCase):
    def setUp(self) -> None:
        self.issue(20)

    def test_who_is_enrolled_already_burns_nothing(self) -> None:
        CourseEnrollment.enroll(self.learner, factories.key(COURSE), mode="verified")
        with pytest.raises(AlreadyEnrolled):
            self.pay()
        self.assert_nothing_taken()

    def test_a_second_payment_for_the_same_learner_takes_nothing(self) -> None:
        self.pay()
        with pytest.raises(AlreadyEnrolled):
            self.pay(actor=self.manager)
        CourseEnrollment.unenroll(self.learner, factories.key(COURSE))
        with pytest.raises(AlreadyPaid):
            self.pay()
        assert self.remaining() == [13]

    def test_who_was_overtaken_by_their_own_last_tokens_is_told_so(self) -> None:
        in_transaction = operations.in_transaction

        def be_overtaken(*arguments: Any, **with_locks: Any) -> Any:
            with mock.patch.object(operations, "in_transaction", in_transaction):
                self.pay()  # in the other tab, between the look at the enrolment and the plan
            raise InsufficientTokens(wanted=7, available=0)

        with (
            mock.patch.object(operations, "in_transaction", be_overtaken),
            pytest.raises(AlreadyEnrolled),
        ):
            self.pay()

    @data(
        ({"enrollment_end": NOW - 365 * DAY}, "closed"),
        ({"max_student_enrollments_allowed": 0}, "no_seats"),
        ({"invitation_only": True}, "invitation_only"),
    )
    @unpack
    def test_what_the_host_refuses_debits_nothing(self, overview: dict, reason: str) -> None:
        self.addCleanup(RequestCache.clear_all_namespaces)
        factories.change_course(COURSE, **overview)
        with pytest.raises((HostRefused, NoSeats)) as caught:
            self.pay()
        assert caught.value.reason == reason
        self.assert_nothing_taken()

    def test_seats_that_are_taken_debit_nothing(self) -> None:
        self.item.seats = 1
        catalogue_operations.save_item(self.item, methods=["wallet"])
        self.pay()
        with pytest.raises(NoSeats):
            self.pay(self.manager)
        assert self.remaining() == [13]
