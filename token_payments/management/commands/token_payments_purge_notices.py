"""Forgets which mails were sent, where they can't be due again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from token_payments.outbox import notices


class Command(BaseCommand):
    help = (
        "Forgets which reminders and daily mails were sent, a month after what they tell of has "
        "ended. Safe to run again, late, or twice at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Forgotten: {notices.purge_notices(now=timezone.now())} notices.")
