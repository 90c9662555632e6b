"""Paying from a wallet: until which instant, and in how many statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from crum import set_current_request
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.checkout.wallet_base import COURSE, DAY, NOW, WalletPaymentTestCase
from token_payments.checkout import queries as checkout_queries
from token_payments.checkout.payment_methods import wallet as wallet_payment
from token_payments.checkout.payment_methods.wallet_lookup import find_payer
from token_payments.errors import InsufficientTokens, PaymentRefused
from token_payments.models import Redemption
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets.balances import get_balance
from token_payments.wallets.returns import give_back

TICK = timedelta(microseconds=1)


class ExpiryTest(WalletPaymentTestCase):
    def test_pays_until_one_microsecond_before_the_end_and_not_at_it(self) -> None:
        ends = NOW + DAY
        self.issue(14, days=1)
        with pytest.raises(InsufficientTokens) as caught:
            self.pay(now=ends)
        assert caught.value.available == 0
        self.assert_nothing_taken()
        assert self.pay(now=ends - TICK).tokens == 7

    def test_pays_from_the_instant_of_the_issue_and_not_before(self) -> None:
        self.issue(7, now=NOW)
        with pytest.raises(InsufficientTokens):
            self.pay(now=NOW - TICK)
        assert self.pay(now=NOW).tokens == 7

    def test_swept_or_not_at_the_end_nothing_is_left(self) -> None:
        self.issue(7, days=1)
        wallet_operations.expire_issues(now=NOW + DAY - TICK)
        assert self.remaining() == [7]
        wallet_operations.expire_issues(now=NOW + DAY)
        assert self.remaining() == [0]
        for instant in (NOW + DAY, NOW + DAY - TICK):  # swept by a clock that goes ahead
            with pytest.raises(InsufficientTokens):
                self.pay(now=instant)

    def test_a_payment_that_began_in_time_ends_in_time(self) -> None:
        """``now`` is when the learner pressed Finish: the enrolment may take its time."""
        self.issue(7, days=1)
        redemption = self.pay(now=NOW + DAY - TICK)
        assert redemption.completed_at == NOW + DAY - TICK
        [entry] = redemption.entries.all()
        assert entry.created_at == NOW + DAY - TICK

    def test_what_was_swept_between_plan_and_debit_is_not_spent(self) -> None:
        self.issue(7, days=1)
        plan = wallet_payment.plan_draws

        def sweep_after(*arguments: Any) -> Any:
            draws = plan(*arguments)
            wallet_operations.expire_issues(now=NOW + DAY)
            return draws

        with (
            mock.patch.object(wallet_payment, "plan_draws", sweep_after),
            pytest.raises(PaymentRefused),
        ):
            self.pay(now=NOW + DAY - TICK)
        assert not Redemption.objects.exists()

    def test_given_back_after_its_end_it_expires_with_its_issue(self) -> None:
        self.issue(7, days=1)
        redemption = self.pay()
        later = NOW + 2 * DAY
        give_back(redemption, actor=self.manager, reason="left", now=later)
        assert self.remaining() == [0]
        assert get_balance(self.wallet, later).available == 0
        assert get_balance(self.wallet, later).expired == 7
        assert wallet_operations.expire_issues(now=later).tokens == 0
        assert get_balance(self.wallet, later).expired == 7


class QueriesTest(WalletPaymentTestCase):
    def list_statements(self, call: Callable[[], object]) -> list[str]:
        """The plugin's own statements, each by its first word."""
        with CaptureQueriesContext(connection) as captured:
            call()
        statements = [query["sql"].replace("`", '"') for query in captured]
        return [sql.split()[0] for sql in statements if '"token_payments_' in sql]

    def warm(self) -> None:
        """Let nothing be counted that is read once in a process."""
        other = "course-v1:Wallet+P9+2026"
        factories.make_course(other, modes={"verified": 149})
        item = factories.make_item(other, methods=["wallet"], token_prices={self.gold: 1})
        self.issue(1)
        factories.pay(self.learner, item, self.wallet, now=NOW)

    def test_the_core_takes_six_statements_beside_the_catalogue_and_the_gate(self) -> None:
        self.warm()
        for days in (1, 2, 3):
            self.issue(3, days=days)
        statements = self.list_statements(self.pay)
        # asks for the key, (the item,) the wallet with its price and issues, (the gate's item)
        assert statements.count("SELECT") == 4
        # the order of locks: reserve, entries, take; complete
        writes = [word for word in statements if word != "SELECT"]
        assert writes == ["INSERT", "INSERT", "UPDATE", "UPDATE"]

    def test_as_many_whatever_the_wallet_holds(self) -> None:
        self.warm()
        for days in range(1, 31):
            self.issue(1, days=days)
        assert len(self.list_statements(self.pay)) == 8

    def test_one_more_if_the_price_takes_more_issues_than_are_read_at_once(self) -> None:
        for days in range(1, 31):
            self.issue(1, days=days)
        with (
            mock.patch.object(wallet_payment, "MAX_ISSUES", 5),
            mock.patch.object(wallet_payment, "find_payer", self.find_few),
        ):
            redemption = self.pay()
        assert sorted(entry.amount for entry in redemption.entries.all()) == [-1] * 7
        assert self.remaining() == [0] * 7 + [1] * 23

    @staticmethod
    def find_few(*arguments: Any, **named: Any) -> Any:
        payer = find_payer(*arguments, **named)
        return replace(payer, issues=payer.issues[:5])

    def test_the_gate_takes_two(self) -> None:
        self.warm()

        def ask() -> None:
            assert checkout_queries.must_pay_first(self.learner, COURSE, "verified")

        self.addCleanup(set_current_request, None)
        set_current_request(SimpleNamespace(user=self.learner, META={}, headers={}))
        assert self.list_statements(ask) == ["SELECT", "SELECT"]
