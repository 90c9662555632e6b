"""All checks by name, and the run through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from token_payments.doctor import (
    balances,
    codes,
    enrolments,
    jobs,
    keys,
    ledger,
    orders,
    redemptions,
    transfers,
    wallet_orders,
    work,
)
from token_payments.doctor.findings import Finding

Check = Callable[[datetime], Iterable[Finding]]

#: In the order in which they run: causes before what follows from them.
CHECKS: Mapping[str, Check] = {
    "code_keys": keys.find_unusable_keys,
    "issue_sums": ledger.find_wrong_sums,
    "issue_openings": ledger.find_wrong_openings,
    "overdrawn_issues": ledger.find_overdrawn_issues,
    "entry_signs": ledger.find_wrong_signs,
    "entry_orphans": ledger.find_orphans,
    "entry_redemptions": ledger.find_misplaced_entries,
    "entry_returns": ledger.find_wrong_returns,
    "entry_times": ledger.find_untimely_debits,
    "transfers": transfers.find_unbalanced,
    "transferred_issues": transfers.find_issues_without_transfer,
    "unrecorded_expiry": ledger.find_unrecorded_expiry,
    "balances": balances.find_wrong_balances,
    "order_codes": orders.find_wrong_code_numbers,
    "cancelled_orders": orders.find_codes_that_outlived_their_order,
    "code_cancellations": orders.find_wrong_code_cancellations,
    "refunds": orders.find_wrong_refunds,
    "stuck_orders": orders.find_stuck_orders,
    "wallet_orders": wallet_orders.find_wrong_issues,
    "order_issues": wallet_orders.find_issues_without_order,
    "wallet_cancellations": wallet_orders.find_wrong_cancellations,
    "cancelled_wallet_orders": wallet_orders.find_tokens_that_outlived_their_order,
    "redeemed_codes": codes.find_redeemed_without_redemption,
    "redemption_codes": codes.find_redemptions_of_unredeemed_codes,
    "reserved_redemptions": redemptions.find_reserved,
    "redemption_payments": redemptions.find_unpaid,
    "redemption_tokens": redemptions.find_wrong_tokens,
    "stuck_jobs": jobs.find_stuck_jobs,
    "enrolments": enrolments.find_unenrolled,
    "waiting_work": work.find_waiting_work,
}


def examine(*, now: datetime, checks: Iterable[str] | None = None) -> Iterator[Finding]:
    """Yield what the named checks find, or all of them; nothing when the books are right.

    Raises KeyError for a check that isn't in CHECKS, and what the database and the host raise.
    """
    named = list(CHECKS) if checks is None else list(checks)
    for name, check in [(name, CHECKS[name]) for name in named]:
        for finding in check(now):
            yield replace(finding, check=name)
