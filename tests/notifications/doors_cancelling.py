"""Doors to what ends orders, or parts of them: declined, withdrawn, cancelled, asked for."""

from __future__ import annotations

import uuid
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from tests.notifications.doors import Act, Doors, Site
from tests.notifications.doors_orders import (
    get_codes,
    get_tokens,
    order_page,
    portal_page,
    request_codes,
)
from token_payments.assignments import operations as assignment_operations
from token_payments.models import CancellationRequest, TokenOrder
from token_payments.presenters.once import make_key


def ask(site: Site) -> CancellationRequest:
    """The buyer asks for one of three codes to be cancelled."""
    key, now = uuid.uuid4().hex, timezone.now()
    wish = {"quantity": 1, "reason": "left", "actor": site.buyer}
    order = get_codes(site)
    return assignment_operations.request_cancellation(
        order.pk, **wish, idempotency_key=key, now=now
    )


# --- ORDER_DECLINED, ORDER_WITHDRAWN, ORDER_CANCELLED ---------------------------------------------
def admin_declines(site: Site) -> Act:
    url = order_page(request_codes(site), "decline")
    return lambda: site.admin(url, {"reason": "No"})


def api_declines(site: Site) -> Act:
    order = request_codes(site)
    return lambda: site.api(site.staff, f"/orders/{order.pk}/decline/", {"reason": "No"})


def portal_withdraws(site: Site) -> Act:
    url = portal_page(request_codes(site), "order_cancel")
    return lambda: site.portal(site.buyer, url, {"act": "withdraw_order"})


def api_withdraws(site: Site) -> Act:
    order = request_codes(site)
    return lambda: site.api(site.buyer, f"/orders/{order.pk}/withdraw/")


def admin_cancels_codes(site: Site) -> Act:
    url = order_page(get_codes(site), "cancel")
    return lambda: site.admin(url, {"refund_amount": "0"})


def api_cancels_codes(site: Site) -> Act:
    order = get_codes(site)
    return lambda: site.api(site.staff, f"/orders/{order.pk}/cancel/", {})


def admin_cancels_tokens(site: Site) -> Act:
    url = order_page(get_tokens(site), "cancel")
    return lambda: site.admin(url, {"refund_amount": "0"})


def api_cancels_tokens(site: Site) -> Act:
    order = get_tokens(site)
    return lambda: site.api(site.staff, f"/orders/{order.pk}/cancel/", {})


def lms_retires_the_buyer(site: Site) -> Act:
    request_codes(site)
    who = {"username": "buyer", "user_email": "buyer@example.com"}
    return lambda: call_command("retire_user", **who, now=True)


def command_forgets_the_buyer(site: Site) -> Act:
    request_codes(site)
    arguments = ("--user", "buyer", "--yes")
    return lambda: call_command("token_payments_forget", *arguments, stdout=StringIO())


# --- CODES_CANCELLED, TOKENS_CANCELLED ------------------------------------------------------------
def admin_cancels_one_code(site: Site) -> Act:
    return _admin_cancels_one(site, get_codes(site))


def admin_cancels_one_token(site: Site) -> Act:
    return _admin_cancels_one(site, get_tokens(site))


def _admin_cancels_one(site: Site, order: TokenOrder) -> Act:
    form = {"refund_amount": "0", "quantity": 1, "idempotency_key": make_key()}
    return lambda: site.admin(order_page(order, "cancel_tokens"), form)


def portal_cancels_one_code(site: Site) -> Act:
    return _portal_cancels_one(site, site.buyer, get_codes(site))


def portal_cancels_one_token(site: Site) -> Act:
    return _portal_cancels_one(site, site.manager, get_tokens(site))


def _portal_cancels_one(site: Site, user: Any, order: TokenOrder) -> Act:
    form = {"act": "cancel", "idempotency_key": make_key(), "quantity": 1, "reason": "left"}
    return lambda: site.portal(user, portal_page(order, "order_cancel"), form)


