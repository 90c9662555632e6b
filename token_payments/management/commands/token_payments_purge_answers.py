"""Forgets what the API answered more than 30 days ago."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from token_payments import api


class Command(BaseCommand):
    help = (
        "Forgets what the API answered to requests with an Idempotency-Key more than 30 days ago. "
        "Safe to run again, late, or twice at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Forgotten: {api.purge_answers(now=timezone.now())} answers.")
