"""``manage.py token_payments_bulk``: bulk jobs from files, run here unless a worker was quicker."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from token_payments import errors, tasks
from token_payments.assignments import queries as assignment_queries
from token_payments.bulk import operations as bulk_operations
from token_payments.bulk import queries as bulk_queries
from token_payments.imports.members_file import read_names
from token_payments.imports.recipients import MAX_LIST_BYTES, read_file
from token_payments.management.persons import get_user
from token_payments.models import BulkJob, JobState, TokenOrder, Wallet
from token_payments.orders import queries as order_queries
from token_payments.presenters.bulk_results import write_results
from token_payments.presenters.refusals import Audience, describe_reason, describe_refusal

STEP = timedelta(seconds=2)  # of work between two lines of progress
PAUSE = 2  # seconds between two looks at a job that another worker has
KEY_LENGTH = 40


class Command(BaseCommand):
    help = (
        "Pays for the members, or gives tokens to the people, that a CSV or XLSX file names, row "
        "by row. Interrupt it, and the same command goes on where it stopped: none is done twice. "
        "Exit code 0: every row is done or needs nothing; 1: some failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        redeem = actions.add_parser("redeem", help="pay for members of an account from a wallet")
        redeem.add_argument("--wallet", type=int, required=True, metavar="ID")
        redeem.add_argument("--item", required=True, metavar="COURSE", help="the course's key")
        redeem.add_argument("--tokens", type=int, required=True, metavar="N", help="for each")
        assign = actions.add_parser("assign", help="give an order's tokens to people by mail")
        assign.add_argument("--order", required=True, metavar="NUMBER", help="the order's number")
        assign.add_argument(
            "--open",
            action="store_true",
            help="whoever has a code may use it, not this person alone",
        )
        for one in (redeem, assign):
            one.add_argument("file", type=Path)
            one.add_argument("--by", required=True, metavar="USER", help="in whose name it is done")
            one.add_argument("--dry-run", action="store_true", help="say what would be done")
            one.add_argument("--result", type=Path, metavar="FILE", help="write the rows as CSV")
        for name, text in OF_JOBS.items():
            one = actions.add_parser(name, help=text)
            one.add_argument("job", nargs="?" if name == "resume" else None, metavar="JOB")
            one.add_argument("--by", required=name == "cancel", metavar="USER")
            one.add_argument("--result", type=Path, metavar="FILE", help="write the rows as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done: Callable[[dict[str, Any]], None] = getattr(self, f"_{options['action']}")
            done(options)
        except errors.ListUnreadable as error:
            text = describe_refusal(error, audience=Audience.STAFF).text
            raise CommandError(f"The file can't be read. {text} ({error.reason})") from error
        except errors.InvalidTransition as error:
            raise CommandError(str(error)) from error
        except errors.TokenPaymentsError as error:
            text = describe_refusal(error, audience=Audience.STAFF).title
            raise CommandError(f"Nothing was done. {text} ({error.reason}).") from error

    def _redeem(self, options: dict[str, Any]) -> None:
        content = _read(options["file"])
        wallet = Wallet.objects.select_related("account").filter(pk=options["wallet"]).first()
        if wallet is None:
            raise CommandError(f"There is no wallet {options['wallet']}.")
        facts = {
            "actor": get_user(options["by"]),
            "wallet": wallet,
            "item_key": options["item"],
            "tokens": options["tokens"],
            "names": read_names(content),
            "now": timezone.now(),
        }
        if options["dry_run"]:
            preview = bulk_queries.preview_redeeming(**facts)
            for row in preview.rows:
                self._write_verdict(row.number, row.entered, row.reason)
            self.stdout.write(
                f"{preview.payable} of {len(preview.rows)} rows would be paid for, with "
                f"{preview.cost} of {preview.available} tokens. Nothing was done."
            )
            return
        key = _make_key(content, "redeem", wallet.pk, options)
        self._run(bulk_operations.start_redeeming(**facts, idempotency_key=key), options)

    def _assign(self, options: dict[str, Any]) -> None:
        content = _read(options["file"])
        order = _get_order(options["order"])
        rows = read_file(content)
        if options["dry_run"]:
            assignment_queries.check_givable(order, timezone.now())
            judged = assignment_queries.preview_list(order, rows, now=timezone.now())
            for row in judged:
                is_ok = row.verdict == assignment_queries.Verdict.OK
                self._write_verdict(row.line, row.email, "" if is_ok else row.verdict.value)
            good = sum(row.verdict == assignment_queries.Verdict.OK for row in judged)
            self.stdout.write(f"{good} of {len(judged)} rows would get a token. Nothing was done.")
            return
        job = bulk_operations.start_assigning(
            actor=get_user(options["by"]),
            order_id=order.pk,
            recipients=[row.recipient for row in rows],
            is_open=options["open"],
            idempotency_key=_make_key(content, "assign", order.pk, options),
            now=timezone.now(),
        )
        self._run(job, options)

    def _show(self, options: dict[str, Any]) -> None:
        self._report(_get_job(options["job"]), options)

    def _cancel(self, options: dict[str, Any]) -> None:
        job = _get_job(options["job"])
        self._report(
            bulk_operations.cancel_job(job.pk, actor=get_user(options["by"]), now=timezone.now()),
            options,
        )

    def _retry(self, options: dict[str, Any]) -> None:
        job = _get_job(options["job"])
        self._run(bulk_operations.retry_failed(job.pk, now=timezone.now()), options)

    def _resume(self, options: dict[str, Any]) -> None:
        if options["job"]:
            self._run(_get_job(options["job"]), options)
            return
        unfinished = BulkJob.objects.filter(state__in=(JobState.WAITING, JobState.RUNNING))
        for job in unfinished.order_by("pk"):
            self._run(job, {**options, "result": None}, is_last=False)

    def _run(self, job: BulkJob, options: dict[str, Any], *, is_last: bool = True) -> None:
        """To its end, saying how far it is; while another worker has it, wait for that one."""
        self.stdout.write(f"Job {job.uuid}, begun {job.created_at:%Y-%m-%d %H:%M} (UTC).")
        is_left = True
        while is_left:
            try:
                is_left = tasks.work.work_on(job.pk, run_for=STEP)
            except errors.JobBusy as error:
                told = describe_refusal(error, audience=Audience.STAFF)
                self.stdout.write(f"{told.sentence} Waiting.")
                time.sleep(PAUSE)
            progress = bulk_queries.measure_job(job)
            self.stdout.write(f"{progress.total - progress.waiting} of {progress.total} rows.")
        job.refresh_from_db()
        self._report(job, options, is_last=is_last)

    def _report(self, job: BulkJob, options: dict[str, Any], *, is_last: bool = True) -> None:
        progress = bulk_queries.measure_job(job)
        for state, reason, number in bulk_queries.count_reasons(job):
            self.stdout.write(f"  {number:>5} {state}: {describe_reason(reason)} ({reason})")
        self.stdout.write(
            f"Job {job.uuid} is {job.state}. Done: {progress.done}, skipped: {progress.skipped}, "
            f"failed: {progress.failed}, waiting: {progress.waiting}, not tried: "
            f"{progress.cancelled}."
        )
        if options["result"]:
            with options["result"].open("w", encoding="utf-8", newline="") as file:
                file.writelines(write_results(job))
        if progress.failed and is_last:
            sys.exit(1)

    def _write_verdict(self, number: int, who: str, reason: str) -> None:
        if reason:
            self.stdout.write(f"  {number:>5} {who}: {describe_reason(reason)} ({reason})")


OF_JOBS = {
    "show": "say how far a job is",
    "cancel": "try no further row of a job; what is done stays",
    "retry": "try the failed rows of a job again",
    "resume": "go on with a job, or with all that aren't done",
}


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_LIST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error


def _get_order(number: str) -> TokenOrder:
    orders = order_queries.search_orders(TokenOrder.objects.select_related("item"), number)
    order = orders.first() if orders is not None else None
    if order is None:
        raise CommandError(f"There is no order {number}.")
    return order


def _get_job(text: str) -> BulkJob:
    try:
        job = BulkJob.objects.filter(uuid=text).first()
    except ValidationError:
        job = None
    if job is None:
        raise CommandError(f"There is no job {text}.")
    return job


def _make_key(content: bytes, action: str, row_id: int, options: dict[str, Any]) -> str:
    """The same command with the same file is the same job."""
    more = [str(options.get(name, "")) for name in ("item", "tokens", "open", "by")]
    text = "\n".join([action, str(row_id), *more])
    return "file:" + hashlib.sha256(text.encode() + content).hexdigest()[:KEY_LENGTH]