def api_cancels_one_code(site: Site) -> Act:
    return _api_cancels_one(site, site.staff, get_codes(site))


def api_cancels_ones_own_code(site: Site) -> Act:
    return _api_cancels_one(site, site.buyer, get_codes(site))


def api_cancels_one_token(site: Site) -> Act:
    return _api_cancels_one(site, site.staff, get_tokens(site))


def api_cancels_ones_own_token(site: Site) -> Act:
    return _api_cancels_one(site, site.manager, get_tokens(site))


def _api_cancels_one(site: Site, user: Any, order: TokenOrder) -> Act:
    return lambda: site.api(user, f"/orders/{order.pk}/cancel-tokens/", {"quantity": 1})


# --- CANCELLATION_REQUESTED, CANCELLATION_ANSWERED ------------------------------------------------
def portal_asks(site: Site) -> Act:
    form = {"act": "request", "idempotency_key": make_key(), "quantity": 1, "reason": "left"}
    url = portal_page(get_codes(site), "order_cancel")
    return lambda: site.portal(site.buyer, url, form)


def api_asks(site: Site) -> Act:
    url = f"/orders/{get_codes(site).pk}/cancellation-requests/"
    return lambda: site.api(site.buyer, url, {"quantity": 1, "reason": "left"})


def admin_grants(site: Site) -> Act:
    wish = ask(site)
    form = {"refund_amount": "0", "asked": wish.pk}
    return lambda: site.admin(order_page(wish.order, "grant_cancellation"), form)


def api_grants(site: Site) -> Act:
    return _api_answers(site, site.staff, "grant", {})


def python_grants(site: Site) -> Act:
    wish = ask(site)
    by = {"refund_amount": Decimal(0), "actor": site.by(site.staff), "now": timezone.now()}
    return lambda: assignment_operations.grant_cancellation(wish.pk, **by)


def admin_refuses(site: Site) -> Act:
    wish = ask(site)
    form = {"answer": "No", "asked": wish.pk}
    return lambda: site.admin(order_page(wish.order, "decline_cancellation"), form)


def api_refuses(site: Site) -> Act:
    return _api_answers(site, site.staff, "decline", {"answer": "No"})


def portal_no_longer_asks(site: Site) -> Act:
    wish = ask(site)
    form = {"act": "withdraw", "request": wish.pk}
    return lambda: site.portal(site.buyer, portal_page(wish.order, "order_cancel"), form)


def api_no_longer_asks(site: Site) -> Act:
    return _api_answers(site, site.buyer, "withdraw", None)


def _api_answers(site: Site, user: Any, how: str, body: Any) -> Act:
    wish = ask(site)
    url = f"/orders/{wish.order_id}/cancellation-requests/{wish.pk}/{how}/"
    return lambda: site.api(user, url, body)


DOORS: Doors = {
    "an order is declined": (admin_declines, api_declines),
    "an order is withdrawn": (portal_withdraws, api_withdraws),
    "an order of codes is cancelled": (admin_cancels_codes, api_cancels_codes),
    "an order of tokens is cancelled": (admin_cancels_tokens, api_cancels_tokens),
    "the buyer of an order is retired": (lms_retires_the_buyer, command_forgets_the_buyer),
    "a code is cancelled": (
        admin_cancels_one_code,
        portal_cancels_one_code,
        api_cancels_one_code,
        api_cancels_ones_own_code,
    ),
    "an ordered token is cancelled": (
        admin_cancels_one_token,
        portal_cancels_one_token,
        api_cancels_one_token,
        api_cancels_ones_own_token,
    ),
    "a cancellation is requested": (portal_asks, api_asks),
    "a cancellation is granted": (admin_grants, api_grants, python_grants),
    "a cancellation is refused": (admin_refuses, api_refuses),
    "a cancellation is no longer wanted": (portal_no_longer_asks, api_no_longer_asks),
}
