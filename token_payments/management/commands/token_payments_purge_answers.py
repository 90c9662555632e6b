"""Forgets what the API answered more than 30 days ago, and bulk jobs of more than 90 days."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from token_payments import tasks


class Command(BaseCommand):
    help = (
        "Forgets what the API answered to requests with an Idempotency-Key more than 30 days ago, "
        "and bulk jobs that ended more than 90 days ago. "
        "Safe to run again, late, or twice at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        answers, jobs = tasks.scheduled.run_purge()
        self.stdout.write(f"Forgotten: {answers} answers, {jobs} bulk jobs.")
