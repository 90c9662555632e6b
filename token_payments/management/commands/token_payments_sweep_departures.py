"""Finds learners who left without our being told, and gives back what the rule says."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from token_payments import tasks


class Command(BaseCommand):
    help = (
        "Finds enrolments that ended, or began again, without an event, and gives back what was "
        "paid as each item's rule says. Safe to run again, late, or twice at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        swept = tasks.scheduled.run_sweep()
        self.stdout.write(
            f"Left: {swept.left}, given back: {swept.given_back}, failed: {swept.failed}, "
            f"paid and not enrolled: {swept.missing}."
        )
