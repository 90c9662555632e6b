"""Redeeming Token Codes through the public API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from benchmarks.clients import MakeOperation, Operation, UsedUp
from benchmarks.duel import FLOOR, OURS, PEER, RAW, Contender, Run
from benchmarks.measures.wallet import prepare_limit
from benchmarks.peers import limits, oscar_vouchers
from benchmarks.results import Row
from benchmarks.stock import Stock
from token_payments.checkout import operations as checkout_operations
from token_payments.models import CatalogueItem, TokenOrder

Method = Any


def measure(run: Run) -> None:
    has_peer = oscar_vouchers.is_installed()
    if not has_peer:
        run.report.notes.append("django-oscar is not installed: make bench installs it")
    stock = run.stock
    _ = stock.lots
    contenders = [
        Contender(RAW, "raw, a code each", prepare_limit(stock, limits.make_raw, is_hot=False)),
        Contender(
            FLOOR,
            "Django floor, a code each",
            prepare_limit(stock, limits.make_floor, is_hot=False),
        ),
        Contender(OURS, "redeem a code", prepare_ours(stock)),
    ]
    if has_peer:
        contenders.append(Contender(PEER, "django-oscar voucher", _prepare_vouchers(stock)))
    for clients in run.effort.clients:
        _judge(run, run.duel(contenders, clients=clients))


def prepare_ours(stock: Stock) -> Callable[[int], MakeOperation]:
    """A new item for each round, and an order with a code for every learner."""

    def prepare(clients: int) -> MakeOperation:
        item = stock.make_item()
        order = stock.make_order(item, find_share(stock, clients) * clients)
        return make_redeem(stock, item, order, clients)

    return prepare


def find_share(stock: Stock, clients: int) -> int:
    """How many codes a client gets: more than it can use up in a round."""
    return min(len(stock.learners) // clients, 2000)


def make_redeem(
    stock: Stock, item: CatalogueItem, order: TokenOrder, clients: int
) -> MakeOperation:
    """Each learner redeems a code of the order; the core: the host costs nothing.

    What the code's form does comes before: the reference is what a session would hold.
    """
    from token_payments.orders import codes

    now, share = stock.now + timedelta(minutes=1), find_share(stock, clients)

    def make(client: int) -> Operation:
        serials = range(1 + client * share, 1 + (client + 1) * share)
        own = codes.derive_codes(key_name=order.code_key, order=order.uuid, serials=serials)
        hashes = [codes.hash_code(code, key_name=order.code_key) for code in own]
        pairs = iter(list(zip(stock.share_of(client, clients), hashes, strict=False)))

        def operate() -> None:
            learner, code_hash = next(pairs, (None, ""))
            if learner is None:
                raise UsedUp
            checkout_operations.redeem(
                learner=learner,
                item_key=item.item_key,
                method="token_code",
                reference={"hashes": code_hash},
                idempotency_key=uuid4().hex,
                now=now,
            )

        return operate

    return make


def _prepare_vouchers(stock: Stock) -> Callable[[int], MakeOperation]:
    def prepare(clients: int) -> MakeOperation:
        share = find_share(stock, clients)
        codes = oscar_vouchers.make_vouchers(share * clients)
        orders = [oscar_vouchers.make_order(stock.learners[0]) for _ in range(clients)]

        def choose(client: int) -> Iterator[tuple[Any, str]]:
            own = codes[client * share : (client + 1) * share]
            return zip(stock.share_of(client, clients), own, strict=False)

        return oscar_vouchers.make_redeem(orders, choose)

    return prepare


def _judge(run: Run, rows: dict[str, Row]) -> None:
    ours = rows[OURS]
    if ours.clients == 4:
        return
    what = f"{ours.name}, {ours.clients} clients" if ours.clients > 1 else f"{ours.name}, 1 client"
    to_floor, to_peer = ours.ratio_to_floor or 0, ours.ratio_to_peer
    run.report.judge(
        f"{what}: to the Django floor", "≥ 0.55", f"{to_floor:.2f}", is_met=to_floor >= 0.55
    )
    if to_peer is not None:
        run.report.judge(
            f"{what}: to django-oscar", "> 1 ×", f"{to_peer:.2f} ×", is_met=to_peer > 1
        )
    if ours.clients == 1:
        queries = ours.queries or 0
        run.report.judge(f"{ours.name}: queries", "≤ 6", str(queries), is_met=queries <= 6)
