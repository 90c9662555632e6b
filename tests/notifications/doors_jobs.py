"""Doors to bulk jobs and to webhooks."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.utils import timezone

from tests import factories
from tests.admin.base import admin_url
from tests.notifications.doors import COURSE, Act, Doors, Site
from tests.notifications.doors_orders import get_codes
from token_payments import tasks
from token_payments.bulk import operations as bulk_operations
from token_payments.models import BulkJob, WebhookDelivery, WebhookEndpoint
from token_payments.presenters.once import make_key
from token_payments.webhooks import operations as webhook_operations

LONG = timedelta(days=90)
ANN = "ann@example.com"


def written(site: Site, text: str) -> str:
    """The path of a file with this text."""
    folder = TemporaryDirectory()
    site.addCleanup(folder.cleanup)
    path = Path(folder.name) / "list.csv"
    path.write_text(text)
    return str(path)


def run_command(*arguments: object) -> None:
    call_command("token_payments_bulk", *map(str, arguments), stdout=StringIO())


def leave_to_workers(*arguments: object) -> None:
    """The command finds that nothing is left to do."""
    with mock.patch.object(tasks.work, "work_on", return_value=False):
        run_command(*arguments)


def begin_paying(site: Site, *names: str) -> Any:
    """A job that waits: for the learner, unless others are named."""
    body = {"item_key": COURSE, "wallet": site.wallet.pk, "tokens": 7}
    return site.api(site.manager, "/redemptions/bulk/", {**body, "members": names or ["learner"]})


def with_endpoint(site: Site) -> None:
    """The account has a webhook endpoint."""
    add_endpoint(site)


# --- JOB_BEGUN ------------------------------------------------------------------------------------
def admin_begins_paying(site: Site) -> Act:
    facts = {"account": "Acme", "token_type": site.gold.pk, "item": site.item.pk}
    url, form = admin_url("bulkjob", "redeem"), {**facts, "pasted": "learner"}
    page = site.admin(url, {**form, "idempotency_key": make_key()}, status=200)
    sent = {**dict(page.context["hidden"]), "confirm": "1"}
    return lambda: site.admin(url, sent)


def api_begins_paying(site: Site) -> Act:
    return lambda: begin_paying(site)


def command_begins_paying(site: Site) -> Act:
    facts = ["--wallet", site.wallet.pk, "--item", COURSE, "--tokens", 7, "--by", "manager"]
    path = written(site, "User name\nlearner\n")
    return lambda: leave_to_workers("redeem", *facts, path)


def admin_begins_giving(site: Site) -> Act:
    form = {"order": get_codes(site).number, "pasted": ANN, "confirm": "1"}
    key = make_key()
    return lambda: site.admin(admin_url("bulkjob", "assign"), {**form, "idempotency_key": key})


def api_begins_giving(site: Site) -> Act:
    url = f"/orders/{get_codes(site).pk}/assignments/bulk/"
    return lambda: site.api(site.buyer, url, {"recipients": [{"email": ANN}]})


def command_begins_giving(site: Site) -> Act:
    facts = ["--order", get_codes(site).number, "--by", "buyer"]
    path = written(site, f"{ANN}\n")
    return lambda: leave_to_workers("assign", *facts, path)


def _fail(site: Site) -> BulkJob:
    """A job that is done, and couldn't pay."""
    begin_paying(site, "nobody")
    job = BulkJob.objects.get()
    bulk_operations.run_job(job.pk, clock=timezone.now)
    return job


def admin_tries_again(site: Site) -> Act:
    job = _fail(site)
    return lambda: site.admin(admin_url("bulkjob", "retry", job.pk))


def api_tries_again(site: Site) -> Act:
    job = _fail(site)
    return lambda: site.api(site.manager, f"/jobs/{job.uuid}/retry/")


def command_tries_again(site: Site) -> Act:
    job = _fail(site)
    return lambda: leave_to_workers("retry", job.uuid)


# --- WEBHOOKS_DUE, ENDPOINT_SWITCHED_OFF ----------------------------------------------------------
def add_endpoint(site: Site) -> WebhookEndpoint:
    facts = {"url": "https://hooks.example.com/", "account_id": site.account.pk}
    by = {"actor": site.staff, "now": timezone.now()}
    return webhook_operations.add_endpoint(**facts, **by)


def _deliver(site: Site) -> WebhookDelivery:
    """An event that couldn't be delivered."""
    webhook_operations.send_test(add_endpoint(site).pk, now=timezone.now())
    WebhookDelivery.objects.update(state="failed", next_at=None)
    return WebhookDelivery.objects.get()


def admin_tests(site: Site) -> Act:
    url = admin_url("webhookendpoint", "send_test", add_endpoint(site).pk)
    return lambda: site.admin(url)


def api_tests(site: Site) -> Act:
    url = f"/webhook-endpoints/{add_endpoint(site).pk}/test/"
    return lambda: site.api(site.manager, url)


def admin_redelivers(site: Site) -> Act:
    form = {"action": "redeliver", "_selected_action": [_deliver(site).pk]}
    return lambda: site.admin(admin_url("webhookdelivery", "changelist"), form)


def api_redelivers(site: Site) -> Act:
    delivery = _deliver(site)
    url = f"/webhook-endpoints/{delivery.endpoint_id}/deliveries/{delivery.pk}/redeliver/"
    return lambda: site.api(site.manager, url)


def api_redelivers_failed(site: Site) -> Act:
    url = f"/webhook-endpoints/{_deliver(site).endpoint_id}/redeliver-failed/"
    return lambda: site.api(site.manager, url, {"since": "2026-01-01T00:00:00Z"})


def _fail_for_long(site: Site) -> None:
    """An endpoint that fails for so long that it is switched off, with an event that waits."""
    add_endpoint(site)
    factories.issue_tokens(site.account, site.gold, 1)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - LONG)


def schedule_gives_up(site: Site) -> Act:
    _fail_for_long(site)
    return tasks.webhooks.send_webhooks


def command_gives_up(site: Site) -> Act:
    _fail_for_long(site)
    return lambda: call_command("token_payments_send_webhooks", stdout=StringIO())


DOORS: Doors = {
    "a job is begun": (
        admin_begins_paying,
        api_begins_paying,
        command_begins_paying,
        admin_begins_giving,
        api_begins_giving,
        command_begins_giving,
    ),
    "a job is tried again": (admin_tries_again, api_tries_again, command_tries_again),
    "a webhook is tested": (admin_tests, api_tests),
    "webhooks are sent again": (admin_redelivers, api_redelivers, api_redelivers_failed),
    "an endpoint is given up": (schedule_gives_up, command_gives_up),
}
