"""Doors to orders: requested and processed, their helpers and the mails with their codes."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.admin.base import admin_url
from tests.enqueued import unheard
from tests.notifications.doors import BILLING, COURSE, Act, Doors, Site
from token_payments.assignments import operations as assignment_operations
from token_payments.models import OrderKind, PendingTask, TokenOrder
from token_payments.orders import operations as order_operations
from token_payments.presenters.once import make_key

REQUEST = "/token-payments/tokens/orders/request/"
LATER = timedelta(minutes=3)


def order_page(order: TokenOrder, page: str) -> str:
    return admin_url("tokenorder", page, order.pk)


def portal_page(order: TokenOrder, name: str, **ids: int) -> str:
    return reverse(f"token_payments:{name}", kwargs={"order_id": order.pk, **ids})


def request_codes(site: Site) -> TokenOrder:
    return factories.make_order(site.item, buyer=site.buyer)


def request_tokens(site: Site) -> TokenOrder:
    return factories.make_wallet_order(site.account, site.gold, buyer=site.manager)


def get_codes(site: Site) -> TokenOrder:
    return factories.make_processed_order(site.item, buyer=site.buyer)


def get_tokens(site: Site) -> TokenOrder:
    order = request_tokens(site)
    order_operations.start_processing(order.pk, actor=site.staff, now=timezone.now())
    return order


# --- ORDER_REQUESTED ------------------------------------------------------------------------------
def admin_adds_codes(site: Site) -> Act:
    form = {"buyer": "buyer", "item": site.item.pk, "quantity": "3", **factories.ADDRESS}
    return lambda: site.admin(admin_url("tokenorder", "add"), form)


def portal_requests_codes(site: Site) -> Act:
    return _review(site, site.buyer, kind="codes", item=site.item.pk, quantity="3")


def api_requests_codes(site: Site) -> Act:
    body = {"kind": "codes", "item_key": COURSE, "quantity": 3, "billing": BILLING}
    return lambda: site.api(site.buyer, "/orders/", body)


def api_requests_codes_for_a_buyer(site: Site) -> Act:
    body = {"kind": "codes", "item_key": COURSE, "quantity": 3, "billing": BILLING}
    return lambda: site.api(site.staff, "/orders/", {**body, "buyer": "buyer"})


def python_requests_codes(site: Site) -> Act:
    order = TokenOrder(item=site.item, buyer=site.buyer, quantity=3, **factories.ADDRESS)
    by = {"actor": site.by(site.buyer), "now": timezone.now()}
    return lambda: order_operations.request_order(order, **by)


def admin_adds_tokens(site: Site) -> Act:
    form = {"buyer": "manager", "account": "Acme", "token_type": site.gold.pk, "quantity": "10"}
    url = f"{admin_url('tokenorder', 'add')}?kind=wallet"
    return lambda: site.admin(url, {**form, **factories.ADDRESS})


def portal_requests_tokens(site: Site) -> Act:
    chosen = {"wallet_account": site.account.pk, "token_type": site.gold.pk}
    return _review(site, site.manager, kind=OrderKind.WALLET, quantity="10", **chosen)


def api_requests_tokens(site: Site) -> Act:
    wanted = {"account": site.account.pk, "token_type": site.gold.pk, "quantity": 10}
    body = {"kind": OrderKind.WALLET, "billing": BILLING, **wanted}
    return lambda: site.api(site.manager, "/orders/", body)


def _review(site: Site, user: Any, **form: Any) -> Act:
    """What the page with the price sends, once it is agreed to."""
    client = site.sign_in(user)
    key = client.get(REQUEST).context["form"]["idempotency_key"].value()
    page = client.post(REQUEST, {"idempotency_key": key, **factories.ADDRESS, **form})
    sent = dict(page.context["hidden"])
    return lambda: site.portal(user, REQUEST, sent)


# --- CODES_WANTED, ORDER_PROCESSED, TOKENS_ISSUED -------------------------------------------------
def admin_processes_codes(site: Site) -> Act:
    url = order_page(request_codes(site), "finish_processing")
    return lambda: site.admin(url)


def admin_resumes_codes(site: Site) -> Act:
    order = request_codes(site)
    order_operations.start_processing(order.pk, actor=site.staff, now=timezone.now())
    return lambda: site.admin(order_page(order, "resume"))


def api_processes_codes(site: Site) -> Act:
    order = request_codes(site)
    return lambda: site.api(site.staff, f"/orders/{order.pk}/process/")


def api_resumes_codes(site: Site) -> Act:
    api_processes_codes(site)()
    return lambda: site.api(site.staff, f"/orders/{TokenOrder.objects.get().pk}/process/")


def python_processes_codes(site: Site) -> Act:
    order, by = request_codes(site), {"actor": site.by(site.staff), "now": timezone.now()}
    return lambda: order_operations.start_processing(order.pk, **by)


def worker_makes_codes_for_admin(site: Site) -> Act:
    admin_processes_codes(site)()
    return lambda: _make(site)


def worker_makes_codes_for_api(site: Site) -> Act:
    api_processes_codes(site)()
    return lambda: _make(site)


def command_makes_codes(site: Site) -> Act:
    """No broker took the task."""
    api_processes_codes(site)()
    PendingTask.objects.update(created_at=timezone.now() - LATER)
    site.actor = None
    return lambda: call_command("token_payments_resume_pending", stdout=StringIO())


def python_makes_codes(site: Site) -> Act:
    api_processes_codes(site)()
    order, site.actor = TokenOrder.objects.get(), None
    return lambda: order_operations.generate(order.pk, clock=timezone.now)


def _make(site: Site) -> None:
    site.actor = None
    site.work("process_order")


def admin_processes_tokens(site: Site) -> Act:
    url = order_page(request_tokens(site), "finish_processing")
    return lambda: site.admin(url)


def api_processes_tokens(site: Site) -> Act:
    order = request_tokens(site)
    return lambda: site.api(site.staff, f"/orders/{order.pk}/process/")


def python_processes_tokens(site: Site) -> Act:
    order, by = request_tokens(site), {"actor": site.by(site.staff), "now": timezone.now()}
    return lambda: order_operations.start_processing(order.pk, **by)


# --- DELEGATE_ADDED, CODES_MAIL_WANTED ------------------------------------------------------------
def admin_names_a_helper(site: Site) -> Act:
    url = order_page(get_codes(site), "helpers")
    return lambda: site.admin(url, {"action": "add", "user": "helper"})


def portal_names_a_helper(site: Site) -> Act:
    url = portal_page(get_codes(site), "order_people")
    return lambda: site.portal(site.buyer, url, {"who": "helper"})


def python_names_a_helper(site: Site) -> Act:
    order, by = get_codes(site), {"actor": site.by(site.buyer), "now": timezone.now()}
    return lambda: assignment_operations.add_delegate(order, site.helper, **by)


def admin_mails_codes(site: Site) -> Act:
    url = order_page(get_codes(site), "email_tokens")
    return lambda: site.admin(url)


def portal_mails_codes(site: Site) -> Act:
    url = portal_page(get_codes(site), "order_tokens_mail")
    return lambda: site.portal(site.buyer, url, {"idempotency_key": make_key()})


def helper_mails_codes(site: Site) -> Act:
    order = get_codes(site)
    by = {"actor": site.buyer, "now": timezone.now()}
    unheard(assignment_operations.add_delegate)(order, site.helper, **by)
    url = portal_page(order, "order_tokens_mail")
    return lambda: site.portal(site.helper, url, {"idempotency_key": make_key()})


DOORS: Doors = {
    "codes are requested": (
        portal_requests_codes,
        api_requests_codes,
        python_requests_codes,
    ),
    "codes are ordered for a buyer": (admin_adds_codes, api_requests_codes_for_a_buyer),
    "wallet tokens are requested": (
        portal_requests_tokens,
        api_requests_tokens,
    ),
    "wallet tokens are ordered for a buyer": (admin_adds_tokens,),
    "codes are wanted": (
        admin_processes_codes,
        admin_resumes_codes,
        api_processes_codes,
        api_resumes_codes,
        python_processes_codes,
    ),
    "codes are made": (
        worker_makes_codes_for_admin,
        worker_makes_codes_for_api,
        command_makes_codes,
        python_makes_codes,
    ),
    "ordered tokens are issued": (
        admin_processes_tokens,
        api_processes_tokens,
        python_processes_tokens,
    ),
    "a helper is named": (admin_names_a_helper, portal_names_a_helper, python_names_a_helper),
    "codes are mailed to the buyer": (admin_mails_codes,),
    "a buyer is mailed the codes": (portal_mails_codes,),
    "a helper is mailed the codes": (helper_mails_codes,),
}
