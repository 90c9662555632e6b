"""Doors to payments: by code and from wallets, for oneself and for others, given back and left."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from tests import factories
from tests.admin.base import admin_url
from tests.enqueued import unheard
from tests.notifications.doors import COURSE, Act, Door, Doors, Site, given
from tests.notifications.doors_jobs import begin_paying, run_command
from tests.notifications.doors_orders import get_codes
from token_payments import tasks
from token_payments.assignments import operations as assignment_operations
from token_payments.checkout import operations as checkout_operations
from token_payments.checkout import queries as checkout_queries
from token_payments.l10n.dates import end_of_day
from token_payments.models import (
    TOKEN_CODE_METHOD,
    WALLET_METHOD,
    CodeAssignment,
    Redemption,
    Wallet,
)

DAY = timedelta(days=1)


def checkout_page(name: str) -> str:
    return reverse(f"token_payments:{name}", kwargs={"item_key": COURSE})


def make_code(site: Site) -> str:
    return factories.list_codes(get_codes(site))[0]


def pay_by_code(site: Site) -> Redemption:
    return factories.redeem(site.learner, site.item, make_code(site))


def pay_by_wallet(site: Site) -> Redemption:
    return factories.pay(site.learner, site.item, site.wallet)


def pay_before_expiry(site: Site) -> Redemption:
    """With tokens that have expired since."""
    now = timezone.now()
    issued = {"now": now - 10 * DAY, "expires_at": end_of_day((now - 2 * DAY).date())}
    factories.issue_tokens(site.account, site.gold, 7, **issued)
    return factories.pay(site.learner, site.item, site.wallet, now=now - 5 * DAY)


def without_alert(site: Site) -> None:
    """Nobody is to be told when few tokens are left."""
    Wallet.objects.update(low_balance=None)


# --- REDEEMED by code -----------------------------------------------------------------------------
def portal_pays_by_code(site: Site) -> Act:
    return _choose(site, {"method": TOKEN_CODE_METHOD, "token_code-code": make_code(site)})


@unheard
def portal_uses_ones_code(site: Site) -> Act:
    people = [assignment_operations.Recipient(site.learner.email)]
    by = {"actor": site.buyer, "idempotency_key": "1", "now": timezone.now()}
    assignment_operations.assign_codes(get_codes(site).pk, people, **by)
    client, given = site.sign_in(site.learner), CodeAssignment.objects.get()
    client.post(reverse("token_payments:use_code", kwargs={"assignment_id": given.pk}))
    return _finish(site, client)


def api_pays_by_code(site: Site) -> Act:
    body = {"item_key": COURSE, "code": make_code(site)}
    return lambda: site.api(site.learner, "/redemptions/", body)


def api_pays_by_code_for_a_learner(site: Site) -> Act:
    body = {"item_key": COURSE, "code": make_code(site), "learner": "learner"}
    return lambda: site.api(site.staff, "/redemptions/", body)


def python_pays_by_code(site: Site) -> Act:
    reference = checkout_queries.refer_to_text(make_code(site))
    return _redeem(site, TOKEN_CODE_METHOD, reference)


# --- REDEEMED by wallet ---------------------------------------------------------------------------
def portal_pays_by_wallet(site: Site) -> Act:
    return _choose(site, {"method": WALLET_METHOD, "wallet-wallet": site.wallet.pk})


def portal_pays_for_members(site: Site) -> Act:
    page = {"account_id": site.account.pk}
    choose = reverse("token_payments:enrol_members", kwargs=page)
    form = {"price": f"{site.gold.pk}:{site.item.pk}", "person": [site.learner.pk], "names": ""}
    preview = site.portal(site.manager, choose, form, status=200)
    sent: dict[str, list[Any]] = {}
    for name, value in preview.context["hidden"]:
        sent.setdefault(name, []).append(value)
    pay = reverse("token_payments:pay_for_members", kwargs=page)
    return lambda: site.portal(site.manager, pay, sent, status=200)


def api_pays_by_wallet(site: Site) -> Act:
    body = {"item_key": COURSE, "wallet": site.wallet.pk}
    return lambda: site.api(site.learner, "/redemptions/", body)


def api_pays_for_members(site: Site) -> Act:
    body = {"item_key": COURSE, "wallet": site.wallet.pk, "tokens": 7, "members": ["learner"]}
    return lambda: site.api(site.manager, "/redemptions/members/", body)


def worker_pays(site: Site) -> Act:
    begin_paying(site)
    return lambda: site.work("run_bulk_job")


def command_pays(site: Site) -> Act:
    job = begin_paying(site)
    return lambda: run_command("resume", job["id"])


def python_pays_by_wallet(site: Site) -> Act:
    return _redeem(site, WALLET_METHOD, {"wallet": str(site.wallet.pk)})


def _choose(site: Site, form: dict[str, Any]) -> Act:
    client = site.sign_in(site.learner)
    client.post(checkout_page("checkout"), form)
    return _finish(site, client)


def _finish(site: Site, client: Any) -> Act:
    """Select *Finish* on the review."""
    form = {"idempotency_key": client.get(checkout_page("review")).context["idempotency_key"]}

    def finish() -> None:
        answer = client.post(checkout_page("finish"), form)
        site.assertIn("/receipt/", answer.headers.get("Location", ""))

    return finish


def _redeem(site: Site, method: str, reference: Any) -> Act:
    facts = {"learner": site.by(site.learner), "item_key": COURSE, "method": method}
    more = {"reference": reference, "idempotency_key": uuid.uuid4().hex, "now": timezone.now()}
    return lambda: checkout_operations.redeem(**facts, **more)


# --- REVERSED -------------------------------------------------------------------------------------
Pay = Callable[[Site], Redemption]


def after(pay: Pay, *doors: Callable[[Site, Redemption], Act]) -> list[Door]:
    """Doors to what may become of what ``pay`` pays."""

    def open_door(door: Callable[[Site, Redemption], Act]) -> Door:
        def act_after(site: Site) -> Act:
            return door(site, pay(site))

        act_after.__name__ = f"{door.__name__}, after {pay.__name__}"
        return act_after

    return [open_door(door) for door in doors]


def admin_reverses(site: Site, paid: Redemption) -> Act:
    url = admin_url("redemption", "reverse", paid.pk)
    return lambda: site.admin(url, {"reason": "ill"})


def admin_unenrols(site: Site, paid: Redemption) -> Act:
    """What the enrolment's end has decided for us finds the payment reversed."""
    url = admin_url("redemption", "reverse", paid.pk)
    return lambda: site.admin(url, {"reason": "ill", "unenrol": "on"})


