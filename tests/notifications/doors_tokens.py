"""Doors to wallets: tokens raised, corrected, transferred, extended and expired, and alerts."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from io import StringIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.admin.base import admin_url
from tests.notifications.doors import Act, Doors, Site, given
from tests.notifications.doors_jobs import with_endpoint, written
from token_payments import tasks
from token_payments.l10n.dates import end_of_day
from token_payments.models import Wallet
from token_payments.presenters.once import make_key
from token_payments.wallets import operations as wallet_operations

ISSUES = "reference,account,token_type,quantity\nL-1,Acme,Gold,5\n"
LAST_DAY = date(2099, 12, 31)
DAY = timedelta(days=1)
FEW, MANY = 5, 50  # 20 are there
EXPIRY_CHECK = "unrecorded_expiry"


def by_staff(site: Site) -> dict[str, Any]:
    key = uuid.uuid4().hex
    who = {"actor": site.by(site.staff), "reason": "x"}
    return {"idempotency_key": key, "now": timezone.now(), **who}


# --- TOKENS_ISSUED --------------------------------------------------------------------------------
def admin_raises(site: Site) -> Act:
    form = {"account": "Acme", "token_type": site.gold.pk, "quantity": 5}
    url = admin_url("tokenissue", "add")
    return lambda: site.admin(url, {**form, "idempotency_key": make_key()})


def api_raises(site: Site) -> Act:
    body = {"account": site.account.pk, "token_type": site.gold.pk, "quantity": 5}
    return lambda: site.api(site.staff, "/issues/", body)


def admin_loads(site: Site) -> Act:
    file = SimpleUploadedFile("file.csv", ISSUES.encode())
    form = {"file": file, "mode": "each", "confirm": "1"}
    return lambda: site.admin(admin_url("tokenissue", "load"), form, status=200)


def command_loads(site: Site) -> Act:
    path = written(site, ISSUES)
    site.by(site.staff)
    arguments = ("issues", path, "--as", "staff")
    return lambda: call_command("token_payments_load", *arguments, stdout=StringIO())


def python_raises(site: Site) -> Act:
    facts = {"account": site.account, "token_type": site.gold, "quantity": 5}
    by = by_staff(site)
    return lambda: wallet_operations.raise_issue(**facts, **by)


# --- TOKENS_ADJUSTED, BALANCE_LOWERED -------------------------------------------------------------
def admin_adds(site: Site) -> Act:
    return _admin_adjusts(site, "up")


def admin_takes(site: Site) -> Act:
    return _admin_adjusts(site, "down")


def _admin_adjusts(site: Site, direction: str) -> Act:
    form = {"direction": direction, "quantity": 1, "reason": "x", "idempotency_key": make_key()}
    return lambda: site.admin(admin_url("tokenissue", "adjust", site.issue.pk), form)


def api_adds(site: Site) -> Act:
    return _api_adjusts(site, 1)


def api_takes(site: Site) -> Act:
    return _api_adjusts(site, -1)


def _api_adjusts(site: Site, amount: int) -> Act:
    body = {"amount": amount, "reason": "x"}
    return lambda: site.api(site.staff, f"/issues/{site.issue.pk}/adjust/", body)


def python_takes(site: Site) -> Act:
    by = by_staff(site)
    return lambda: wallet_operations.adjust_issue(site.issue.pk, -1, **by)


# --- TOKENS_TRANSFERRED, TOKENS_ISSUED, BALANCE_LOWERED -------------------------------------------
def admin_transfers(site: Site) -> Act:
    form = {"wallet": site.wallet.pk, "account": "Beta", "quantity": 5, "reason": "x"}
    form |= {"idempotency_key": make_key(), "confirm": "1"}
    return lambda: site.admin(admin_url("tokenissue", "transfer"), form)


def portal_transfers(site: Site) -> Act:
    page = {"account_id": site.account.pk, "type_id": site.gold.pk}
    form = {"account": site.other.pk, "quantity": 5, "reason": "x", "confirm": "1"}
    form |= {"idempotency_key": make_key(), "issue": ""}
    url = reverse("token_payments:transfer_tokens", kwargs=page)
    return lambda: site.portal(site.manager, url, form)


def api_transfers(site: Site) -> Act:
    return _api_transfers(site, site.staff)


def api_transfers_as_manager(site: Site) -> Act:
    return _api_transfers(site, site.manager)


def _api_transfers(site: Site, user: Any) -> Act:
    body = {"account": site.other.pk, "quantity": 5, "reason": "x"}
    return lambda: site.api(user, f"/wallets/{site.wallet.pk}/transfer/", body)


def python_transfers(site: Site) -> Act:
    wanted = wallet_operations.WantedTransfer(site.wallet, site.other, 5)
    by = by_staff(site)
    return lambda: wallet_operations.transfer_tokens(wanted, **by)


# --- TOKENS_EXTENDED, EXPIRIES_RECORDED -----------------------------------------------------------
def admin_extends(site: Site) -> Act:
    form = {"issues": site.issue.pk, "expires_at": LAST_DAY.isoformat(), "reason": "x"}
    form |= {"idempotency_key": make_key()}
    return lambda: site.admin(admin_url("tokenissue", "extend"), form, status=200)


def api_extends(site: Site) -> Act:
    body = {"expires_at": end_of_day(LAST_DAY).isoformat(), "reason": "x"}
    return lambda: site.api(site.staff, f"/issues/{site.issue.pk}/extend/", body)


def python_extends(site: Site) -> Act:
    by = by_staff(site)
    until = end_of_day(LAST_DAY)
    return lambda: wallet_operations.extend_expiry(site.issue.pk, until, **by)


def _expire(site: Site) -> None:
    now = timezone.now()
    issued = {"now": now - 9 * DAY, "expires_at": end_of_day((now - 2 * DAY).date())}
    factories.issue_tokens(site.account, site.gold, 3, **issued)
    site.actor = None


def schedule_records_expiry(site: Site) -> Act:
    _expire(site)
    return tasks.scheduled.expire_issues


def doctor_records_expiry(site: Site) -> Act:
    _expire(site)
    arguments = ("--check", EXPIRY_CHECK, "--repair", "--yes")
    return lambda: call_command("token_payments_doctor", *arguments, stdout=StringIO())


def command_records_expiry(site: Site) -> Act:
    _expire(site)
    return lambda: call_command("token_payments_expire", stdout=StringIO())


# --- ALERT_CHANGED, LOW_EPISODE_BEGUN -------------------------------------------------------------
def admin_sets_alert(site: Site, threshold: int = FEW) -> Act:
    url = admin_url("account", "alerts", site.account.pk)
    form = {"wallet": site.wallet.pk, "threshold": threshold, "addresses": ""}
    return lambda: site.admin(url, form)


def portal_sets_alert(site: Site, threshold: int = FEW) -> Act:
    page = {"account_id": site.account.pk, "type_id": site.gold.pk}
    url = reverse("token_payments:alert", kwargs=page)
    form = {"threshold": threshold, "addresses": ""}
    return lambda: site.portal(site.manager, url, form)


def admin_sets_high_alert(site: Site) -> Act:
    return admin_sets_alert(site, MANY)


def portal_sets_high_alert(site: Site) -> Act:
    return portal_sets_alert(site, MANY)


def worker_finds_it_low(site: Site) -> Act:
    Wallet.objects.filter(pk=site.wallet.pk).update(low_balance=MANY)
    return lambda: tasks.work.check_low_balance(wallet_id=site.wallet.pk)


def schedule_finds_it_low(site: Site) -> Act:
    Wallet.objects.filter(pk=site.wallet.pk).update(low_balance=MANY)
    return tasks.scheduled.sweep_low_balances


def command_finds_it_low(site: Site) -> Act:
    Wallet.objects.filter(pk=site.wallet.pk).update(low_balance=MANY)
    return lambda: call_command("token_payments_low_balances", stdout=StringIO())


DOORS: Doors = {
    "tokens are issued": (
        admin_raises,
        api_raises,
        admin_loads,
        command_loads,
        python_raises,
    ),
    "tokens are added": (admin_adds, api_adds),
    "tokens are taken away": (admin_takes, api_takes, python_takes),
    "tokens are transferred": (
        admin_transfers,
        portal_transfers,
        api_transfers,
        api_transfers_as_manager,
        python_transfers,
    ),
    "tokens expire later": (admin_extends, api_extends, python_extends),
    "tokens have expired": (
        schedule_records_expiry,
        command_records_expiry,
        doctor_records_expiry,
    ),
    "an alert is set": (admin_sets_alert, portal_sets_alert),
    "an alert is set above the balance": (admin_sets_high_alert, portal_sets_high_alert),
    "few tokens are found": (worker_finds_it_low, schedule_finds_it_low, command_finds_it_low),
    "a webhook is told": (given(with_endpoint, admin_raises), given(with_endpoint, api_raises)),
}
