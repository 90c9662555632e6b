"""Sends the webhooks that are due."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from token_payments import tasks
from token_payments.webhooks import operations as webhook_operations


class Command(BaseCommand):
    help = (
        "Sends the webhooks that are due: retries, and what no worker has sent. Safe to run again, "
        "late, or twice at once. With --purge it forgets old deliveries instead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--purge", action="store_true", help="forget what is older than WEBHOOK_LOG_DAYS"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["purge"]:
            self.stdout.write(
                f"Forgotten: {webhook_operations.purge_log(now=timezone.now())} events."
            )
            return
        run = tasks.webhooks.run_webhooks()
        self.stdout.write(f"Delivered: {run.delivered}, failed: {run.failed}.")
