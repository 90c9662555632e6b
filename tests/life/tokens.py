"""What happens to wallets: tokens come, are corrected, cancelled, and expire."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from tests import factories
from tests.life.model import Lot, Order, find_midnight
from tests.life.rules import precondition, rule
from tests.life.world import FEW, SOME_DAYS, WALLETS, World
from token_payments.assignments import operations as assignment_operations
from token_payments.models import Account, TokenType
from token_payments.orders import operations as order_operations
from token_payments.wallets import operations as wallet_operations

ENDS = st.none() | SOME_DAYS
WALLET = st.sampled_from(range(len(WALLETS)))


class TokenRules(World):
    def is_issuable(self, wallet: int) -> bool:
        account, kind = WALLETS[wallet]
        return account not in self.frozen and kind not in self.archived

    def list_usable(self) -> list[Lot]:
        return [lot for lot in self.lots if lot.unspent(self.now)]

    @rule(wallet=WALLET, quantity=FEW, days=ENDS)
    def issue(self, data: st.DataObject, wallet: int, quantity: int, days: int | None) -> None:
        account, kind = WALLETS[wallet]
        ends = None if days is None else find_midnight(self.now, days)
        issue = self.attempt(
            "issue",
            self.is_issuable(wallet),
            lambda: factories.issue_tokens(
                self.accounts[account],
                self.types[kind],
                quantity,
                **self.by(expires_at=ends),
            ),
        )
        if issue is not None:
            period = self.types[kind].redemption_days
            if ends is None and period is not None:
                ends = find_midnight(self.now, period)
            self.add_lot(issue, wallet, quantity, ends)

    @rule(wallet=WALLET, quantity=FEW, days=SOME_DAYS)
    def order_tokens(self, data: st.DataObject, wallet: int, quantity: int, days: int) -> None:
        account, kind = WALLETS[wallet]
        ends = find_midnight(self.now, days)
        order = self.attempt(
            "order_tokens",
            self.is_issuable(wallet),
            lambda: factories.make_wallet_order(
                Account.objects.get(pk=self.accounts[account].pk),
                TokenType.objects.get(pk=self.types[kind].pk),
                buyer=self.buyer,
                quantity=quantity,
                now=self.now,
                redeem_by=ends,
            ),
        )
        if order is not None:
            issue = order_operations.start_processing(order.pk, **self.by()).issue
            assert issue is not None
            lot = self.add_lot(issue, wallet, quantity, ends)
            self.orders.append(Order(order.pk, None, ends, lot=lot))

    @precondition(lambda self: self.lots)
    @rule(amount=st.integers(-4, 4).filter(bool))
    def adjust(self, data: st.DataObject, amount: int) -> None:
        lot = self.prefer(data, self.list_usable(), self.lots)
        is_frozen = WALLETS[lot.wallet][0] in self.frozen
        may = not is_frozen and not lot.is_over(self.now) and lot.remaining + amount >= 0
        change = self.keyed(reason="count")
        if self.attempt(
            "adjust", may, lambda: wallet_operations.adjust_issue(lot.pk, amount, **change)
        ):
            lot.remaining += amount

    @precondition(lambda self: self.lots)
    @rule(days=ENDS)
    def extend(self, data: st.DataObject, days: int | None) -> None:
        lot = self.prefer(data, self.list_usable(), self.lots)
        later = None if days is None else find_midnight(self.now, days)
        is_later = lot.ends is not None and (later is None or later > lot.ends)
        is_frozen = WALLETS[lot.wallet][0] in self.frozen
        may = not is_frozen and not lot.is_over(self.now) and is_later
        change = self.keyed(reason="")
        if self.attempt(
            "extend", may, lambda: wallet_operations.extend_expiry(lot.pk, later, **change)
        ):
            lot.ends = later

    @precondition(lambda self: any(order.lot for order in self.orders))
    @rule(quantity=FEW)
    def cancel_tokens(self, data: st.DataObject, quantity: int) -> None:
        orders = [order for order in self.orders if order.lot]
        good = [order for order in orders if order.count_free(self.now) >= quantity]
        order = self.prefer(data, good, orders)
        may = not order.is_cancelled and order.count_free(self.now) >= quantity
        how = self.keyed(quantity=quantity, refund_amount=Decimal(0))
        if self.attempt(
            "cancel_tokens", may, lambda: assignment_operations.cancel_unused(order.pk, **how)
        ):
            assert order.lot is not None
            order.lot.remaining -= quantity

    @rule(times=st.integers(1, 2))
    def sweep(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            wallet_operations.expire_all_issues(now=self.now)
        for lot in self.lots:
            if lot.is_over(self.now):
                self.done["sweep"] += bool(lot.remaining)
                lot.sweep()
