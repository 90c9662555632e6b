"""``manage.py token_payments_doctor``: are the books right, and what to do where they aren't."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import ngettext

from token_payments import tasks
from token_payments.doctor import CHECKS, Finding, Severity, examine

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Proves on the database that issues, entries and balances agree, and orders with codes, "
        "redemptions and enrolments; prints what doesn't, and what to do. Exit code 0: no error "
        "(notes are no errors); 1: errors; 2: it could not run to its end. It changes nothing "
        "without --repair --yes."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument(
            "--check",
            action="append",
            choices=list(CHECKS),
            metavar="NAME",
            help=f"run this check only; may be given again. Names: {', '.join(CHECKS)}",
        )
        parser.add_argument(
            "--repair",
            action="store_true",
            help="say what can safely be put right; with --yes, do it",
        )
        parser.add_argument("--yes", action="store_true", help="with --repair: do it")
        parser.add_argument(
            "--daily",
            action="store_true",
            help="do what the scheduled task does: log every finding and mail errors, once a day",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["yes"] and not options["repair"]:
            raise CommandError("--yes belongs to --repair.", returncode=2)
        if options["daily"]:
            self._examine_daily(options)
            return
        report = _JsonReport(self) if options["json"] else _TextReport(self, options["repair"])
        failure = ""
        try:
            for finding in examine(now=timezone.now(), checks=options["check"]):
                report.add(finding, is_repaired=_repair(finding) if options["yes"] else False)
        except Exception as error:
            log.exception("the examination could not be ended")
            failure = f"{type(error).__name__}: {error}"
        report.end(failure)
        if failure:
            raise CommandError(f"The examination could not be ended. {failure}", returncode=2)
        if report.counts[Severity.ERROR]:
            sys.exit(1)

    def _examine_daily(self, options: dict[str, Any]) -> None:
        if any(options[name] for name in ("json", "check", "repair")):
            raise CommandError("--daily goes with no other option.", returncode=2)
        report = tasks.scheduled.run_daily_doctor()
        self.stdout.write("\n".join([*report.lines, f"{report.errors} errors."]))
        if report.failure:
            message = f"The examination could not be ended. {report.failure}"
            raise CommandError(message, returncode=2)
        if report.errors:
            sys.exit(1)


class _Report:
    """Counts what is left; writes as it goes, so that a long list takes no memory."""

    def __init__(self, command: BaseCommand) -> None:
        self.stdout, self.style = command.stdout, command.style
        self.counts: Counter[Severity] = Counter()
        self.repaired = 0

    def add(self, finding: Finding, *, is_repaired: bool) -> None:
        if is_repaired:
            self.repaired += 1
        else:
            self.counts[finding.severity] += 1
        self.write(finding, is_repaired)

    def write(self, finding: Finding, is_repaired: bool) -> None:
        raise NotImplementedError

    def end(self, failure: str) -> None:
        raise NotImplementedError


class _TextReport(_Report):
    def __init__(self, command: BaseCommand, shows_repairs: bool) -> None:
        super().__init__(command)
        self.shows_repairs = shows_repairs
        self.repairable = 0

    def write(self, finding: Finding, is_repaired: bool) -> None:
        is_error = finding.severity is Severity.ERROR
        style = self.style.ERROR if is_error else self.style.WARNING
        head = style(f"{finding.severity}: {finding.subject}")
        self.stdout.write(f"{head} ({finding.check})\n  {finding.text}\n  {finding.advice}")
        if finding.repair is None:
            return
        self.repairable += 1
        if is_repaired:
            self.stdout.write(self.style.SUCCESS(f"  Done: {finding.repair.text}."))
        elif self.shows_repairs:
            self.stdout.write(f"  Repair: {finding.repair.text}.")

    def end(self, failure: str) -> None:
        errors, notes = self.counts[Severity.ERROR], self.counts[Severity.NOTE]
        parts = [
            ngettext("%(n)s error", "%(n)s errors", errors) % {"n": errors},
            ngettext("%(n)s note", "%(n)s notes", notes) % {"n": notes},
        ]
        if self.repaired:
            parts.append(f"{self.repaired} repaired")
        elif self.repairable:
            parts.append(f"{self.repairable} can be repaired (--repair --yes)")
        self.stdout.write(", ".join(parts) + ".")


class _JsonReport(_Report):
    def __init__(self, command: BaseCommand) -> None:
        super().__init__(command)
        self.separator = ""
        self.stdout.write('{"findings": [', ending="")

    def write(self, finding: Finding, is_repaired: bool) -> None:
        line = json.dumps(
            {
                "check": finding.check,
                "severity": finding.severity,
                "subject": finding.subject,
                "text": finding.text,
                "advice": finding.advice,
                "repair": finding.repair.text if finding.repair else None,
                "repaired": is_repaired,
            }
        )
        self.stdout.write(f"{self.separator}\n {line}", ending="")
        self.separator = ","

    def end(self, failure: str) -> None:
        totals = {
            "errors": self.counts[Severity.ERROR],
            "notes": self.counts[Severity.NOTE],
            "repaired": self.repaired,
            "failure": failure or None,
        }
        self.stdout.write(f"\n],\n{json.dumps(totals)[1:]}")


def _repair(finding: Finding) -> bool:
    return finding.repair is not None and finding.repair.run()
