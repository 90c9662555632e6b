"""Leaving the platform: codes, delegations and memberships that end then."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from token_payments.assignments.giving import revoke
from token_payments.assignments.handing_back import release
from token_payments.assignments.models import OrderDelegate
from token_payments.errors import ConfigurationError, InvalidTransition
from token_payments.orders.cancellations import cancel_order
from token_payments.orders.log import add_log_entry
from token_payments.orders.models import CodeStatus, OrderStatus, TokenOrder, TokenOrderAction
from token_payments.orders.placing import lock_order
from token_payments.privacy.subject import REMOVED, Subject, list_assigned
from token_payments.wallets.accounts import end_memberships


def take_leave(subject: Subject, *, now: datetime) -> int:
    """End all of it, in the caller's transaction; returns how many unused codes went back."""
    codes = _return_codes(subject, now)
    if subject.user_id is not None:
        _stop_helping(subject.user_id, now)
        end_memberships(subject.user_id)
        _withdraw_orders(subject.user_id, now)
    return codes


def _return_codes(subject: Subject, now: datetime) -> int:
    """The old code dies, and its buyer gets a new one; if that fails, the code is unassigned."""
    returned = 0
    for assignment in list_assigned(subject.addresses):
        lock_order(assignment.code.order_id)
        assignment.refresh_from_db(fields=["live"])
        if not assignment.live or assignment.code.status != CodeStatus.AVAILABLE:
            continue
        with suppress(InvalidTransition):  # redeemed or cancelled at this moment
            try:
                revoke(assignment.pk, actor=None, now=now)
            except ConfigurationError:  # without the operator's key the old one is dead as well
                release(assignment.code, now=now)
            returned += 1
    return returned


def _stop_helping(user_id: int, now: datetime) -> None:
    for delegate in OrderDelegate.objects.filter(user=user_id).select_related("order"):
        delegate.delete()
        action = TokenOrderAction.DELEGATE_REMOVED
        add_log_entry(delegate.order, action, actor=None, now=now, detail=REMOVED)


def _withdraw_orders(user_id: int, now: datetime) -> None:
    """Orders that were not processed yet, and that no account looks after."""
    orders = TokenOrder.objects.filter(buyer=user_id, account=None, status=OrderStatus.REQUESTED)
    for pk in list(orders.values_list("pk", flat=True)):
        cancel_order(pk, actor=None, now=now)
