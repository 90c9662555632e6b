"""``manage.py token_payments_low_balances``: what the scheduled task does, for cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from token_payments import conf, tasks


class Command(BaseCommand):
    help = (
        "Finds wallets with fewer tokens than their managers want to be told of, and tells them, "
        "once until there are enough again. Run it once an hour. Safe to run again, late, or twice "
        "at once. After a payment this is looked at right away, whoever runs it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not conf.is_enabled():
            self.stdout.write("Token payments are switched off: nobody was told.")
            return
        run = tasks.scheduled.run_low_balances()
        self.stdout.write(f"Low: {run.low}, told: {run.told}, to be told again: {run.failed}.")
