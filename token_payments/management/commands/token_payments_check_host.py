"""``manage.py token_payments_check_host``: does this LMS have what the plugin relies on?"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from token_payments.hosts.contract import Outcome, Verdict, load_facts, verify


class Command(BaseCommand):
    help = (
        "Compares each name of the LMS that the plugin knows with the LMS that is running. "
        "Exit code 1: something that the plugin needs is missing or differs."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = verify(load_facts())
        if options["json"]:
            self.stdout.write(json.dumps([asdict(verdict) for verdict in verdicts], indent=1))
        else:
            for verdict in verdicts:
                self._print(verdict)
            self.stdout.write(_summarise(verdicts))
        if any(verdict.is_failure for verdict in verdicts):
            sys.exit(1)

    def _print(self, verdict: Verdict) -> None:
        style = self.style.SUCCESS if verdict.outcome is Outcome.AGREES else self.style.WARNING
        if verdict.is_failure:
            style = self.style.ERROR
        needed = " (needed)" if verdict.required else ""
        detail = f": {verdict.detail}" if verdict.detail else ""
        self.stdout.write(style(f"{verdict.outcome:>20}  {verdict.fact}{needed}{detail}"))


def _summarise(verdicts: list[Verdict]) -> str:
    counts = Counter(verdict.outcome for verdict in verdicts)
    parts = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    failures = sum(verdict.is_failure for verdict in verdicts)
    needed = f"{failures} of what the plugin needs" if failures else "nothing that the plugin needs"
    return f"{len(verdicts)} facts: {', '.join(parts)}. Missing or different: {needed}."
