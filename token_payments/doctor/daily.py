"""The daily run: everything is looked at, and what is found is logged."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from token_payments.doctor.examination import examine
from token_payments.doctor.findings import Severity

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
