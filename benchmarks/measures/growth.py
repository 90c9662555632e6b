"""The same operation with more and more behind it: entries, redemptions and codes."""

from __future__ import annotations

from benchmarks.duel import OURS, PEER, RAW, Contender, Run
from benchmarks.measures import codes, wallet
from benchmarks.peers import limits, openedx_ledger
from benchmarks.series import N, insert_series, write_random, write_uuid, write_value
from token_payments.models import LedgerEntry, Redemption, TokenCode, TokenIssue

SIZES = (0, 10_000, 1_000_000)
PEER_SIZES = (10_000, 100_000)
ENTRIES_PER_ISSUE = 10_000
STEP = 100_000  # rows in one statement
ALLOWED = 0.10
AHEAD = 50


def measure(run: Run) -> None:
    """Growth is told by what an operation takes when nothing else is in the way."""
    sizes = SIZES[:2] if run.effort.is_quick else SIZES
    took: dict[str, list[float]] = {"wallet debit": [], "redeem a code": []}
    for size in sizes:
        add_history(run, size)
        for name, contenders in _list_contenders(run, size).items():
            row = run.duel(contenders, clients=1)[OURS]
            took[name].append(run.fastest_ms[row.name])
    for name, found in took.items():
        kept = found[0] / found[-1] if found[-1] else 0
        run.report.judge(
            f"{name} with {sizes[-1]:,} entries and codes behind it",
            "≥ 0.9 of the rate with none",
            f"{kept:.2f}",
            is_met=kept >= 1 - ALLOWED,
        )
    if openedx_ledger.is_installed():
        _measure_peer(run, run.stock.behind)


def _list_contenders(run: Run, size: int) -> dict[str, list[Contender]]:
    stock, behind = run.stock, f"{size:,} behind it"
    hot = stock.hot_wallet
    raw_hot = wallet.prepare_limit(stock, limits.make_raw, is_hot=True)
    raw_spread = wallet.prepare_limit(stock, limits.make_raw, is_hot=False)
    return {
        "wallet debit": [
            Contender(RAW, f"raw, one lot, {behind}", raw_hot),
            Contender(OURS, f"wallet debit, {behind}", wallet.prepare_ours(stock, lambda _: hot)),
        ],
        "redeem a code": [
            Contender(RAW, f"raw, a lot each, {behind}", raw_spread),
            Contender(OURS, f"redeem a code, {behind}", codes.prepare_ours(stock)),
        ],
    }


def add_history(run: Run, size: int) -> None:
    """Bring entries of the hot wallet, redemptions and codes of one order up to ``size``."""
    for start in range(run.stock.behind, size, STEP):
        count = min(STEP, size - start)
        _add_codes(run, start, count)
        _add_redemptions(run, start, count)
        _add_entries(run, start, count)
    run.stock.behind = max(run.stock.behind, size)


def _add_codes(run: Run, start: int, count: int) -> None:
    order = run.stock.old_order
    insert_series(
        TokenCode,
        count,
        start=start,
        order=str(order.pk),
        serial=f"{N} + 1",
        code_hash=write_random(),
        last_four="'AB12'",
        status="'redeemed'",
    )


def _add_redemptions(run: Run, start: int, count: int) -> None:
    """Every learner has paid for many items, long ago."""
    stock, learners = run.stock, len(run.stock.learners)
    first_item = stock.old_items[0].pk
    insert_series(
        Redemption,
        count,
        start=start,
        uuid=write_uuid(),
        state="'completed'",
        learner=f"{stock.learners[0].pk} + {N} %% {learners}",
        item=f"{first_item} + ({N} - {N} %% {learners}) / {learners}",
        method="'wallet'",
        wallet=str(stock.hot_wallet.pk),
        tokens="1",
        mode="'verified'",
        price="149",
        currency="'GBP'",
        actor=str(stock.learners[0].pk),
        idempotency_key=write_random(),
        created_at=write_value(Redemption, "created_at", stock.now),
        completed_at=write_value(Redemption, "completed_at", stock.now),
    )


def _add_entries(run: Run, start: int, count: int) -> None:
    """Entries of issues that are spent but haven't expired, which the wallet still has."""
    stock = run.stock
    for begin in range(start, start + count, ENTRIES_PER_ISSUE):
        spent = TokenIssue.objects.create(
            wallet=stock.hot_wallet,
            quantity=ENTRIES_PER_ISSUE,
            remaining=0,
            issued_at=stock.now,
            source="manual",
            idempotency_key=f"history-{begin}",
        )
        insert_series(
            LedgerEntry,
            min(ENTRIES_PER_ISSUE, start + count - begin),
            start=begin,
            issue=str(spent.pk),
            kind="'debit'",
            amount="-1",
            redemption=f"{N} + 1",
            actor=str(stock.learners[0].pk),
            created_at=write_value(LedgerEntry, "created_at", stock.now),
        )


def _measure_peer(run: Run, behind: int) -> None:
    """Both with history, in turns: ours has ``behind``, the peer what its name says."""
    sizes = PEER_SIZES[:1] if run.effort.is_quick else PEER_SIZES
    stock = run.stock
    hot = stock.hot_wallet
    ledger, done = openedx_ledger.make_ledger(), 0
    for size in sizes:
        openedx_ledger.add_history(ledger, entries=size - done)
        done = size
        contenders = [
            Contender(
                PEER,
                f"openedx-ledger, {size:,} behind it",
                lambda _: openedx_ledger.make_debit(lambda _: ledger),
            ),
            Contender(
                OURS,
                f"wallet debit, {behind:,} behind it, beside it",
                wallet.prepare_ours(stock, lambda _: hot),
            ),
        ]
        ahead = run.duel(contenders, clients=1)[OURS].ratio_to_peer or 0
        if size == PEER_SIZES[-1]:
            run.report.judge(
                f"wallet debit to openedx-ledger, {size:,} behind it",
                f"≥ {AHEAD} ×",
                f"{ahead:.0f} ×",
                is_met=ahead >= AHEAD,
            )
