"""``manage.py token_payments_check_host``: has the LMS what the plugin uses, does the gate hold?"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from token_payments.hosts.symbols import SYMBOLS, HostOutcome, HostVerdict, check_symbols
from token_payments.management.gate import check_gate

ADVICE = "The plugin doesn't know this release: look for a newer version of it before you sell."


class Command(BaseCommand):
    help = (
        "Looks for each name of the LMS that the plugin uses, and tries out whether the gate "
        "refuses a learner who hasn't paid; nothing is changed. Exit code 1: something is missing "
        "or differs."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
        parser.add_argument("--brief", action="store_true", help="leave out what is OK")

    def handle(self, *args: Any, **options: Any) -> None:
        names, gate = check_symbols(SYMBOLS), [check_gate()]
        if options["json"]:
            verdicts = [asdict(verdict) for verdict in (*names, *gate)]
            self.stdout.write(json.dumps(verdicts, indent=1))
        else:
            for verdict in (*names, *gate):
                if not (options["brief"] and verdict.outcome is HostOutcome.AGREES):
                    self._print(verdict)
            self.stdout.write(_summarise("names", names))
            self.stdout.write(_summarise("tried out", gate))
        if any(verdict.is_failure for verdict in (*names, *gate)):
            sys.exit(1)

    def _print(self, verdict: HostVerdict) -> None:
        style = self.style.SUCCESS if verdict.outcome is HostOutcome.AGREES else self.style.WARNING
        if verdict.is_failure:
            style = self.style.ERROR
        detail = f": {verdict.detail}" if verdict.detail else ""
        self.stdout.write(style(f"{verdict.outcome:>13}  {verdict.fact}{detail}"))
        advice = verdict.advice or (ADVICE if verdict.is_failure else "")
        if advice:
            self.stdout.write(f"{'':>13}  -> {advice}")


def _summarise(what: str, verdicts: list[HostVerdict]) -> str:
    counts = Counter(verdict.outcome for verdict in verdicts)
    parts = [f"{counts[outcome]} {outcome}" for outcome in HostOutcome if counts[outcome]]
    failures = sum(verdict.is_failure for verdict in verdicts)
    needed = f"{failures} of what the plugin needs" if failures else "nothing that the plugin needs"
    return f"{len(verdicts)} {what}: {', '.join(parts)}. Missing or different: {needed}."
