"""Hands workers what no broker took, and what a worker lost or gave up."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from token_payments import tasks


class Command(BaseCommand):
    help = (
        "Queues mails and other work again that no broker took, or that a worker lost or gave up "
        "within three days. Safe to run again, late, or twice at once: no mail leaves twice."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        resumed = tasks.scheduled.run_resuming()
        self.stdout.write(f"Queued again: {resumed.queued}, given up: {resumed.given_up}.")
        if resumed.waiting:
            raise CommandError(f"No broker takes it: {resumed.waiting} more wait.")
