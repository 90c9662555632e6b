"""Tries again to place learners in the groups of what they paid with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from token_payments import tasks


class Command(BaseCommand):
    help = (
        "Tries again to place learners in the group of what they paid with, up to 500 in a run, "
        "each less and less often: after an hour, then two, up to once a day, twelve times in all. "
        "Safe to run again, late, or twice at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        retried = tasks.scheduled.run_groups()
        self.stdout.write(
            f"Placed: {retried.placed}, not placed: {retried.failed}, "
            f"of these for good: {retried.given_up}."
        )
        if retried.is_cut:
            self.stdout.write("More are due: run it again.")
