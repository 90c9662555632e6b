"""Any order of whatever changes wallets, against a model that a reader can check by eye.

Issuing, paying, giving back, extending, correcting, expiring, freezing, archiving, orders, time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import factories
from tests.examples import count_examples
from token_payments.assignments import operations as assignment_operations
from token_payments.errors import (
    AccountFrozen,
    ExpiryNotLater,
    InsufficientTokens,
    IssueExpired,
    NotEnoughUnused,
    TypeArchived,
)
from token_payments.l10n.dates import end_of_day, local_day
from token_payments.models import Redemption, TokenIssue, TokenOrder, Wallet
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations
from token_payments.wallets.balances import Balance, get_balance, preview_debit
from token_payments.wallets.issuing import take_back_tokens
from token_payments.wallets.returns import give_back
from token_payments.wallets.spending import debit

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NEVER = START + 10_000 * DAY
SOON = timedelta(days=30)
RARELY = st.sampled_from([False, False, False, True])
TOKENS_MOVE = (
    *("issue", "spend", "reverse", "adjust", "transfer"),
    *("take_back", "cancel_part", "cancel_order"),
)


@dataclass
class Lot:
    """What the model knows of an issue."""

    pk: int
    remaining: int
    ends: datetime | None
    number: int
    swept: int = 0
    spent: int = 0

    def is_over(self, now: datetime) -> bool:
        return self.ends is not None and now >= self.ends

    def unspent(self, now: datetime) -> int:
        return 0 if self.is_over(now) else self.remaining


class Ledger(RuleBasedStateMachine):
    done: Counter[str] = Counter()  # what wasn't refused, over all runs

    def __init__(self) -> None:
        super().__init__()
        unique = f"{Wallet.objects.count()}-{id(self)}"
        self.user = factories.make_user(f"user{unique}")
        self.account = factories.make_account(f"Account {unique}")
        self.other = factories.make_account(f"Other {unique}")
        self.gold = factories.make_type(f"Gold {unique}")
        self.item = factories.CatalogueItem.objects.create(item_key=f"key {unique}")
        self.wallet = Wallet.objects.create(account=self.account, token_type=self.gold)
        self.now = START
        self.lots: list[Lot] = []
        self.paid: list[tuple[Redemption, dict[int, int]]] = []
        self.orders: list[tuple[TokenOrder, Lot]] = []
        self.is_frozen = self.is_archived = False
        for days in (3, 1, None):
            self.issue(10, days)

    # --- helpers --------------------------------------------------------------------------------
    def arguments(self) -> dict[str, Any]:
        key = uuid4().hex
        return {"actor": self.user, "reason": "", "idempotency_key": key, "now": self.now}

    def pick(self, data: st.DataObject, among: list[Any]) -> Any:
        return among[data.draw(st.integers(0, len(among) - 1))]

    def add_lot(self, issue: TokenIssue, quantity: int, ends: datetime | None) -> Lot:
        self.lots.append(Lot(issue.pk, quantity, ends, len(self.lots)))
        return self.lots[-1]

    def after(self, days: int | None) -> datetime | None:
        return None if days is None else self.now + days * DAY

    # --- tokens come ----------------------------------------------------------------------------
    @rule(quantity=st.integers(1, 20), days=st.none() | st.integers(1, 5))
    def issue(self, quantity: int, days: int | None) -> None:
        arguments = {"now": self.now, "actor": self.user, "expires_at": self.after(days)}
        if self.is_frozen or self.is_archived:
            with pytest.raises((AccountFrozen, TypeArchived)):
                factories.issue_tokens(self.account, self.gold, quantity, **arguments)
            return
        issue = factories.issue_tokens(self.account, self.gold, quantity, **arguments)
        self.add_lot(issue, quantity, self.after(days))
        self.done["issue"] += 1

    @rule(quantity=st.integers(1, 20), days=st.none() | st.integers(1, 5))
    def order(self, quantity: int, days: int | None) -> None:
        arguments = {"now": self.now, "buyer": self.user, "redeem_by": self.after(days)}
        account = factories.Account.objects.get(pk=self.account.pk)
        gold = factories.TokenType.objects.get(pk=self.gold.pk)
        if self.is_frozen or self.is_archived:
            with pytest.raises((AccountFrozen, TypeArchived)):
                factories.make_wallet_order(account, gold, quantity=quantity, **arguments)
            return
        order = factories.make_wallet_order(account, gold, quantity=quantity, **arguments)
        order = order_operations.start_processing(order.pk, actor=self.user, now=self.now)
        self.orders.append((order, self.add_lot(order.issue, quantity, self.after(days))))

    # --- tokens go and come back ------------------------------------------------------------------
    @rule(quantity=st.integers(1, 12))
    def spend(self, quantity: int) -> None:
        usable = [lot for lot in self.lots if lot.unspent(self.now)]
        usable.sort(key=lambda lot: (lot.ends or NEVER, lot.number))
        available = sum(lot.remaining for lot in usable)
        if available < quantity:
            with pytest.raises(InsufficientTokens) as caught:
                preview_debit(self.wallet, quantity, self.now)
            assert caught.value.available == available
            return
        redemption, drawn = self.make_redemption(quantity), {}
        plan = preview_debit(self.wallet, quantity, self.now)
        debit(self.wallet, plan, redemption=redemption, actor=self.user, now=self.now)
        for lot in usable:
            taken = min(lot.remaining, quantity)
            drawn[lot.pk], quantity = taken, quantity - taken
            lot.remaining, lot.spent = lot.remaining - taken, lot.spent + taken
        self.paid.append((redemption, drawn))
        self.done["spend"] += 1

    def make_redemption(self, tokens: int) -> Redemption:
        return Redemption.objects.create(
            learner=self.user,
            item=self.item,
            method="wallet",
            wallet=self.wallet,
            tokens=tokens,
            mode="verified",
            actor=self.user,
            idempotency_key=self.arguments()["idempotency_key"],
            created_at=self.now,
            completed_at=self.now,
            state="reversed",
            live=None,
            reversed_at=self.now,
        )

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        redemption, drawn = self.pick(data, self.paid)
        for _ in range(2):
            give_back(redemption, actor=self.user, reason="", now=self.now)
        for lot in self.lots:
            back = drawn.pop(lot.pk, 0)
            self.done["reverse"] += bool(back)
            lot.spent -= back
            if lot.is_over(self.now):
                lot.swept += back  # what comes back too late expires at once
            else:
                lot.remaining += back

    @rule(quantity=st.integers(1, 12))
    def transfer(self, quantity: int) -> None:
        """To another account, in burn order: gone from here, and not spent."""
        usable = [lot for lot in self.lots if lot.unspent(self.now)]
        usable.sort(key=lambda lot: (lot.ends or NEVER, lot.number))
        wanted = wallet_operations.WantedTransfer(self.wallet, self.other, quantity)
        is_short = sum(lot.remaining for lot in usable) < quantity
        if self.is_frozen or self.is_archived or is_short:
            with pytest.raises((AccountFrozen, TypeArchived, InsufficientTokens)):
                wallet_operations.transfer_tokens(wanted, **self.arguments())
            return
        transfer = wallet_operations.transfer_tokens(wanted, **self.arguments())
        for lot in usable:
            taken = min(lot.remaining, quantity)
            lot.remaining, quantity = lot.remaining - taken, quantity - taken
        assert transfer.entries.aggregate(total=Sum("amount"))["total"] == 0
        self.done["transfer"] += 1

    # --- corrections ----------------------------------------------------------------------------
    @rule(data=st.data(), amount=st.integers(-10, 10).filter(bool))
    def adjust(self, data: st.DataObject, amount: int) -> None:
        lot = self.pick(data, self.lots)
        if self.is_frozen or lot.is_over(self.now) or lot.remaining + amount < 0:
            with pytest.raises((AccountFrozen, IssueExpired, InsufficientTokens)):
                wallet_operations.adjust_issue(lot.pk, amount, **self.arguments())
            return
        wallet_operations.adjust_issue(lot.pk, amount, **self.arguments())
        lot.remaining += amount
        self.done["adjust"] += 1

    @rule(data=st.data(), days=st.none() | st.integers(0, 5))
    def extend(self, data: st.DataObject, days: int | None) -> None:
        lot = self.pick(data, self.lots)
        later = self.after(days)
        is_later = lot.ends is not None and (later or NEVER) > max(lot.ends, self.now)
        if self.is_frozen or lot.is_over(self.now) or not is_later:
            with pytest.raises((AccountFrozen, IssueExpired, ExpiryNotLater)):
                wallet_operations.extend_expiry(lot.pk, later, **self.arguments())
            return
        wallet_operations.extend_expiry(lot.pk, later, **self.arguments())
        lot.ends = later
        self.done["extend"] += 1

    @rule(data=st.data(), quantity=st.none() | st.integers(1, 10))
    def take_back(self, data: st.DataObject, quantity: int | None) -> None:
        lot = self.pick(data, self.lots)
        unspent = lot.unspent(self.now)
        wanted = unspent if quantity is None else quantity
        if wanted > unspent:
            with pytest.raises(InsufficientTokens):
                take_back_tokens(lot.pk, quantity=quantity, **self.arguments())
            return
        assert take_back_tokens(lot.pk, quantity=quantity, **self.arguments()) == wanted
        lot.remaining -= wanted
        self.done["take_back"] += 1

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), quantity=st.integers(1, 10))
    def cancel_part(self, data: st.DataObject, quantity: int) -> None:
        order, lot = self.pick(data, self.orders)
        arguments = self.arguments() | {"quantity": quantity, "refund_amount": Decimal(0)}
        if quantity > lot.unspent(self.now):
            with pytest.raises(NotEnoughUnused):
                assignment_operations.cancel_unused(order.pk, **arguments)
            return
        assignment_operations.cancel_unused(order.pk, **arguments)
        lot.remaining -= quantity
        self.done["cancel_part"] += 1

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel_order(self, data: st.DataObject) -> None:
        order, lot = self.pick(data, self.orders)
        self.orders.remove((order, lot))
        for _ in range(2):
            order_operations.cancel_order(order.pk, actor=self.user, now=self.now)
        lot.remaining -= lot.unspent(self.now)
        self.done["cancel_order"] += 1

    # --- the rest -------------------------------------------------------------------------------
    @rule(hours=st.integers(1, 12))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(ticks=st.integers(-1, 1))
    def wait_for_the_next_end(self, ticks: int) -> None:
        ends = sorted(lot.ends for lot in self.lots if lot.ends and lot.ends > self.now)
        self.now = max(self.now, (ends or [self.now])[0] + timedelta(microseconds=ticks))

    @rule()
    def sweep(self) -> None:
        wallet_operations.expire_issues(now=self.now)
        for lot in self.lots:
            if lot.is_over(self.now):
                self.done["sweep"] += bool(lot.remaining)
                lot.swept, lot.remaining = lot.swept + lot.remaining, 0

    @rule(frozen=RARELY)
    def freeze(self, frozen: bool) -> None:
        change = wallet_operations.freeze_account if frozen else wallet_operations.unfreeze_account
        change(self.account.pk, actor=self.user)
        self.is_frozen = frozen

    @rule(archived=RARELY)
    def archive(self, archived: bool) -> None:
        change = wallet_operations.archive_type if archived else wallet_operations.restore_type
        change(self.gold.pk, actor=self.user)
        self.is_archived = archived

    # --- what always holds ----------------------------------------------------------------------
    @invariant()
    def agrees_with_the_model(self) -> None:
        stored = dict(TokenIssue.objects.filter(wallet=self.wallet).values_list("pk", "remaining"))
        assert stored == {lot.pk: lot.remaining for lot in self.lots}
        over = [lot for lot in self.lots if lot.is_over(self.now)]
        end_of_soon = end_of_day(local_day(self.now) + SOON)
        soon = [lot for lot in self.lots if lot.ends and lot.ends <= end_of_soon]
        assert get_balance(self.wallet, self.now) == Balance(
            available=sum(lot.unspent(self.now) for lot in self.lots),
            expiring_soon=sum(lot.unspent(self.now) for lot in soon),
            expired=sum(lot.remaining for lot in over) + sum(lot.swept for lot in self.lots),
            spent=sum(lot.spent for lot in self.lots),
        )

    @invariant()
    def entries_add_up(self) -> None:
        sums = TokenIssue.objects.filter(wallet=self.wallet).annotate(total=Sum("entries__amount"))
        assert not sums.exclude(remaining=F("total")).exists()


RUNS = 5  # at most: chance may leave an operation out of one


class LedgerTest(TestCase):
    def test_any_order_of_operations_agrees_with_a_simple_model(self) -> None:
        must_happen = (*TOKENS_MOVE, "extend", "sweep")
        for _ in range(RUNS):
            run_state_machine_as_test(Ledger, settings=THOROUGH)
            if all(Ledger.done[name] for name in must_happen):
                return
        missing = [name for name in must_happen if not Ledger.done[name]]
        self.fail(f"never happened: {missing}")


THOROUGH = settings(
    max_examples=count_examples(50),
    stateful_step_count=40,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
