"""``manage.py token_payments_check_host``: does this LMS have and do what the plugin relies on?"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from token_payments.hosts.behaviours import BEHAVIOURS, try_out
from token_payments.hosts.contract import Outcome, Verdict, load_facts, verify
from token_payments.management.installed import INSTALLED

ADVICE = "The plugin doesn't know this release: look for a newer version of it before you sell."


class Command(BaseCommand):
    help = (
        "Compares each name of the LMS that the plugin knows with the LMS that is running, and "
        "tries out what can be seen of its behaviour; nothing is changed. Exit code 1: something "
        "that the plugin needs is missing or differs."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
        parser.add_argument(
            "--brief", action="store_true", help="leave out what is OK, and optional and missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = verify(load_facts())
        behaviours = [*try_out(BEHAVIOURS), *try_out(INSTALLED)]
        if options["json"]:
            verdicts = [asdict(verdict) for verdict in (*names, *behaviours)]
            self.stdout.write(json.dumps(verdicts, indent=1))
        else:
            quiet = (Outcome.AGREES, Outcome.OPTIONAL_MISSING) if options["brief"] else ()
            for verdict in (*names, *behaviours):
                if verdict.outcome not in quiet:
                    self._print(verdict)
            self.stdout.write(_summarise("facts", names))
            self.stdout.write(_summarise("behaviours", behaviours))
        if any(verdict.is_failure for verdict in (*names, *behaviours)):
            sys.exit(1)

    def _print(self, verdict: Verdict) -> None:
        style = self.style.SUCCESS if verdict.outcome is Outcome.AGREES else self.style.WARNING
        if verdict.is_failure:
            style = self.style.ERROR
        needed = " (needed)" if verdict.required else ""
        detail = f": {verdict.detail}" if verdict.detail else ""
        self.stdout.write(style(f"{verdict.outcome:>20}  {verdict.fact}{needed}{detail}"))
        advice = verdict.advice or (ADVICE if verdict.is_failure else "")
        if advice:
            self.stdout.write(f"{'':>20}  -> {advice}")


def _summarise(what: str, verdicts: list[Verdict]) -> str:
    counts = Counter(verdict.outcome for verdict in verdicts)
    parts = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    failures = sum(verdict.is_failure for verdict in verdicts)
    needed = f"{failures} of what the plugin needs" if failures else "nothing that the plugin needs"
    return f"{len(verdicts)} {what}: {', '.join(parts)}. Missing or different: {needed}."
