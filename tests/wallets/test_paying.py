"""Paying from a wallet: burn order, once, nothing taken without the enrolment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from tests import factories
from token_payments.errors import (
    IdempotencyConflict,
    InsufficientTokens,
)
from token_payments.hosts import host
from token_payments.models import (
    Account,
    EntryKind,
    LedgerEntry,
    Redemption,
    TokenIssue,
    TokenPrice,
    Wallet,
)
from token_payments.wallets.balances import get_balance, preview_debit
from token_payments.wallets.fifo import plan_draws
from token_payments.wallets.returns import give_back
from token_payments.wallets.spending import expire_issues

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COURSE = "course-v1:Wallet+W1+2026"
METHODS = {
    "CODE_KEYS": {"test": "a key for tests, it protects nothing at all"},
    "PAYMENT_METHODS": [
        "token_payments.checkout.payment_methods.token_code.TokenCodePayment",
        "token_payments.checkout.payment_methods.wallet.WalletPayment",
    ],
}


@override_settings(TOKEN_PAYMENTS=METHODS)
class PayTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.gold, cls.silver = factories.make_type("Gold"), factories.make_type("Silver")
        cls.item = factories.make_shop(
            COURSE, modes={"verified": 149}, methods=["wallet"], token_prices={cls.gold: 7}
        )
        cls.learner = factories.make_user("learner")
        cls.account = factories.make_account(members=[cls.learner])

    def issue(self, quantity: int, *, days: int | None = None, kind=None, now=NOW) -> TokenIssue:
        expires_at = None if days is None else NOW + timedelta(days=days)
        return factories.issue_tokens(
            self.account, kind or self.gold, quantity, expires_at=expires_at, now=now
        )

    def pay(self, learner=None, *, kind=None, key: str = "key", now=NOW) -> Redemption:
        wallet = factories.find_wallet(self.account, kind or self.gold)
        return factories.pay(
            learner or self.learner, self.item, wallet, idempotency_key=key, now=now
        )

    def remaining(self) -> list[int]:
        return list(TokenIssue.objects.order_by("id").values_list("remaining", flat=True))

    def wallet(self) -> Wallet:
        return Wallet.objects.get(account=self.account, token_type=self.gold)

    def test_five_that_expire_next_week_and_two_that_expire_next_month(self) -> None:
        self.issue(10, days=30)
        self.issue(5, days=7)
        redemption = self.pay()
        assert self.remaining() == [8, 0]
        drawn = redemption.entries.order_by("id").values_list("kind", "amount")
        assert list(drawn) == [(EntryKind.DEBIT, -5), (EntryKind.DEBIT, -2)]
        assert get_balance(self.wallet(), NOW).available == 8
        assert host.get_enrolment(self.learner, COURSE).is_active

    def test_burn_order_is_expiry_then_issue_then_id_and_never_expiring_last(self) -> None:
        self.issue(2)
        self.issue(2, days=9)
        self.issue(2, days=5, now=NOW - timedelta(days=1))
        self.issue(2, days=5, now=NOW - timedelta(days=2))
        self.pay()
        assert self.remaining() == [1, 0, 0, 0]

    def test_expired_and_not_yet_issued_tokens_pay_for_nothing(self) -> None:
        self.issue(10, days=1)
        self.issue(10, now=NOW + timedelta(days=3))
        with pytest.raises(InsufficientTokens) as caught:
            self.pay(now=NOW + timedelta(days=1))
        assert (caught.value.wanted, caught.value.available) == (7, 0)

    def test_one_payment_is_drawn_from_more_than_a_thousand_issues(self) -> None:
        TokenPrice.objects.update(quantity=1100)
        first = self.issue(1, days=1100)
        wallet = first.wallet
        TokenIssue.objects.bulk_create(
            TokenIssue(
                wallet=wallet,
                quantity=1,
                remaining=1,
                issued_at=NOW,
                expires_at=NOW + timedelta(days=days),
                idempotency_key=f"issue {days}",
            )
            for days in range(1099, 0, -1)
        )
        redemption = self.pay()
        assert set(self.remaining()) == {0}
        ends = redemption.entries.order_by("id").values_list("issue__expires_at", flat=True)
        assert list(ends) == sorted(ends)
        assert len(ends) == 1100

    def test_what_is_short_is_told_and_nothing_is_taken(self) -> None:
        self.issue(4)
        with pytest.raises(InsufficientTokens) as caught:
            self.pay()
        assert (caught.value.wanted, caught.value.available) == (7, 4)
        assert not Redemption.objects.exists()
        assert self.remaining() == [4]

    def test_a_retry_after_the_money_is_spent_answers_with_the_first_result(self) -> None:
        self.issue(7)
        first = self.pay()
        Account.objects.update(is_frozen=True)
        assert self.pay() == first
        with pytest.raises(IdempotencyConflict):
            self.pay(kind=self.silver)

    def test_a_crash_of_the_host_takes_nothing(self) -> None:
        self.issue(7)
        adapter = host.__class__
        with (
            mock.patch.object(adapter, "enrol", side_effect=RuntimeError("boom")),
            pytest.raises(RuntimeError),
        ):
            self.pay()
        assert self.remaining() == [7]
        assert not LedgerEntry.objects.filter(kind=EntryKind.DEBIT).exists()

    def test_a_plan_that_was_overtaken_is_made_again_under_locks(self) -> None:
        self.issue(7, days=1)
        self.issue(7, days=2)
        stale = preview_debit(self.wallet(), 7, NOW)
        TokenIssue.objects.filter(pk=stale[0].issue.pk).update(remaining=3)
        LedgerEntry.objects.create(
            issue=stale[0].issue, kind=EntryKind.DEBIT, amount=-4, created_at=NOW
        )
        plans = [stale]
        name = "token_payments.checkout.payment_methods.wallet.plan_draws"

        def plan(*arguments):
            return plans.pop() if plans else plan_draws(*arguments)

        with mock.patch(name, side_effect=plan):
            self.pay()
        assert self.remaining() == [0, 3]

    def test_a_reversal_goes_back_to_the_very_issues_and_once(self) -> None:
        self.issue(10, days=30)
        self.issue(5, days=7)
        redemption = self.pay()
        for _ in range(2):
            give_back(redemption, actor=None, reason="left", now=NOW)
        assert self.remaining() == [10, 5]
        returned = redemption.entries.filter(kind=EntryKind.REVERSAL)
        assert sorted(returned.values_list("amount", flat=True)) == [2, 5]

    def test_the_whole_way_takes_seven_statements_and_the_gates_two(self) -> None:
        for days in (1, 2, 3):
            self.issue(3, days=days)
        self.pay(factories_member(self.account, "first"), key="warm")
        self.issue(20)
        with CaptureQueriesContext(connection) as captured:
            self.pay()
        ours = [q["sql"] for q in captured if '"token_payments_' in q["sql"].replace("`", '"')]
        gate = 2  # the host asks the gate, which reads the item and the live redemption
        assert len(ours) == 7 + gate, "\n".join(ours)

    def test_the_sweep_and_a_debit_add_up(self) -> None:
        self.issue(10, days=1)
        self.pay(now=NOW)
        expire_issues(now=NOW + timedelta(days=1))
        assert self.remaining() == [0]
        balance = get_balance(self.wallet(), NOW + timedelta(days=1))
        assert (balance.spent, balance.expired, balance.available) == (7, 3, 0)


def factories_member(account: Account, name: str):
    user = factories.make_user(name)
    account.members.create(user=user)
    return user