def api_reverses(site: Site, paid: Redemption) -> Act:
    return lambda: site.api(site.staff, f"/redemptions/{paid.uuid}/reverse/", {"reason": "ill"})


def python_reverses(site: Site, paid: Redemption) -> Act:
    by = {"actor": site.by(site.staff), "reason": "ill", "now": timezone.now()}
    return lambda: checkout_operations.reverse(paid.pk, **by)


def worker_judges(site: Site, paid: Redemption) -> Act:
    """The learner has left by the dashboard's button."""
    lms_button_unenrols(site, paid)()
    return lambda: site.work("judge_unenrolment")


def sweep_judges(site: Site, paid: Redemption) -> Act:
    """The learner has left, and no event told of it."""
    _leave_unseen(site)
    return tasks.scheduled.sweep_departures


def command_judges(site: Site, paid: Redemption) -> Act:
    _leave_unseen(site)
    return lambda: call_command("token_payments_sweep_departures", stdout=StringIO())


def _leave_unseen(site: Site) -> None:
    site.actor = None
    CourseEnrollment.objects.filter(user=site.learner).update(is_active=False)


# --- LEARNER_LEFT ---------------------------------------------------------------------------------
def lms_button_unenrols(site: Site, paid: Redemption) -> Act:
    client = site.sign_in(site.learner)
    form = {"course_id": COURSE, "enrollment_action": "unenroll"}
    return lambda: site.assertEqual(client.post("/change_enrollment", form).status_code, 200)


def lms_api_unenrols(site: Site, paid: Redemption) -> Act:
    """As staff do it for a learner."""
    client = site.sign_in(site.staff)
    course = {"course_details": {"course_id": COURSE}}
    body = {"user": "learner", "is_active": False, **course}

    def post() -> None:
        url = "/api/enrollment/v1/enrollment"
        answer = client.post(url, body, content_type="application/json")
        site.assertEqual(answer.status_code, 200, answer.content)

    return post


def lms_plugin_unenrols(site: Site, paid: Redemption) -> Act:
    """Without a request, so that nobody knows who does it."""
    site.actor = None
    return lambda: CourseEnrollment.unenroll(site.learner, factories.key(COURSE))


# --- Nothing --------------------------------------------------------------------------------------
def _leave(site: Site) -> None:
    """What the learner gets back isn't decided yet."""
    CourseEnrollment.unenroll(site.learner, factories.key(COURSE))


def portal_enrols_again(site: Site, paid: Redemption) -> Act:
    _leave(site)
    return lambda: site.portal(site.learner, checkout_page("enrol_again"))


def admin_enrols_again(site: Site, paid: Redemption) -> Act:
    CourseEnrollment.objects.all().delete()
    url = admin_url("redemption", "enrol_again", paid.pk)
    return lambda: site.admin(url, {"reason": "gone"})


def lms_gate_refuses(site: Site) -> Act:
    """The learner hasn't paid."""
    client = site.sign_in(site.learner)
    form = {"course_id": COURSE, "enrollment_action": "enroll"}

    def enrol() -> None:
        client.post("/change_enrollment", form)
        site.assertFalse(CourseEnrollment.objects.filter(is_active=True).exists())

    return enrol


REVERSING = (
    admin_reverses,
    admin_unenrols,
    api_reverses,
    python_reverses,
    worker_judges,
    sweep_judges,
    command_judges,
)
DOORS: Doors = {
    "a code pays": (
        portal_pays_by_code,
        portal_uses_ones_code,
        api_pays_by_code,
        api_pays_by_code_for_a_learner,
        python_pays_by_code,
    ),
    "a wallet pays": (
        portal_pays_by_wallet,
        portal_pays_for_members,
        api_pays_by_wallet,
        api_pays_for_members,
        worker_pays,
        command_pays,
        python_pays_by_wallet,
    ),
    "a wallet without an alert pays": (
        given(without_alert, portal_pays_by_wallet),
        given(without_alert, api_pays_by_wallet),
    ),
    "a payment by code is reversed": after(pay_by_code, *REVERSING),
    "a payment by wallet is reversed": after(pay_by_wallet, *REVERSING),
    "expired tokens are given back": after(pay_before_expiry, admin_reverses, worker_judges),
    "a learner leaves": after(
        pay_by_code, lms_button_unenrols, lms_api_unenrols, lms_plugin_unenrols
    ),
    "who has paid is enrolled again": after(pay_by_code, portal_enrols_again, admin_enrols_again),
    "the gate refuses": (lms_gate_refuses,),
}
