"""What happens between wallets: tokens go to another account, and issues are kept for last."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.life.model import Lot, plan
from tests.life.rules import precondition, rule
from tests.life.world import FEW, WALLETS, World
from token_payments.models import TokenIssue
from token_payments.wallets import operations as wallet_operations

#: Wallets of one type: from which, into which.
WAYS = st.sampled_from([(0, 2), (2, 0)])


class MoveRules(World):
    @rule(way=WAYS, quantity=FEW)
    def transfer(self, data: st.DataObject, way: tuple[int, int], quantity: int) -> None:
        """In burn order."""
        self._move("transfer", way, quantity, plan(self.lots, way[0], quantity, self.now))

    @rule(way=WAYS, quantity=FEW)
    def transfer_issue(self, data: st.DataObject, way: tuple[int, int], quantity: int) -> None:
        """Of one issue alone, mostly of one that is kept for last."""
        lots = [lot for lot in self.lots if lot.wallet == way[0]]
        lot = self.prefer(data, [one for one in lots if one.use_last], lots)
        drawn = {lot: quantity} if lot.unspent(self.now) >= quantity else None
        self._move("transfer_issue", way, quantity, drawn, issue_id=lot.pk)

    def _move(
        self,
        name: str,
        way: tuple[int, int],
        quantity: int,
        drawn: dict[Lot, int] | None,
        **of: int,
    ) -> None:
        source, target = way
        accounts = {WALLETS[wallet][0] for wallet in way}
        is_open = not accounts & self.frozen and WALLETS[source][1] not in self.archived
        account = self.accounts[WALLETS[target][0]]
        wanted = wallet_operations.WantedTransfer(
            self.wallets[source], account, quantity=quantity, **of
        )
        transfer = self.attempt(
            name,
            is_open and drawn is not None,
            lambda: wallet_operations.transfer_tokens(wanted, **self.keyed(reason="moved")),
        )
        if transfer is None:
            return
        for lot, tokens in (drawn or {}).items():
            lot.remaining -= tokens
            issue = TokenIssue.objects.get(idempotency_key=f"transfer:{transfer.pk}:{lot.pk}")
            there = self.add_lot(issue, target, tokens, lot.ends)
            there.use_last = lot.use_last

    @precondition(lambda self: self.lots)
    @rule(use_last=st.booleans())
    def keep_for_last(self, data: st.DataObject, use_last: bool) -> None:
        good = [lot for lot in self.lots if lot.unspent(self.now)]
        lot = self.prefer(data, good, self.lots)
        change = self.keyed(reason="")
        self.attempt(
            "keep_for_last",
            not lot.is_over(self.now),
            lambda: wallet_operations.set_use_last(lot.pk, use_last, **change),
        )
        if not lot.is_over(self.now):
            lot.use_last = use_last
