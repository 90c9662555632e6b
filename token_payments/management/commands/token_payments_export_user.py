"""``manage.py token_payments_export_user``: all that is known of one person, as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from token_payments.management.persons import add_person_arguments, read_person
from token_payments.privacy import queries as privacy_queries


class Command(BaseCommand):
    help = (
        "Prints all that the plugin knows of one person, as JSON (docs/privacy.md). Read it before "
        "you hand it out: what people wrote may name others."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_person_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        export = privacy_queries.export_person(**read_person(options), now=timezone.now())
        self.stdout.write(json.dumps(export, indent=1, ensure_ascii=False))
