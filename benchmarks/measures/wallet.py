"""Wallet debits through the public API: one hot wallet, wallets of one's own, small lots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from benchmarks.clients import MakeOperation, Operation, UsedUp
from benchmarks.duel import FLOOR, OURS, PEER, RAW, Contender, Run
from benchmarks.peers import limits, openedx_ledger
from benchmarks.results import Row
from benchmarks.stock import Stock
from token_payments.checkout import operations as checkout_operations
from token_payments.models import CatalogueItem, Wallet

HOT, SPREAD = "one hot wallet", "wallets of one's own"
ChooseWallet = Callable[[Any], Wallet]


def measure(run: Run) -> None:
    has_peer = openedx_ledger.is_installed()
    if not has_peer:
        run.report.notes.append("openedx-ledger is not installed: make bench installs it")
    for kind in (HOT, SPREAD):
        for clients in run.effort.clients:
            contenders = _list_contenders(run.stock, kind, has_peer=has_peer)
            _judge(run, kind, run.duel(contenders, clients=clients))
    small = Contender(OURS, "wallet debit, drawn from 3 lots", _prepare_small_lots(run.stock))
    for clients in (1, 16):
        run.duel([small], clients=clients)


def make_debit(
    stock: Stock, item: CatalogueItem, clients: int, choose: ChooseWallet
) -> MakeOperation:
    """Each learner pays once for the item, from the wallet that ``choose`` gives for the learner.

    The core of a redemption: the host costs nothing.
    """
    now = stock.now + timedelta(minutes=1)

    def make(client: int) -> Operation:
        learners = iter(stock.share_of(client, clients))

        def operate() -> None:
            learner = next(learners, None)
            if learner is None:
                raise UsedUp
            checkout_operations.redeem(
                learner=learner,
                item_key=item.item_key,
                method="wallet",
                reference={"wallet": str(choose(learner).pk)},
                idempotency_key=uuid4().hex,
                now=now,
            )

        return operate

    return make


def prepare_ours(stock: Stock, choose: ChooseWallet) -> Callable[[int], MakeOperation]:
    return lambda clients: make_debit(stock, stock.make_item(), clients, choose)


def prepare_limit(
    stock: Stock, make: Callable[[limits.ChooseLots], MakeOperation], *, is_hot: bool
) -> Callable[[int], MakeOperation]:
    return lambda clients: make(lambda client: stock.iterate_lots(client, clients, is_hot=is_hot))


def _list_contenders(stock: Stock, kind: str, *, has_peer: bool) -> list[Contender]:
    is_hot = kind == HOT
    hot, own, _ = stock.hot_wallet, stock.own_wallets, stock.lots
    contenders = [
        Contender(RAW, f"raw, {kind}", prepare_limit(stock, limits.make_raw, is_hot=is_hot)),
        Contender(
            FLOOR, f"Django floor, {kind}", prepare_limit(stock, limits.make_floor, is_hot=is_hot)
        ),
        Contender(
            OURS,
            f"wallet debit, {kind}",
            prepare_ours(stock, lambda learner: hot if is_hot else own[learner.pk]),
        ),
    ]
    if has_peer:
        contenders.append(Contender(PEER, f"openedx-ledger, {kind}", _prepare_ledgers(is_hot)))
    return contenders


def _prepare_ledgers(is_hot: bool) -> Callable[[int], MakeOperation]:
    """New ledgers for each round: the peer is slower the more it has behind it."""

    def prepare(clients: int) -> MakeOperation:
        ledgers = [openedx_ledger.make_ledger() for _ in range(1 if is_hot else clients)]
        return openedx_ledger.make_debit(lambda client: ledgers[client % len(ledgers)])

    return prepare


def _prepare_small_lots(stock: Stock) -> Callable[[int], MakeOperation]:
    def prepare(clients: int) -> MakeOperation:
        wallets = stock.small_lots
        stock.refill(stock.silver)
        item = stock.make_item(token_type=stock.silver)
        return make_debit(stock, item, clients, lambda learner: wallets[learner.pk])

    return prepare


def _judge(run: Run, kind: str, rows: dict[str, Row]) -> None:
    ours, floor = rows[OURS], rows[FLOOR]
    to_floor, to_peer = ours.ratio_to_floor or 0, ours.ratio_to_peer
    wanted: tuple[float, float] | None = None
    if ours.clients == 1:
        wanted = (0.55, 2.5)
    elif ours.clients == 16 and kind == HOT and run.database != "sqlite":
        wanted = (0.8, 10)
        slower = (ours.p99_ms or 0) / (floor.p99_ms or 1)
        what = f"{ours.name}, 16 clients"
        run.report.judge(
            f"{what}: p99", "≤ 1.5 × the floor's", f"{slower:.2f} ×", is_met=slower <= 1.5
        )
        run.report.judge(f"{what}: errors", "0", str(ours.errors), is_met=ours.errors == 0)
    if wanted is None:
        return
    what = f"{ours.name}, {ours.clients} clients" if ours.clients > 1 else f"{ours.name}, 1 client"
    run.report.judge(
        f"{what}: to the Django floor",
        f"≥ {wanted[0]}",
        f"{to_floor:.2f}",
        is_met=to_floor >= wanted[0],
    )
    if to_peer is not None:
        run.report.judge(
            f"{what}: to openedx-ledger",
            f"≥ {wanted[1]} ×",
            f"{to_peer:.1f} ×",
            is_met=to_peer >= wanted[1],
        )
    if ours.clients == 1:
        queries = ours.queries or 0
        run.report.judge(f"{ours.name}: queries", "≤ 7", str(queries), is_met=queries <= 7)
