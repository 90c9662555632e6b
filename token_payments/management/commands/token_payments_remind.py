"""``manage.py token_payments_remind``: what the scheduled task does, for those who run cron."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from token_payments import conf, tasks


class Command(BaseCommand):
    help = (
        "Reminds people of tokens that end soon: managers of accounts, buyers with unused codes, "
        "and learners who were given one; each gets one mail a day with everything. Run it once a "
        "day. Safe to run again, late, or twice at once: nobody is told of the same twice. Exit "
        "code 1: some mails couldn't be sent; the next run sends them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not conf.is_enabled():
            self.stdout.write("Token payments are switched off: nobody was reminded.")
            return
        run = tasks.scheduled.run_reminders()
        waiting = run.postponed + run.left
        self.stdout.write(f"Reminded: {run.sent}, failed: {run.failed}, to be sent: {waiting}.")
        if waiting:
            sys.exit(1)
