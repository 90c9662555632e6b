"""Any order of issuing, spending, reversing, adjusting, extending and expiring, against a model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db.models import F, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests import factories
from token_payments.errors import ExpiryNotLater, InsufficientTokens, IssueExpired
from token_payments.models import Redemption, TokenIssue, Wallet
from token_payments.wallets.operations import adjust_issue, extend_expiry
from token_payments.wallets.queries import get_balance, preview_debit
from token_payments.wallets.spending import debit, expire_issues, give_back

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Lot:
    """What the model knows of an issue."""

    def __init__(self, pk: int, remaining: int, ends: datetime | None, number: int) -> None:
        self.pk, self.remaining, self.ends, self.number = pk, remaining, ends, number

    def is_usable(self, now: datetime) -> bool:
        return self.remaining > 0 and (self.ends is None or now < self.ends)


class Ledger(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.keys = count()
        unique = Wallet.objects.count()
        self.user = factories.make_user(f"user{unique}-{id(self)}")
        self.account = factories.make_account(f"Account {unique}")
        self.gold = factories.make_type(f"Gold {unique}")
        self.item = factories.CatalogueItem.objects.create(item_key=f"key {unique} {id(self)}")
        self.wallet = Wallet.objects.create(account=self.account, token_type=self.gold)
        self.now = START
        self.lots: list[Lot] = []
        self.paid: list[tuple[Redemption, dict[int, int]]] = []

    def key(self) -> str:
        return f"{self.account.pk}:{next(self.keys)}"

    def arguments(self) -> dict:
        return {
            "actor": self.user,
            "reason": "",
            "idempotency_key": self.key(),
            "now": self.now,
        }

    @rule(quantity=st.integers(1, 20), days=st.none() | st.integers(1, 5))
    def issue(self, quantity: int, days: int | None) -> None:
        ends = None if days is None else self.now + days * DAY
        issue = factories.issue_tokens(
            self.account, self.gold, quantity, actor=self.user, now=self.now, expires_at=ends
        )
        self.lots.append(Lot(issue.pk, quantity, ends, len(self.lots)))

    @rule(quantity=st.integers(1, 15))
    def spend(self, quantity: int) -> None:
        usable = [lot for lot in self.lots if lot.is_usable(self.now)]
        far = START + 10_000 * DAY
        usable.sort(key=lambda lot: (lot.ends or far, lot.number))
        if sum(lot.remaining for lot in usable) < quantity:
            with pytest.raises(InsufficientTokens):
                preview_debit(self.wallet, quantity, self.now)
            return
        redemption = self.make_redemption(quantity)
        plan = preview_debit(self.wallet, quantity, self.now)
        debit(self.wallet, plan, redemption=redemption, actor=self.user, now=self.now)
        drawn, missing = {}, quantity
        for lot in usable:
            if missing == 0:
                break
            drawn[lot.pk] = min(lot.remaining, missing)
            lot.remaining -= drawn[lot.pk]
            missing -= drawn[lot.pk]
        self.paid.append((redemption, drawn))

    def make_redemption(self, tokens: int) -> Redemption:
        return Redemption.objects.create(
            learner=self.user,
            item=self.item,
            method="wallet",
            wallet=self.wallet,
            tokens=tokens,
            mode="verified",
            price=1,
            currency="GBP",
            actor=self.user,
            idempotency_key=self.key(),
            created_at=self.now,
            completed_at=self.now,
            state="reversed",
            live=None,
        )

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        if not self.paid:
            return
        index = data.draw(st.integers(0, len(self.paid) - 1))
        redemption, drawn = self.paid[index]
        give_back(redemption, actor=self.user, reason="", now=self.now)
        for lot in self.lots:
            lot.remaining += drawn.pop(lot.pk, 0)

    @rule(data=st.data(), amount=st.integers(-10, 10).filter(bool))
    def adjust_issue(self, data: st.DataObject, amount: int) -> None:
        if not self.lots:
            return
        lot = data.draw(st.sampled_from(self.lots))
        is_expired = lot.ends is not None and self.now >= lot.ends
        if is_expired or lot.remaining + amount < 0:
            with pytest.raises((IssueExpired, InsufficientTokens)):
                adjust_issue(lot.pk, amount, **self.arguments())
            return
        adjust_issue(lot.pk, amount, **self.arguments())
        lot.remaining += amount

    @rule(data=st.data(), days=st.integers(0, 5))
    def extend(self, data: st.DataObject, days: int) -> None:
        if not self.lots:
            return
        lot = data.draw(st.sampled_from(self.lots))
        later = self.now + days * DAY
        allowed = lot.ends is not None and self.now < lot.ends < later
        if not allowed:
            with pytest.raises((IssueExpired, ExpiryNotLater)):
                extend_expiry(lot.pk, later, **self.arguments())
            return
        extend_expiry(lot.pk, later, **self.arguments())
        lot.ends = later

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def sweep(self) -> None:
        expire_issues(now=self.now)
        for lot in self.lots:
            if lot.ends is not None and self.now >= lot.ends:
                lot.remaining = 0

    @invariant()
    def agrees_with_the_model(self) -> None:
        stored = dict(TokenIssue.objects.filter(wallet=self.wallet).values_list("pk", "remaining"))
        assert stored == {lot.pk: lot.remaining for lot in self.lots}
        usable = sum(lot.remaining for lot in self.lots if lot.is_usable(self.now))
        assert get_balance(self.wallet, self.now).available == usable

    @invariant()
    def entries_add_up(self) -> None:
        issues = TokenIssue.objects.filter(wallet=self.wallet)
        sums = issues.annotate(total=Sum("entries__amount"))
        assert not sums.exclude(remaining=F("total")).exists()


class LedgerTest(TestCase):
    def test_any_order_of_operations_agrees_with_a_simple_model(self) -> None:
        run_state_machine_as_test(
            Ledger,
            settings=settings(
                max_examples=25,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
