"""``manage.py token_payments_forget``: what the LMS's retirement does, for whom it can't reach."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from token_payments.management.persons import add_person_arguments, read_person
from token_payments.privacy import operations as privacy_operations
from token_payments.privacy import queries as privacy_queries


class Command(BaseCommand):
    help = (
        "Removes every personal value that the plugin holds of one person: of somebody who has no "
        "account, or whose account was retired before the plugin was there. With --invoices, what "
        "invoices of retired users kept and no longer must. Safe to run again. It changes nothing "
        "of a person without --yes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_person_arguments(parser)
        parser.add_argument(
            "--invoices", action="store_true", help="only invoices whose years are over"
        )
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["invoices"]:
            if options["user"] or options["email"]:
                raise CommandError("--invoices is for all retired users: leave the person out.")
            values = privacy_operations.forget_invoices(now=timezone.now())
            self.stdout.write(f"Removed: {values} values of invoices.")
            return
        person = read_person(options)
        if not options["yes"]:
            self._preview(person)
            return
        retired = privacy_operations.retire_person(**person, now=timezone.now())
        self.stdout.write(
            f"Removed: {retired.values} values. Unused codes given back: {retired.codes}. "
            f"Orders whose invoice keeps its address: {retired.kept_orders}."
        )

    def _preview(self, person: dict[str, Any]) -> None:
        records = privacy_queries.export_person(**person, now=timezone.now())["records"]
        for name, rows in records.items():
            self.stdout.write(f"{len(rows):>6}  {name}")
        total = sum(len(rows) for rows in records.values())
        self.stdout.write(
            f"{total} records are about this person (token_payments_export_user lists them). "
            "To remove what is personal in them, add --yes: it can't be undone."
        )
