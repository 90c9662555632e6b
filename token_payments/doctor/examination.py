"""All checks by name, the run through them, and the daily one, whose findings are logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from token_payments.doctor import (
    balances,
    codes,
    enrolments,
    ledger,
    orders,
    redemptions,
    transfers,
    wallet_orders,
    work,
)
from token_payments.doctor.findings import Finding, Severity

Check = Callable[[datetime], Iterable[Finding]]

#: In the order in which they run: causes before what follows from them.
CHECKS: Mapping[str, Check] = {
    "code_keys": codes.list_unusable_keys,
    "issue_sums": ledger.list_wrong_sums,
    "issue_openings": ledger.list_wrong_openings,
    "overdrawn_issues": ledger.list_overdrawn_issues,
    "entry_signs": ledger.list_wrong_signs,
    "entry_orphans": ledger.list_orphans,
    "entry_redemptions": ledger.list_misplaced_entries,
    "entry_returns": ledger.list_wrong_returns,
    "entry_times": ledger.list_untimely_debits,
    "transfers": transfers.list_unbalanced,
    "transferred_issues": transfers.list_issues_without_transfer,
    "unrecorded_expiry": ledger.list_unrecorded_expiry,
    "balances": balances.list_wrong_balances,
    "order_codes": orders.list_wrong_code_numbers,
    "cancelled_orders": orders.list_codes_that_outlived_their_order,
    "code_cancellations": orders.list_wrong_code_cancellations,
    "refunds": orders.list_wrong_refunds,
    "stuck_orders": orders.list_stuck_orders,
    "wallet_orders": wallet_orders.list_wrong_issues,
    "order_issues": wallet_orders.list_issues_without_order,
    "wallet_cancellations": wallet_orders.list_wrong_cancellations,
    "cancelled_wallet_orders": wallet_orders.list_tokens_that_outlived_their_order,
    "redeemed_codes": codes.list_redeemed_without_redemption,
    "redemption_codes": codes.list_redemptions_of_unredeemed_codes,
    "reserved_redemptions": redemptions.list_reserved,
    "redemption_payments": redemptions.list_unpaid,
    "redemption_tokens": redemptions.list_wrong_tokens,
    "stuck_jobs": work.list_stuck_jobs,
    "enrolments": enrolments.list_unenrolled,
    "waiting_work": work.list_waiting_work,
}


def examine(*, now: datetime, checks: Iterable[str] | None = None) -> Iterator[Finding]:
    """Yield what the named checks find, or all of them; nothing when the books are right.

    Raises KeyError for a check that isn't in CHECKS, and what the database and the host raise.
    """
    named = list(CHECKS) if checks is None else list(checks)
    for name, check in [(name, CHECKS[name]) for name in named]:
        for finding in check(now):
            yield replace(finding, check=name)


LINES = 100  # findings that a report has; the log has all of them

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DailyReport:
    """The first findings, a line each; how many errors there are; ``failure`` if it broke off."""

    lines: Sequence[str]
    errors: int
    failure: str = ""

    @property
    def is_alarming(self) -> bool:
        return bool(self.errors or self.failure)


def examine_daily(*, now: datetime) -> DailyReport:
    """Run every check, and log each finding as it comes. What breaks it off is in the report."""
    lines: list[str] = []
    errors, failure = 0, ""
    try:
        for finding in examine(now=now):
            line = f"{finding.severity}: {finding.subject} ({finding.check}): {finding.text}"
            is_error = finding.severity is Severity.ERROR
            log.log(logging.ERROR if is_error else logging.INFO, "%s", line)
            errors += is_error
            lines += [line] if len(lines) < LINES else []
    except Exception as error:
        log.exception("the examination could not be ended")
        failure = type(error).__name__
    log.info("errors: %s%s", errors, ", not ended" if failure else "")
    return DailyReport(lines, errors, failure)
