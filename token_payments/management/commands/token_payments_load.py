"""``manage.py token_payments_load``: accounts, members, issues and prices from a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from token_payments import conf
from token_payments.imports import operations, verdicts
from token_payments.imports.kinds import KINDS
from token_payments.imports.planning import By
from token_payments.imports.sheets import COMMAND_BOUNDS, Sheet, read_sheet
from token_payments.imports.verdicts import AHEAD, DONE, FileRefused, Outcome, Plan, count
from token_payments.management.persons import get_user

SHOWN = 20  # errors that are printed; the report has all
STEP = 500  # rows between two lines of progress
FAILED, REFUSED = 1, 2  # what the command ends with


@dataclass(frozen=True)
class Ended:
    plans: Sequence[Plan]
    labels: Any
    text: str
    code: int = 0


class Command(BaseCommand):
    help = (
        "Loads accounts, members, issues or prices from a CSV or XLSX file (docs/loading.md). All "
        "or nothing, or row by row; safe to run again. Ends with 0 when every row is fine, with 1 "
        "when rows have errors, with 2 when the file can't be read, or the call isn't right."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(KINDS), help="what the file has")
        parser.add_argument("file", type=Path, help="CSV or XLSX")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument(
            "--row-by-row", action="store_true", help="keep the rows that are fine, whatever fails"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write a CSV, a line a row")
        parser.add_argument(
            "--as", dest="actor", metavar="USERNAME", help="who is to be the author"
        )
        parser.add_argument("--reason", default="", help="kept with what is changed")
        parser.add_argument(
            "--digest", default="", help="refuse any other file than the one of the dry run"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not conf.is_enabled():
            raise CommandError(
                "Token payments are switched off: nothing is loaded.", returncode=REFUSED
            )
        by = By(
            actor=_get_actor(options["actor"]) if options["actor"] else None,
            reason=(options["reason"] or operations.name_reason(options["file"].name))[:100],
            now=timezone.now(),
        )
        sheet = self._read(options)
        self.stdout.write(f"{len(sheet.rows)} rows, digest {sheet.digest}")
        ended = self._load(sheet, by, options)
        if options["report"]:
            text = "".join(verdicts.write_report(ended.plans, ended.labels))
            _write_privately(options["report"], text)
        self._tell(ended)
        if ended.code:
            raise CommandError(ended.text, returncode=ended.code)
        self.stdout.write(ended.text)

    def _read(self, options: dict[str, Any]) -> Sheet:
        path: Path = options["file"]
        try:
            if path.stat().st_size > COMMAND_BOUNDS.max_bytes:
                megabytes = COMMAND_BOUNDS.max_bytes // 1024 // 1024
                raise CommandError(f"{path} has more than {megabytes} MB.", returncode=REFUSED)
            content = path.read_bytes()
            sheet = read_sheet(KINDS[options["kind"]], content, bounds=COMMAND_BOUNDS)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=REFUSED) from error
        except FileRefused as error:
            raise CommandError(f"{path}: {error}", returncode=REFUSED) from error
        if not sheet.digest.startswith(options["digest"].lower()):
            raise CommandError(
                f"This isn't the file that was looked at: its digest is {sheet.digest}.",
                returncode=REFUSED,
            )
        return sheet

    def _load(self, sheet: Sheet, by: By, options: dict[str, Any]) -> Ended:
        if options["dry_run"]:
            plans = list(self._watch(operations.preview(sheet, by), sheet, "looked at"))
            has_errors = any(plan.outcome == Outcome.ERROR for plan in plans)
            return Ended(plans, AHEAD, "Nothing was changed: a dry run.", FAILED * has_errors)
        if options["row_by_row"]:
            plans = list(self._watch(operations.load_each(sheet, by), sheet, "done"))
            has_errors = any(plan.outcome == Outcome.ERROR for plan in plans)
            text = "Some rows have errors; the others are loaded." if has_errors else "Loaded."
            return Ended(plans, DONE, text, FAILED * has_errors)
        loaded = operations.load_together(
            sheet, by, progress=lambda number: self._tell_progress(number, sheet, "done")
        )
        if loaded.is_kept:
            return Ended(loaded.plans, DONE, "Loaded.")
        text = "Nothing was loaded: mend the rows with errors, or use --row-by-row."
        return Ended(loaded.plans, DONE, text, FAILED)

    def _watch(self, plans: Iterator[Plan], sheet: Sheet, done: str) -> Iterator[Plan]:
        for number, plan in enumerate(plans, start=1):
            yield plan
            self._tell_progress(number, sheet, done)

    def _tell_progress(self, number: int, sheet: Sheet, done: str) -> None:
        if number % STEP == 0 and number < len(sheet.rows):
            self.stdout.write(f"{number} of {len(sheet.rows)} rows {done}")
            self.stdout.flush()

    def _tell(self, ended: Ended) -> None:
        errors = [plan for plan in ended.plans if plan.outcome == Outcome.ERROR]
        for plan in errors[:SHOWN]:
            for column, text in verdicts.describe(plan):
                at = f"row {plan.line}, {column}" if column else f"row {plan.line}"
                self.stderr.write(f"{at}: {text}")
        if len(errors) > SHOWN:
            self.stderr.write(f"... and {len(errors) - SHOWN} more rows with errors")
        for outcome, number in count(ended.plans).items():
            self.stdout.write(f"{number:>8}  {ended.labels[outcome]}")


def _get_actor(name: str) -> Any:
    try:
        return get_user(name)
    except CommandError as error:
        raise CommandError(str(error), returncode=REFUSED) from error


def _write_privately(path: Path, text: str) -> None:
    """A report names people: for the one who runs the command alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise CommandError(
            f"The load is done, but its report can't be written to {path}: {error.strerror}"
        ) from error
