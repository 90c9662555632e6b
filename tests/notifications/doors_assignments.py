"""Doors to whose a code is: given, given to somebody else, reminded of and mailed again."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.admin.base import admin_url
from tests.enqueued import unheard
from tests.notifications.doors import Act, Doors, Site
from tests.notifications.doors_jobs import run_command
from tests.notifications.doors_orders import get_codes, portal_page
from token_payments.assignments import operations as assignment_operations
from token_payments.models import CodeAssignment
from token_payments.presenters.once import make_key

ANN, BEN = "ann@example.com", "ben@example.com"
SENT = timedelta(days=2)  # ago


@unheard
def assign(site: Site) -> CodeAssignment:
    """Ann has a code; her mail waits."""
    assignment_operations.assign_codes(get_codes(site).pk, **_given_to(site, ANN))
    return CodeAssignment.objects.select_related("batch__order").get()


def send(site: Site) -> CodeAssignment:
    """Her mail was sent two days ago."""
    assignment = assign(site)
    for step in (assignment_operations.claim_mail, assignment_operations.confirm_mail):
        step(assignment.pk, now=timezone.now() - SENT)
    return assignment


def fail(site: Site) -> CodeAssignment:
    """Her mail couldn't be sent."""
    assignment = assign(site)
    assignment_operations.claim_mail(assignment.pk, now=timezone.now())
    assignment_operations.fail_mail(assignment.pk, error="Mailbox full")
    return assignment


def _given_to(site: Site, email: str) -> dict[str, Any]:
    by = {"actor": site.by(site.buyer), "now": timezone.now()}
    people = [assignment_operations.Recipient(email)]
    return {"recipients": people, "idempotency_key": uuid.uuid4().hex, **by}


# --- CODES_ASSIGNED, MAILS_WAIT -------------------------------------------------------------------
def portal_gives(site: Site) -> Act:
    order = get_codes(site)
    page = site.portal(site.buyer, portal_page(order, "give_tokens"), {"email": ANN}, status=200)
    sent = {"is_open": page.context["is_open"], "idempotency_key": make_key()}
    form = {"rows": page.context["packed"], **sent}
    return lambda: site.portal(site.buyer, portal_page(order, "confirm_tokens"), form)


def api_gives(site: Site) -> Act:
    url = f"/orders/{get_codes(site).pk}/assignments/"
    return lambda: site.api(site.buyer, url, {"recipients": [{"email": ANN}]})


def python_gives(site: Site) -> Act:
    order, given = get_codes(site), _given_to(site, ANN)
    return lambda: assignment_operations.assign_codes(order.pk, **given)


def worker_gives_for_api(site: Site) -> Act:
    url = f"/orders/{get_codes(site).pk}/assignments/bulk/"
    site.api(site.buyer, url, {"recipients": [{"email": ANN}]})
    return lambda: site.work("run_bulk_job")


def worker_gives_for_admin(site: Site) -> Act:
    form = {"order": get_codes(site).number, "pasted": ANN, "confirm": "1"}
    site.admin(admin_url("bulkjob", "assign"), {**form, "idempotency_key": make_key()})
    return lambda: site.work("run_bulk_job")


def command_gives(site: Site) -> Act:
    url = f"/orders/{get_codes(site).pk}/assignments/bulk/"
    job = site.api(site.buyer, url, {"recipients": [{"email": ANN}]})
    return lambda: run_command("resume", job["id"])


def portal_gives_to_another(site: Site) -> Act:
    given = assign(site)
    url = portal_page(given.batch.order, "reassign_token", assignment_id=given.pk)
    return lambda: site.portal(site.buyer, url, {"email": BEN, "idempotency_key": make_key()})


def api_gives_to_another(site: Site) -> Act:
    return _api_changes(site, assign(site), "reassign", {"email": BEN})


def python_gives_to_another(site: Site) -> Act:
    given, to = assign(site), _given_to(site, BEN)
    [recipient] = to.pop("recipients")
    return lambda: assignment_operations.reassign(given.pk, recipient, **to)


# --- MAILS_WAIT -----------------------------------------------------------------------------------
def portal_reminds(site: Site) -> Act:
    url = portal_page(send(site).batch.order, "remind_learners")
    return lambda: site.portal(site.buyer, url)


def api_reminds_all(site: Site) -> Act:
    url = f"/orders/{send(site).batch.order_id}/assignments/remind/"
    return lambda: site.api(site.buyer, url)


def api_reminds_one(site: Site) -> Act:
    return _api_changes(site, send(site), "remind", None)


def portal_sends_again(site: Site) -> Act:
    given = fail(site)
    url = portal_page(given.batch.order, "send_mail_again", assignment_id=given.pk)
    return lambda: site.portal(site.buyer, url)


def portal_sends_all_again(site: Site) -> Act:
    given = fail(site)
    url = portal_page(given.batch.order, "send_batch_again", batch_id=given.batch_id)
    return lambda: site.portal(site.buyer, url)


def api_sends_again(site: Site) -> Act:
    return _api_changes(site, fail(site), "send-again", None)


def portal_takes_back(site: Site) -> Act:
    given = assign(site)
    url = portal_page(given.batch.order, "take_token_back", assignment_id=given.pk)
    return lambda: site.portal(site.buyer, url)


def api_takes_back(site: Site) -> Act:
    return _api_changes(site, assign(site), "revoke", None)


def _api_changes(site: Site, given: CodeAssignment, how: str, body: Any) -> Act:
    url = f"/orders/{given.batch.order_id}/assignments/{given.pk}/{how}/"
    return lambda: site.api(site.buyer, url, body)


DOORS: Doors = {
    "codes are assigned": (
        portal_gives,
        api_gives,
        python_gives,
        worker_gives_for_api,
        worker_gives_for_admin,
        command_gives,
    ),
    "a code is reassigned": (
        portal_gives_to_another,
        api_gives_to_another,
        python_gives_to_another,
    ),
    "learners are reminded": (portal_reminds, api_reminds_all, api_reminds_one),
    "mails are sent again": (portal_sends_again, portal_sends_all_again, api_sends_again),
    "a code is taken back": (portal_takes_back, api_takes_back),
}
