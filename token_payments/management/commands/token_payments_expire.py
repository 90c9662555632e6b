"""``manage.py token_payments_expire``: what the scheduled task does, for those who run cron."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from token_payments.wallets import operations as wallet_operations

LARGEST_BATCH = 10_000


class Command(BaseCommand):
    help = (
        "Records the expiry of tokens whose last day is over: what remains of their issues goes "
        "to zero. Safe to run at any time, again, and twice at once. Whether tokens can be spent "
        "never depends on it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--limit-per-batch",
            type=_read_limit,
            default=500,
            metavar="N",
            help="issues in one transaction, locked for so long (default: 500)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        expired = wallet_operations.expire_all_issues(
            now=timezone.now(), limit=options["limit_per_batch"], clock=timezone.now
        )
        self.stdout.write(f"Expired: {expired.tokens} tokens of {expired.issues} issues.")


def _read_limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_BATCH:
        raise ArgumentTypeError(f"give a number from 1 to {LARGEST_BATCH}")
    return int(text)
